"""Citations that people print: each style as its manual prints an archived page, by authors, dates and language."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from specimens.works import WORK

from pressmark.views.citations.printed import apa, chicago, gbt7714, mla
from pressmark.views.citations.work import Work

TWO = replace(WORK, authors=("Ines Varga", "Jan-Peter van der Berg"))
GROUP = replace(WORK, authors=("Ministry of Science",))
CHINESE = replace(WORK, author="王小明", title="中关村论坛开幕", language="zh")
MANY = replace(WORK, authors=("Ines Varga", "Jan Berg", "Clara King", "Grace Lee"))


def test_apa_names_author_date_title_site_and_time_of_capture() -> None:
    assert apa(WORK) == (
        "Varga, I. (2026, January 30). Tides & currents: 100% of {them}. www.example.org. "
        f"Archived January 31, 2026, from {WORK.url} at {WORK.permanent}"
    )
    assert apa(TWO).startswith("Varga, I., & van der Berg, J.-P. (2026, January 30). Tides")
    assert apa(GROUP).startswith("Ministry of Science. (2026, January 30). Tides")
    assert apa(CHINESE).startswith("王小明. (2026, January 30). 中关村论坛开幕. www.example.org.")


def test_apa_without_author_or_date_begins_with_the_title() -> None:
    assert apa(replace(WORK, author=None, date=None)).startswith(
        "Tides & currents: 100% of {them}. (n.d.). www.example.org. Archived"
    )
    assert "(2026, January)" in apa(replace(WORK, date="2026-01"))
    assert "(2026)." in apa(replace(WORK, date="2026-13-01"))
    assert apa(replace(WORK, title=None, author=None)).startswith(f"{WORK.url}. (2026")
    assert apa(replace(WORK, date="2026-02-30")).startswith("Varga, I. (2026, February). ")
    assert "(n.d.)" in apa(replace(WORK, date="0850-01-01"))
    assert "“He said “No.””" in mla(replace(WORK, title="He said “No.”"))
    assert apa(replace(WORK, title="And so…", author=None)).startswith("And so… (2026")
    assert apa(replace(WORK, title="Why?", author=None)).startswith("Why? (2026, January 30). www")


def test_mla_names_the_original_and_the_archived_copy() -> None:
    rest = f"“Tides & currents: 100% of {{them}}.” www.example.org, 30 Jan. 2026, {WORK.url}. "
    rest += f"Archived 31 Jan. 2026, {WORK.permanent}."

    assert mla(WORK) == f"Varga, Ines. {rest}"
    assert mla(TWO) == f"Varga, Ines, and Jan-Peter van der Berg. {rest}"
    assert mla(GROUP) == f"Ministry of Science. {rest}"
    assert mla(MANY) == f"Varga, Ines, et al. {rest}"
    assert mla(CHINESE).startswith("王小明. “中关村论坛开幕.” www.example.org, 30 Jan. 2026")
    assert mla(replace(WORK, author=None, date=None, title="Why?")).startswith("“Why?” www.example.org, https://")


def test_chicago_gives_both_dates() -> None:
    rest = "“Tides & currents: 100% of {them}.” www.example.org. January 30, 2026. "
    rest += f"Archived January 31, 2026. {WORK.permanent}."

    assert chicago(WORK) == f"Varga, Ines. {rest}"
    assert chicago(TWO) == f"Varga, Ines, and Jan-Peter van der Berg. {rest}"
    assert chicago(replace(WORK, author=None)) == rest
    assert chicago(CHINESE).startswith("王小明. “中关村论坛开幕.” www.example.org. January 30, 2026. Archived")
    assert ". January 2026." in chicago(replace(WORK, date="2026-01"))
    assert ". 2026. Archived" in chicago(replace(WORK, date="2026-13-01"))


def test_gbt_7714_marks_an_online_resource_with_its_dates() -> None:
    assert gbt7714(CHINESE) == f"王小明. 中关村论坛开幕[EB/OL]. (2026-01-30)[2026-01-31]. {WORK.permanent}."
    assert "[EB/OL]. [2026-01-31]. " in gbt7714(replace(CHINESE, date=None))
    assert gbt7714(replace(CHINESE, author=None)).startswith("中关村论坛开幕[EB/OL]. (2026-01-30)")
    assert gbt7714(TWO).startswith("VARGA I, VAN DER BERG J P. Tides & currents: 100% of {them}[EB/OL]. (2026-01-30)")
    assert gbt7714(GROUP).startswith("Ministry of Science. Tides")


def test_gbt_7714_names_three_authors_and_the_others_in_the_language_of_the_page() -> None:
    assert gbt7714(replace(MANY, language="en")).startswith("VARGA I, BERG J, KING C, et al. Tides")
    assert gbt7714(replace(MANY, language=None)).startswith("VARGA I, BERG J, KING C, et al. Tides")
    authors = ("王小明", "李四", "张三", "赵六")
    assert gbt7714(replace(CHINESE, authors=authors)).startswith("王小明, 李四, 张三, 等. 中关村论坛开幕[EB/OL]")
    assert "张三, 等. " in gbt7714(replace(CHINESE, authors=authors, language=None))


@given(
    st.text(st.characters(exclude_categories=["Cs", "Co"]), min_size=1), st.sampled_from([apa, mla, chicago, gbt7714])
)
def test_every_style_prints_the_title_as_the_page_has_it(title: str, style: Callable[[Work], str]) -> None:
    printed = style(replace(WORK, title=title, author=None))

    assert (" ".join(title.split()) or WORK.url) in printed
    assert WORK.permanent in printed


def test_markup_in_an_address_stays_as_it_is() -> None:
    odd = 'https://example.org/?a=<span class="nocase">.</span>..'

    assert f"from {odd} at {WORK.permanent}" in apa(replace(WORK, url=odd))


def test_threads_may_cite_at_once() -> None:
    works = [
        replace(WORK, author=f"Ines {letter}arga", date=f"20{year}-01-30") for year, letter in enumerate("ABCDEFGH", 10)
    ]

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(apa, works * 4)) == [apa(work) for work in works] * 4


@pytest.mark.costly
def test_the_styles_are_valid_by_the_schema_of_the_library(recwarn: pytest.WarningsRecorder) -> None:
    from citeproc import CitationStylesStyle

    import pressmark.views.citations

    files = sorted((Path(pressmark.views.citations.__file__).parent / "csl").glob("*.csl"))
    for file in files:
        CitationStylesStyle(str(file), validate=True)

    assert [file.stem for file in files] == ["apa", "chicago", "gbt7714", "mla"]
    assert not [str(one.message) for one in recwarn if "csl" in str(one.message).lower()]
