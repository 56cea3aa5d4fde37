from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from pressmark.views.citation import Work, apa, bibtex

WORK = Work(
    url="https://www.example.org/news/1?a=b_c",
    title="Tides & currents: 100% of {them}",
    author="Varga, Ines",
    date="2026-01-30T08:00:00+01:00",
    kept=datetime(2026, 1, 31, 12, tzinfo=UTC),
    permanent="https://archive.example/snapshot/20260131120000/https://www.example.org/news/1?a=b_c",
)


def test_apa_names_author_date_title_site_and_time_of_capture() -> None:
    assert apa(WORK) == (
        "Varga, Ines. (2026, January 30). Tides & currents: 100% of {them}. www.example.org. "
        f"Archived January 31, 2026, from {WORK.url} at {WORK.permanent}"
    )


def test_apa_without_author_or_date_begins_with_the_title() -> None:
    assert apa(replace(WORK, author=None, date=None)).startswith("Tides & currents: 100% of {them}. (n.d.).")
    assert "(2026, January)" in apa(replace(WORK, date="2026-01"))
    assert "(2026)." in apa(replace(WORK, date="2026-13-01"))
    assert apa(replace(WORK, title=None, author=None)).startswith(WORK.url)


def test_bibtex_escapes_special_characters_of_tex() -> None:
    entry = bibtex(WORK)

    assert entry.startswith("@online{exampleorg20260131,\n")
    assert r"title = {{Tides \& currents: 100\% of \{them\}}}" in entry
    assert "date = {2026-01-30}" in entry
    assert f"url = {{{WORK.permanent}}}" in entry
    assert entry.count("{") - entry.count(r"\{") == entry.count("}") - entry.count(r"\}")
