"""Tags with too many attributes are found without a look at each tag."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.html import attributes
from extractor.html.attributes import limit_attributes

MANY = " c" * 2_100
"""Two of them are too many for one tag."""
PIECES = st.sampled_from(
    (
        *("<a ", "<body ", "<b\n", "</a", "<", "=", '"', "'", ">", " ", "/", "x", "= '", '="', "a='", 'a="', "<!--"),
        *("-->", "<p title='>'>", '<p class="a b">text</p>', MANY, MANY.replace(" ", "/"), "y" * 900, "\n<p>x" * 900),
    )
)


def looked_at(html: bytes) -> bytes:
    """Return the markup that is left after a look at each tag."""
    with patch.object(attributes, "_stretches", lambda html: [(0, len(html), attributes._LOOKED_AT)]):
        return limit_attributes(html)


@given(st.lists(PIECES, max_size=40))
def test_the_parts_without_a_look_at_each_tag_have_no_tag_with_too_many_attributes(pieces: list[str]) -> None:
    html = "".join(pieces).encode()

    assert limit_attributes(html) == looked_at(html)


@pytest.mark.parametrize(
    "tag",
    [
        f"<a{MANY}{MANY}>",
        f"<a b='><p class=\"a\">'{MANY}{MANY}>",
        f"<a b=\"><p class='a'>\"{MANY}{MANY}>",
        f"<a b= '>{'>' * 9_000}'{MANY}{MANY}>",
        f'<a b=\n">{"<p>x" * 9_000}"{MANY}{MANY}>',
        f"<a{MANY} b='>'{MANY} c='>'{MANY}>",
        "<a" + (" b='>'" + MANY[:900]) * 12 + ">",
    ],
)
def test_a_long_tag_is_found_behind_and_before_short_ones(tag: str) -> None:
    short = "<p class='x y' title=\"z\">text, and don't</p>" * 2_000

    html = f"{short}{tag}{short}".encode()

    assert len(limit_attributes(html)) < len(html) - len(MANY)
    assert limit_attributes(html) == looked_at(html)


def test_few_bytes_of_a_page_are_looked_at_for_long_tags() -> None:
    html = b"<p class='x y' title=\"z\">text, and don't</p>" * 9_000 + b"<script>" + b"x" * 20_000 + b"</script>"
    parts = list(attributes._stretches(html))

    assert [pattern for _, _, pattern in parts] == [attributes._ROOT, attributes._LOOKED_AT, attributes._ROOT]
    assert parts[1][1] - parts[1][0] < 30_000
