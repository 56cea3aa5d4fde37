"""Running heads are read once, page numbers are left out, and values in the margins of a page stay."""

from __future__ import annotations

import io

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from extractor.pdf.document import read_document

BODY = "The tide is read."


def paged(*pages: dict[int, str]) -> str:
    """Return what is read of these pages beside their body; each line of a page has its height in points."""
    made = io.BytesIO()
    canvas = Canvas(made, pagesize=A4)
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    for lines in pages:
        canvas.setFont("STSong-Light", 10)
        for height, line in lines.items():
            canvas.drawString(72, height, line)
        canvas.drawString(72, 500, BODY)
        canvas.showPage()
    canvas.save()
    return " ".join(read_document(made.getvalue()).text.replace(BODY, "").split())


@pytest.mark.parametrize(
    "pages",
    [
        [{800: "Deaths in the years 2019 to 2021:", 786: "120", 772: "94", 30: "1033"}],
        [{800: "94"}],
        [{800: "Harbour", 780: "17"}, {800: "Harbour", 780: "34"}],
        [{800: "Harbour", 780: f"Deaths: {number}"} for number in (17, 34)],
        [{780: f"Deaths: {number}"} for number in (17, 34, 20, 51, 9)],
        [{780: number} for number in ("17", "34", "20", "51", "9")],
        [{820: f"Part {name}", 780: str(number)} for number, name in enumerate("abcde", 1)],
        [{780: "Deaths"}, {780: "Deaths"}],
        [{780: name} for name in ("i", "i", "vi")],
    ],
)
def test_values_in_the_margins_of_a_page_are_text(pages: list[dict[int, str]]) -> None:
    shown = " ".join(line for page in pages for line in page.values())

    assert sorted(paged(*pages).split()) == sorted(shown.split())


@pytest.mark.parametrize(
    "shown", ["{}", "Page {}", "- {} -", "{}/9", "第{}页", "Seite {} von 9"], ids=["bare", "page", "-", "/", "zh", "de"]
)
def test_numbers_that_rise_with_the_pages_are_left_out(shown: str) -> None:
    assert paged(*({30: shown.format(345 + page)} for page in range(2))) == ""


def test_roman_page_numbers_are_left_out() -> None:
    assert paged(*({30: number} for number in ("iii", "iv", "v", "vi"))) == ""


def test_a_running_head_with_a_page_number_is_read_once() -> None:
    pages = [{820: f"Harbours 12 (2024) {page}", 800: "The sea", 30: str(page)} for page in range(7, 12)]

    assert paged(*pages) == "Harbours 12 (2024) 7 The sea"
    assert paged(*pages[:2]) == "Harbours 12 (2024) 7 The sea Harbours 12 (2024) 8 The sea"
