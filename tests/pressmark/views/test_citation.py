from __future__ import annotations

from dataclasses import replace

from specimens.works import WORK

from pressmark.views.citation import apa, chicago, gbt7714, mla


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


def test_mla_names_the_original_and_the_archived_copy() -> None:
    assert mla(WORK) == (
        f"Varga, Ines. “Tides & currents: 100% of {{them}}.” www.example.org, 30 Jan. 2026, {WORK.url}. "
        f"Archived 31 Jan. 2026, {WORK.permanent}."
    )
    assert mla(replace(WORK, author=None, date=None, title="Why?")).startswith("“Why?” www.example.org, https://")


def test_chicago_gives_both_dates() -> None:
    assert chicago(WORK) == (
        "Varga, Ines. “Tides & currents: 100% of {them}.” www.example.org. January 30, 2026. "
        f"Archived January 31, 2026. {WORK.permanent}."
    )
    assert ". January 2026." in chicago(replace(WORK, date="2026-01"))
    assert ". 2026. Archived" in chicago(replace(WORK, date="2026-13-01"))


def test_gbt_7714_marks_an_online_resource_with_its_dates() -> None:
    chinese = replace(WORK, author="王小明", title="中关村论坛开幕")

    assert gbt7714(chinese) == f"王小明. 中关村论坛开幕[EB/OL]. (2026-01-30)[2026-01-31]. {WORK.permanent}."
    assert "[EB/OL]. [2026-01-31]. " in gbt7714(replace(chinese, date=None))
