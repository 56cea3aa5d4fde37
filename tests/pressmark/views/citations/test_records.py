from __future__ import annotations

import json
import re
from dataclasses import replace
from urllib.parse import parse_qs

from hypothesis import given
from hypothesis import strategies as st
from specimens.works import WORK

from pressmark.views.citations.metadata import coins, json_ld, meta
from pressmark.views.citations.records import bibtex, csl_json, ris


def test_bibtex_escapes_special_characters_of_tex() -> None:
    entry = bibtex(WORK)

    assert re.match(r"@online\{exampleorg20260131[0-9a-f]{8},\n", entry)
    assert bibtex(replace(WORK, permanent=f"{WORK.permanent}&x")).partition(",")[0] != entry.partition(",")[0]
    assert r"title = {{Tides \& currents: 100\% of \{them\}}}" in entry
    assert "date = {2026-01-30}" in entry
    assert f"url = {{{WORK.permanent}}}" in entry
    assert "author = {Varga, Ines}" in entry
    assert entry.count("{") - entry.count(r"\{") == entry.count("}") - entry.count(r"\}")


def test_bibtex_keeps_the_name_of_an_institution_whole_and_an_address_verbatim() -> None:
    cited = replace(WORK, authors=("Ines Varga", "Ministry of R&D"), url="https://example.org/a_b?c={d}&e=%20")
    entry = bibtex(cited)

    assert r"author = {Varga, Ines and {Ministry of R\&D}}" in entry
    assert r"note = {Archived copy of \url{https://example.org/a_b?c=%7Bd%7D&e=%20}}" in entry


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_title_breaks_an_entry_of_bibtex(title: str) -> None:
    import bibtexparser

    read = bibtexparser.parse_string(bibtex(replace(WORK, title=title, author=title)))

    assert not read.failed_blocks
    assert [entry.fields_dict["url"].value for entry in read.entries] == [WORK.permanent]


def test_ris_has_a_line_for_each_author() -> None:
    record = ris(replace(WORK, authors=("Ines Varga", "王小明"), language="en")).split("\r\n")

    assert record[:3] == ["TY  - ELEC", "AU  - Varga, Ines", "AU  - 王小明"]
    assert "DA  - 2026/01/30" in record
    assert f"UR  - {WORK.permanent}" in record
    assert record[-2:] == ["ER  - ", ""]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_title_breaks_a_record_of_ris(title: str) -> None:
    record = ris(replace(WORK, title=title))

    assert record.count("\r\n") == len(record.splitlines())
    assert all(line[2:6] == "  - " for line in record.splitlines())


def test_ris_is_read_by_the_library_as_it_was_written() -> None:
    import rispy

    [read] = rispy.loads(ris(replace(WORK, language="en")))

    assert (read["title"], read["authors"], read["urls"]) == (WORK.title, ["Varga, Ines"], [WORK.permanent])
    assert (read["year"], read["date"], read["access_date"]) == ("2026", "2026/01/30", "2026/01/31")
    assert read["file_attachments2"] == WORK.url


def test_csl_json_has_dates_in_parts_and_only_what_is_known() -> None:
    [item] = json.loads(csl_json(WORK))
    assert item["issued"] == {"date-parts": [[2026, 1, 30]]}
    assert item["accessed"] == {"date-parts": [[2026, 1, 31]]}
    assert item["author"] == [{"family": "Varga", "given": "Ines"}]

    [odd] = json.loads(csl_json(replace(WORK, date="2026-13-40")))
    assert odd["issued"] == {"date-parts": [[2026]]}
    [bare] = json.loads(csl_json(replace(WORK, author=None, date=None)))
    assert not {"author", "issued", "language"} & set(bare)


def test_coins_and_meta_elements_name_the_permanent_link() -> None:
    assert parse_qs(coins(WORK))["rft.identifier"] == [WORK.permanent]
    assert ("citation_public_url", WORK.permanent) in meta(WORK)
    assert ("citation_author", "Varga, Ines") in meta(WORK)


def test_json_ld_says_where_the_page_is_archived_and_ends_no_script_element() -> None:
    hostile = "</script><b>\u2028"
    told = json_ld(replace(WORK, title=hostile))
    said = json.loads(told)

    assert "<" not in told
    assert said["name"] == hostile
    assert (said["@context"], said["@type"]) == ("https://schema.org", "WebPage")
    assert (said["url"], said["archivedAt"]) == (WORK.url, WORK.permanent)
    assert said["author"] == [{"@type": "Person", "name": "Varga, Ines"}]
    assert not {"author", "datePublished", "inLanguage"} & set(
        json.loads(json_ld(replace(WORK, author=None, date=None, language=None)))
    )
