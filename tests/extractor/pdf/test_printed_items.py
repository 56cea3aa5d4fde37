"""Items of lists, code and accents of a PDF are read as they are printed."""

from __future__ import annotations

import io

import pytest
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, ListFlowable, ListItem, Paragraph, Preformatted, SimpleDocTemplate

from extractor.pdf.document import Document, read_document
from extractor.pdf.printed_lines import composed

STYLES = getSampleStyleSheet()
LONG = (
    "The ferry now waits for the tide, and the tide for nobody, which the harbour master regards as a step forward."
    " Passengers are asked to bring a book, and those who bring two may lend one."
)
CODE = "def tide(hour):\n    if hour > 12:\n        return  low\n\n    return high"


def document(*story: Flowable) -> Document:
    made = io.BytesIO()
    SimpleDocTemplate(made).build([Paragraph(LONG), *story, Paragraph(LONG)])
    return read_document(made.getvalue())


def drawn(*operators: str) -> str:
    made = io.BytesIO()
    canvas = Canvas(made, pageCompression=0)
    canvas.setFont("Helvetica", 10)
    canvas._code.extend(operators)
    canvas.save()
    return read_document(made.getvalue()).text


def at(left: float, said: str) -> str:
    return f"BT 1 0 0 1 {left} 600 Tm /F1 10 Tf ({said}) Tj ET"


def test_each_item_of_a_list_begins_with_a_dash_and_is_whole() -> None:
    items = [ListItem(Paragraph(said)) for said in ("Bring a book.", LONG, "Lend it.")]
    read = document(ListFlowable(items, bulletType="bullet"))

    assert read.text.split("\n") == [LONG, "- Bring a book.", f"- {LONG}", "- Lend it.", LONG]
    assert "\n\n- Bring a book.\n\n- The ferry" in read.markdown


def test_the_number_of_an_item_stands_before_its_words() -> None:
    items = [ListItem(Paragraph(said)) for said in ("Bring a book.", "Lend it.")]
    read = document(ListFlowable(items, bulletType="1", bulletFormat="%s."))

    assert read.text.split("\n")[1:3] == ["1. Bring a book.", "2. Lend it."]


def test_a_table_of_numbers_or_of_signs_stays_a_table() -> None:
    rows = [(at(72, one) + at(250, two)).replace("600", str(600 - 14 * n)) for n, (one, two) in enumerate((
        ("1.", "Bergen"), ("2.", "Vardo"), ("\\267", "Oslo")))]  # fmt: skip

    assert drawn(*rows).split("\n")[:2] == ["1.\tBergen", "2.\tVardo"]


def test_code_keeps_its_lines_and_its_white_space() -> None:
    read = document(Preformatted(CODE, STYLES["Code"]))

    assert read.text == f"{LONG}\n{CODE}\n{LONG}"
    assert f"```\n{CODE}\n```" in read.markdown


def test_a_typewritten_document_and_a_single_line_are_no_code() -> None:
    made = io.BytesIO()
    SimpleDocTemplate(made).build([Preformatted(f"{LONG[:60]}\n{LONG[60:110]}", STYLES["Code"])] * 3)

    assert "```" not in read_document(made.getvalue()).markdown
    assert "```" not in document(Preformatted("https://example.org/tides", STYLES["Code"])).markdown


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        (((72, "The cafe"), (107, "\\264"), (113, " is open")), "The café is open"),
        (((72, "The caf"), (104, "e"), (103.5, "\\264"), (110, " is open")), "The café is open"),
        (((72, "The caf"), (104, "\\264"), (104, "e is open")), "The café is open"),
        (((72, "The caf"), (104, "\\264"), (103, "e is open")), "The café is open"),
        (((72, "The cafe"), (107, "\\264")), "The café"),
        (((72, "The caf\\264e is open"),), "The café is open"),
    ],
    ids=["after", "further left", "before, as TeX", "wide letter", "at the end", "in one piece"],
)
def test_an_accent_belongs_to_the_letter_that_it_is_printed_over(
    pieces: tuple[tuple[float, str], ...], text: str
) -> None:
    assert drawn(*(at(left, said) for left, said in pieces)) == text


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("pr´ esent", "présent"),
        ("fran¸ cais, num´ erique", "français, numérique"),
        ("´ Etude g´ en´ erale", "Étude générale"),
        ("soci´ et´ e, Universit´ e", "société, Université"),
        ("na¨ ıve", "naïve"),
        ("Poincar´ e", "Poincaré"),
        ("Erd˝os and M¨uller", "Erd˝os and Müller"),
        ("the cafe´, and ole´", "the café, and olé"),
        ("25 ˚C", "25 ˚C"),
    ],
)
def test_an_accent_in_one_piece_belongs_to_the_letter_behind_it_as_in_tex(written: str, text: str) -> None:
    assert composed(written) == text


def test_an_accent_without_a_place_of_its_own_belongs_to_the_letter_behind_it() -> None:
    said = "BT 1 0 0 1 72 600 Tm /F1 10 Tf (It is illiberal to pr) Tj (\\264) Tj 73.7 0 Td (esent it) Tj ET"

    assert drawn(said) == "It is illiberal to présent it"
