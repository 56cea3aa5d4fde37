from __future__ import annotations

import pytest

from extractor.html.css import replace_urls


def shown(reference: str, imported: bool) -> str:
    return f"<{reference}|{'import' if imported else 'url'}>"


@pytest.mark.parametrize(
    ("sheet", "becomes"),
    [
        ("a { b: url(x.png) }", r'a { b: url("\3c x.png|url>") }'),
        ("a { b: url( 'x y.png' ) }", r'a { b: url("\3c x y.png|url>") }'),
        ('@import "a.css" screen;', r'@import "\3c a.css|import>" screen;'),
        ("@import url(a.css);", r'@import url("\3c a.css|import>");'),
        (r"a { b: url(\78.png) }", r'a { b: url("\3c x.png|url>") }'),
        ("a { color: red }", "a { color: red }"),
    ],
)
def test_each_reference_is_replaced_and_quoted(sheet: str, becomes: str) -> None:
    assert replace_urls(sheet, shown) == becomes


def test_a_replacement_cannot_end_its_string() -> None:
    found = replace_urls("a { b: url(x) }", lambda _, __: 'y") } </style><script>')

    assert '"' not in found.removeprefix('a { b: url("').removesuffix('") }')
    assert "</style" not in found
