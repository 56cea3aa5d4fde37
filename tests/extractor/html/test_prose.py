"""The pieces of a page's text."""

from __future__ import annotations

from extractor.html.page import Page

_PARAGRAPH = "The forum opened on Monday with talks on who pays for large telescopes."
_CHINESE = "中关村论坛在北京开幕，多国科学家谈大科学装置"
_SCRIPT = 'window.state = {"published": "2019-05-04", "by": "The program that made this page, not a person"}'


def page(body: str) -> Page:
    return Page("https://example.org/a", f"<title>A</title><body>{body}".encode())


def test_the_text_of_an_element_excludes_scripts() -> None:
    told = page(f"<p>By <b>Jane Doe</b>\n  </p><script>{_SCRIPT}</script><style>p {{margin: 0}}</style><p>{_PARAGRAPH}")

    assert told.words == f"\nBy \nJane Doe\n{_PARAGRAPH}"


def test_running_text_consists_of_long_pieces_without_scripts() -> None:
    held = f"<p>{_PARAGRAPH}</p><p>Menu</p><script>{_SCRIPT}</script><iframe>{_PARAGRAPH[::-1]}</iframe>"

    assert page(held).running == len(_PARAGRAPH)
    assert page(f"<p>{_CHINESE}").running == 3 * len(_CHINESE)
