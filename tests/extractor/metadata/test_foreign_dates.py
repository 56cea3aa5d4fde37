from __future__ import annotations

import sys
from datetime import UTC, datetime
from subprocess import run

import pytest

from extractor.html.page import Page
from extractor.metadata.foreign_dates import date_in_language
from extractor.metadata.metadata import read_metadata

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "language", "date"),
    [
        ("24 października 2025, 10:05", "pl", "2025-10-24T10:05"),
        ("Opublikowano: 24 października 2025 r.", "pl", "2025-10-24"),
        ("24 жовтня 2025 р.", "uk", "2025-10-24"),
        ("10 Kasım 2025 Pazartesi", "tr", "2025-11-10"),
        ("Thứ Sáu, 24 tháng 10, 2025", "vi", "2025-10-24"),
        ("24. října 2025", "cs", "2025-10-24"),
        ("10 Νοεμβρίου 2025", "el", "2025-11-10"),
        ("10. marraskuuta 2025 klo 12.30", "fi", "2025-11-10T12:30"),
        ("2025. november 10.", "hu", "2025-11-10"),
        ("10 noiembrie 2025", "ro", "2025-11-10"),
        ("24 de outubro de 2025", "pt", "2025-10-24"),
        ("١٠ نوفمبر ٢٠٢٥", "ar", "2025-11-10"),
        ("24 אוקטובר 2025", "he", "2025-10-24"),
    ],
)
def test_dates_of_many_languages_are_read(text: str, language: str, date: str) -> None:
    assert date_in_language(text, language) == date


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("12 komentarzy 2025", "pl"),
        ("październik 2025", "pl"),
        ("3 dni temu", "pl"),
        ("24 października", "pl"),
        ("24 października 2025", "xx"),
        ("", "pl"),
        ("9" * 10_000 + " października 2025", "pl"),
    ],
)
def test_a_text_without_a_full_date_has_none(text: str, language: str) -> None:
    assert date_in_language(text, language) is None


def page(language: str, part: str) -> Page:
    body = f'<html lang="{language}"><body><h1>Wiadomość</h1>{part}<p>{"Treść artykułu. " * 20}</p></body></html>'
    return Page("https://example.org/a", body.encode(), "text/html; charset=utf-8", at=AT)


@pytest.mark.parametrize("language", ["pl", "pl-PL"])
@pytest.mark.parametrize("part", ["<time>{}</time>", '<span class="date">{}</span>', '<p class="published">{}</p>'])
def test_a_page_that_declares_its_language_is_dated_in_it(language: str, part: str) -> None:
    assert read_metadata(page(language, part.format("24 października 2025"))).date == "2025-10-24"


def test_a_date_after_the_capture_is_not_that_of_the_page() -> None:
    assert read_metadata(page("pl", "<time>24 października 2027</time>")).date is None


def test_a_language_whose_months_are_known_does_not_load_the_library() -> None:
    program = """
import sys
from extractor.metadata.metadata import read_metadata
from extractor.html.page import Page
for language in ("en", "zh-CN", "de", ""):
    body = f'<html lang="{language}"><h1>A</h1><time>the 41st of Foo 2025</time><p>words</p>'
    read_metadata(Page("https://example.org/", body.encode()))
assert "dateparser" not in sys.modules
"""
    run([sys.executable, "-c", program], check=True)
