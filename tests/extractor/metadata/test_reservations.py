"""What a page says of its use in `<meta>` elements is read."""

from __future__ import annotations

import pytest

from extractor.html.page import Page
from extractor.metadata.reservations import reservations_of


@pytest.mark.parametrize(
    ("markup", "found"),
    [
        ('<meta name="tdm-reservation" content="1"><meta name="tdm-policy" content="https://a.example/p.json">',
         [("meta tdm-reservation", "1"), ("meta tdm-policy", "https://a.example/p.json")]),
        ('<META NAME="Robots" CONTENT="noindex,\n NOAI">', [("meta robots", "noindex, NOAI")]),
        ('<meta name="pressmark" content="noarchive">', [("meta pressmark", "noarchive")]),
        ('<meta name="robots" content="noindex, nofollow">', []),
        ('<meta name="otherbot" content="noarchive">', []),
        ('<meta name="tdm-reservation" content="">', []),
        ("<p>noarchive noai tdm-reservation", []),
    ],
)  # fmt: skip
def test_elements_that_reserve_something_are_read(markup: str, found: list[tuple[str, str]]) -> None:
    page = Page("https://a.example/", f"<title>a</title>{markup}<p>text".encode(), "text/html")
    assert reservations_of(page) == found


def test_a_hostile_page_has_few_and_short_ones() -> None:
    markup = f'<meta name="robots" content="noai {"x" * 10_000}">' * 1_000
    found = reservations_of(Page("https://a.example/", markup.encode(), "text/html"))
    assert (len(found), {len(value) for _, value in found}) == (10, {500})
