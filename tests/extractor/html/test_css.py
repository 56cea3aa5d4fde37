"""The URLs in a style sheet."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.html.css import css_urls

SHEET = "https://e.org/css/site.css"


@pytest.mark.parametrize(
    ("sheet", "expected"),
    [
        ("a{background:url(x.png)}", ["https://e.org/css/x.png"]),
        ("a{background:URL( 'x y.png' )}", ["https://e.org/css/x%20y.png"]),
        ('@import "a.css";@import url("../b.css") screen;', ["https://e.org/css/a.css", "https://e.org/b.css"]),
        (
            "@font-face{src:url(/f.woff2) format('woff2'),url(/f.woff)}",
            ["https://e.org/f.woff2", "https://e.org/f.woff"],
        ),
        ("a{background:url(x.png)} b{background:url(x.png)}", ["https://e.org/css/x.png"]),
        ("/* url(no.png) */ a{background:url(x.png)}", ["https://e.org/css/x.png"]),
        ("a{background:url(data:image/png;base64,AA)}", []),
        ("a{background:url(#gradient)}", []),
        (r"a{background:url(x\28 1\29.png)}", ["https://e.org/css/x(1).png"]),
        ("a{background:url()}", []),
        ("a{background:url(x.png", []),
    ],
)
def test_a_style_sheet_names_its_imports_images_and_fonts(sheet: str, expected: list[str]) -> None:
    assert css_urls(sheet, SHEET) == expected


@given(st.text(alphabet="url(\"')@import ;/*\\ab0{}:", max_size=200))
def test_any_text_is_accepted_as_a_style_sheet(sheet: str) -> None:
    css_urls(sheet, SHEET)


def test_hostile_text_for_the_patterns_costs_little() -> None:
    for bait in ("url(" * 50_000, "/*" * 50_000, "@import " * 50_000, "url('" + "\\" * 100_000):
        css_urls(bait, SHEET)
