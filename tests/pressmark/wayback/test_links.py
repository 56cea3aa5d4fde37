"""Links that archive clients parse in their own ways."""

from __future__ import annotations

import pytest

from archive.values.urlkey import urlkey
from pressmark.http.link_header import related

URL = "http://news.example/a;v=1,2?x=3;4"


@pytest.mark.parametrize("url", [URL, "http://news.example/plain?x=1"])
def test_no_target_contains_the_separators_of_targets(url: str) -> None:
    """pywb splits the header on commas and semicolons, whatever the brackets say."""
    for link in related("http://localhost:8600", "all", url):
        target, *parameters = [part.strip() for part in link.split(";")]
        assert (target[0], target[-1], "," in target) == ("<", ">", False)
        assert parameters[0].startswith("rel=")


def test_a_target_still_leads_to_the_same_captures() -> None:
    original = related("http://localhost:8600", "all", URL)[0].partition(">")[0].removeprefix("<")

    assert original != URL
    assert urlkey(original) == urlkey(URL)
