"""The lines of a page of a PDF have all its text, also where its places, sizes or fonts are unusual."""

from __future__ import annotations

import io
import re

import pytest
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate

from extractor.pdf.document import read_document


def drawn(*operators: str) -> bytes:
    """Write a page with these operators; F1 is Helvetica, F2 is its bold."""
    made = io.BytesIO()
    canvas = Canvas(made, pageCompression=0)
    for font in ("Helvetica", "Helvetica-Bold"):
        canvas.setFont(font, 10)
    canvas._code.extend(operators)
    canvas.save()
    return made.getvalue()


@pytest.mark.parametrize(
    ("marked", "text"),
    [
        ("10<super>10</super> stars", "10¹⁰ stars"),
        ("<b>7</b>7", "77"),
        ("<b>ha </b><i>ha </i>ha", "ha ha ha"),
        ("<b>2019</b>2019", "20192019"),
        ("<b>2</b>2 apples and <b>no</b> <i>no</i>", "22 apples and no no"),
    ],
)
def test_the_same_text_in_another_font_or_size_is_not_lost(marked: str, text: str) -> None:
    made = io.BytesIO()
    SimpleDocTemplate(made).build([Paragraph(marked, ParagraphStyle("any", fontSize=10))])

    assert read_document(made.getvalue()).text == text


def test_a_piece_of_text_is_kept_after_an_equal_one() -> None:
    said = "BT 1 0 0 1 72 600 Tm /F1 10 Tf (ha) Tj /F1 10 Tf (ha) Tj ET"

    assert read_document(drawn(said)).text == "haha"
    assert read_document(drawn("BT 1 0 0 1 72 600 Tm /F1 10 Tf (2) Tj 5 Ts /F1 7 Tf (2) Tj ET")).text == "2²"


def test_text_that_is_printed_twice_at_one_place_is_read_once() -> None:
    said = "BT 1 0 0 1 72 600 Tm /F1 10 Tf (ha) Tj ET"

    assert read_document(drawn(said, said)).text == "ha"
    assert read_document(drawn(said, said.replace("F1", "F2"))).text == "haha"


def test_a_rise_without_a_number_changes_nothing() -> None:
    assert read_document(drawn("BT /F1 10 Tf Ts 1 0 0 1 72 600 Tm (The ferry waits) Tj ET")).text == "The ferry waits"


@pytest.mark.parametrize("box", [b"[ 0 842 595 0 ]", b"[ 0 0 595 0 ]", b"[ 0 0 ]", b"(none)", b""])
def test_a_page_with_a_damaged_box_is_read(box: bytes) -> None:
    lines = ["The ferries of the year", "1999", "2004", "wait for the tide."]
    whole = drawn(*(f"BT /F1 10 Tf 1 0 0 1 72 {600 - 12 * row} Tm ({line}) Tj ET" for row, line in enumerate(lines)))
    written = re.search(rb"/MediaBox \[[^]]*\]", whole)
    assert written is not None
    shown = (b"/MediaBox " + box if box else b"").ljust(len(written[0]))

    document = read_document(whole.replace(written[0], shown))

    assert document.text.split() == read_document(whole).text.split() == " ".join(lines).split()


def test_the_words_of_a_line_with_a_negative_font_size_are_joined() -> None:
    words = ["The", "ferry", "now", "waits", "for", "the", "tide"]
    lefts = [72 + 40 * place for place in range(len(words))]
    said = (f"BT /F1 -10 Tf -1 0 0 -1 {left} 600 Tm ({word}) Tj ET" for left, word in zip(lefts, words, strict=True))

    assert read_document(drawn(*said)).text == " ".join(words)
    arrays = "BT /F1 -10 Tf -1 0 0 -1 72 600 Tm [(The ferry) -300 (now)] TJ /F2 -10 Tf ( waits) Tj ET"
    assert read_document(drawn(arrays)).text == "The ferry now waits"
