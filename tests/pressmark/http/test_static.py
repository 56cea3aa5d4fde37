from __future__ import annotations

import asyncio
import re
from base64 import b64encode
from hashlib import sha256

import pytest

from pressmark.http.problems import Refused
from pressmark.http.render import policy
from pressmark.http.static import EDITION, STYLE, edition_of, static


def test_a_file_of_this_edition_is_cached_for_good_and_one_of_another_is_requested_again() -> None:
    now, other = (asyncio.run(static(edition, "keys.js")) for edition in (EDITION, "0123456789ab"))

    assert "immutable" in now.headers["Cache-Control"]
    assert other.headers["Cache-Control"] == "no-cache"
    assert now.body == other.body != b""
    assert now.headers["Content-Type"] == "text/javascript; charset=utf-8"


@pytest.mark.parametrize("name", ["nothing.js", "..", "../static.py", ""])
def test_a_file_that_no_page_uses_is_not_found(name: str) -> None:
    with pytest.raises(Refused):
        asyncio.run(static(EDITION, name))


def test_any_change_of_any_file_changes_the_edition() -> None:
    files = {"a.js": b"1", "b.js": b"2"}

    assert edition_of(files) == edition_of(dict(reversed(files.items())))
    assert (
        len({edition_of(one) for one in (files, {**files, "b.js": b"3"}, {"a.js": b"1"}, {**files, "c.js": b""})}) == 4
    )


def test_the_style_of_our_pages_requests_nothing_and_is_all_that_their_policy_allows() -> None:
    allowed = b64encode(sha256(STYLE.encode()).digest()).decode()

    assert f"style-src 'sha256-{allowed}';" in policy()
    assert re.search(r"@import|url\(|<", STYLE) is None
