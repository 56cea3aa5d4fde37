"""PDFs that another library writes are read back, and hostile PDFs cause no harm."""

from __future__ import annotations

import contextlib
import io
import zlib
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from reportlab.lib.enums import TA_JUSTIFY
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer

from extractor.html.page import Page
from extractor.pdf.document import UnreadableDocument, is_document, read_document
from extractor.reading import SCANNED, extract
from extractor.values.text import VERSION

ENGLISH = (
    "The ferry now waits for the tide, and the tide for nobody, which the harbour master regards as a step forward."
    " Passengers are asked to bring a book. Those who bring two may lend one to the engine driver, who reads slowly."
)
CHINESE = "研究部署近海潮位数据的统一发布。各单位要保留原始记录，并公开修正的理由。" * 3
HEADING = "The ferry waits for the tide"


def pdf(
    *paragraphs: str, title: str = "", author: str = "", lang: str = "", encrypt: Any = None, feet: bool = True
) -> bytes:
    """Make a PDF of these paragraphs below a heading, with a footer on each page."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    latin = ParagraphStyle("latin", fontSize=11, leading=14, alignment=TA_JUSTIFY)
    chinese = ParagraphStyle("chinese", fontName="STSong-Light", fontSize=11, leading=16, wordWrap="CJK")
    story: list[Any] = [Paragraph(HEADING, getSampleStyleSheet()["Title"])]
    for paragraph in paragraphs:
        story += [Paragraph(paragraph, latin if paragraph.isascii() else chinese), Spacer(1, 12)]

    def foot(canvas: Canvas, document: SimpleDocTemplate) -> None:
        if feet:
            canvas.drawString(250, 20, f"Harbour Gazette, page {document.page}")

    made = io.BytesIO()
    document = SimpleDocTemplate(made, title=title, author=author, lang=lang or None, encrypt=encrypt)
    document.build(story, onFirstPage=foot, onLaterPages=foot)
    return made.getvalue()


def raw(content: bytes, *, filters: bytes = b"/FlateDecode", pages: bytes = b"[3 0 R]") -> bytes:
    """Write a PDF by hand: one page with this content stream."""
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 1/Kids "
        + pages
        + b">>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj\n"
        b"4 0 obj<</Length "
        + str(len(content)).encode()
        + b"/Filter "
        + filters
        + b">>stream\n"
        + content
        + b"\nendstream endobj\n"
        b"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n"
        b"trailer<</Root 1 0 R>>\nstartxref\n0\n%%EOF"
    )


def test_the_paragraphs_are_read_as_they_were_written() -> None:
    document = read_document(pdf(ENGLISH, CHINESE, ENGLISH, feet=False))

    assert document.text.split("\n") == [HEADING, ENGLISH, CHINESE, ENGLISH]


def test_a_footer_of_all_pages_is_read_once_after_the_text() -> None:
    document = read_document(pdf(*[ENGLISH] * 40))

    assert document.pages > 2
    assert document.text.split("\n")[-2:] == [ENGLISH, "Harbour Gazette, page 1"]
    assert document.text.count("Harbour Gazette") == 1
    assert "Harbour Gazette" in read_document(pdf(ENGLISH)).text


def test_author_and_date_of_a_pdf_are_read() -> None:
    document = read_document(pdf(ENGLISH, title="The ferry waits", author="Ada Quist; 张晓明", lang="en-GB"))

    assert (document.title, document.authors, document.language) == (
        "The ferry waits",
        ("Ada Quist", "张晓明"),
        "en-GB",
    )
    assert document.date is not None
    assert datetime.fromisoformat(document.date).tzinfo is not None
    assert document.origins == {"title": "pdf", "author": "pdf", "date": "pdf", "modified": "pdf", "language": "pdf"}


@pytest.mark.parametrize(
    ("author", "authors"),
    [
        ("微软用户", ()),
        ("Windows 用户", ()),
        ("Microsoft Office User", ()),
        ("lenovo", ()),
        ("(anonymous)", ()),
        ("User123", ()),
        ("DESKTOP-4F7K2", ()),
        ("微软用户; 张晓明", ("张晓明",)),
        ("Ada Userson", ("Ada Userson",)),
        ("用户体验研究组", ("用户体验研究组",)),
        ("H. P. Dell", ("H. P. Dell",)),
    ],
)
def test_an_account_name_is_not_an_author(author: str, authors: tuple[str, ...]) -> None:
    assert read_document(pdf(ENGLISH, author=author)).authors == authors


@pytest.mark.parametrize("title", ["", "Microsoft Word - ferry.doc", "ferry_final.indd", "untitled"])
def test_the_largest_line_is_the_title_if_there_is_none_or_only_a_file_name(title: str) -> None:
    document = read_document(pdf(ENGLISH, title=title))

    assert (document.title, document.origins["title"]) == (HEADING, "largest line")


def test_the_printed_title_comes_before_that_of_the_file() -> None:
    printed = read_document(pdf(ENGLISH, title="Proceedings template 2019"))
    same = read_document(pdf(ENGLISH, title="The Ferry Waits for the Tide"))

    assert (printed.title, printed.origins["title"]) == (HEADING, "largest line")
    assert (same.title, same.origins["title"]) == ("The Ferry Waits for the Tide", "pdf")


def test_an_accent_of_its_own_is_joined_to_its_letter() -> None:
    shown = ENGLISH.replace("engine", "Sch¨onbrunn caf´e cura¸cao")

    assert "Schönbrunn café curaçao driver" in read_document(pdf(shown, feet=False)).text


def test_a_scanned_pdf_is_named_as_such() -> None:
    made = io.BytesIO()
    canvas = Canvas(made)
    canvas.setTitle("The ferry")
    canvas.drawImage(ImageReader(Image.new("RGB", (20, 20))), 0, 0, 500, 700)
    canvas.save()

    text = extract(Page("https://e.org/x.pdf", made.getvalue(), "application/pdf"))

    assert text is not None
    assert (text.title, text.text, text.origins["text"]) == ("The ferry", "", SCANNED)


def test_a_pdf_is_read_like_a_page() -> None:
    text = extract(Page("https://e.org/ferry.pdf", pdf(ENGLISH, feet=False), "application/pdf"))

    assert text is not None
    assert (text.title, text.text, text.language) == (HEADING, f"{HEADING}\n{ENGLISH}", "en")
    assert (text.origins["text"], text.origins["language"]) == ("pypdf", "text")
    assert "pypdf-" in text.version


def test_a_pdf_is_recognized_by_its_first_bytes() -> None:
    assert is_document(b"%PDF-1.7\n", None)
    assert is_document(b"junk\n%PDF-1.7\n", "application/pdf")
    assert not is_document(b"<html>%PDF-", "text/html")
    assert not is_document(b"<html>not found", "application/pdf")


def test_a_pdf_without_text_has_none_and_keeps_its_title() -> None:
    made = io.BytesIO()
    canvas = Canvas(made)
    canvas.setTitle("The ferry")
    canvas.rect(10, 10, 50, 50)
    canvas.save()

    text = extract(Page("https://e.org/x.pdf", made.getvalue(), "application/pdf"))

    assert text is not None
    assert (text.title, text.text, text.version) == ("The ferry", "", VERSION)


def test_an_encrypted_pdf_is_unreadable_unless_its_password_is_empty() -> None:
    from reportlab.lib.pdfencrypt import StandardEncryption

    with pytest.raises(UnreadableDocument, match="password"):
        read_document(pdf(ENGLISH, encrypt=StandardEncryption("secret", strength=128)))
    assert ENGLISH in read_document(pdf(ENGLISH, encrypt=StandardEncryption("", "owner", strength=128))).text


def test_a_compression_bomb_is_not_unpacked() -> None:
    twice = b"[/FlateDecode/FlateDecode]"
    said = b"BT /F 12 Tf (tide) Tj ET"
    bomb, small = (zlib.compress(zlib.compress(said + b" " * (size << 20), 9), 9) for size in (32, 2))

    with pytest.raises(UnreadableDocument, match="Limit"):
        read_document(raw(bomb, filters=twice))
    assert read_document(raw(small, filters=twice)).text == "tide"


@pytest.mark.parametrize("body", [b"%PDF-", b"%PDF-1.4\n", b"%PDF-1.7\ntrailer<</Root 1 0 R>>", raw(b"junk")[:90]])
def test_a_damaged_pdf_is_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableDocument):
        read_document(body)


def test_recursive_pages_are_not_followed() -> None:
    with pytest.raises(UnreadableDocument, match="cyclic"):
        read_document(raw(zlib.compress(b""), pages=b"[2 0 R 2 0 R 3 0 R]"))


WHOLE = pdf(ENGLISH, CHINESE)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, len(WHOLE) - 1), st.binary(max_size=12), st.integers(0, 200))
def test_a_damaged_pdf_raises_no_other_error(place: int, octets: bytes, gone: int) -> None:
    damaged = WHOLE[:place] + octets + WHOLE[place + gone :]
    with contextlib.suppress(UnreadableDocument):
        read_document(damaged)
