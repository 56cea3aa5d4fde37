"""The tables of an archived page, as data: by command and over HTTP."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from journeys.household import QUICK, Household
from specimens.segments import CONTEXT, SegmentFile, answered

from archive.archive import Archive
from archive.spool.sealed import Sealed
from archive.texts.texts import TextRow, Texts
from config.settings import load_settings
from extractor.html.page import Page
from extractor.reading import extract
from pressmark.service.assembly import open_pressmark

FIGURES, PLAIN = "https://example.org/figures", "https://example.org/plain"
PROSE = (
    "<p>The ferry now waits for the tide, and the tide for nobody, which the harbour master calls a step forward.</p>"
)
TABLE = "<table><caption>Boats</caption><tr><th>Town<th>2023<th>2024<tr><td>Oslo<td><td>25<tr><td>Lima<td>7<td></table>"
PAGES = {FIGURES: f"<h1>Boats</h1>{PROSE * 3}{TABLE}{PROSE}", PLAIN: f"<h1>Boats</h1>{PROSE * 3}"}


@pytest.fixture(scope="module")
def household(tmp_path_factory: pytest.TempPathFactory, database_of_module: dict[str, str]) -> Iterator[Household]:
    made = Household(tmp_path_factory.mktemp("tables") / "home", QUICK | database_of_module)
    segment = SegmentFile(Path(tmp_path_factory.mktemp("warcs")))
    rows: list[TextRow] = []
    for url, body in PAGES.items():
        text = extract(Page(url, f"<body><article>{body}</article>".encode()))
        assert text is not None
        capture = segment.write(answered(url, body.encode()), context=CONTEXT)
        row = TextRow(capture.record_id, "", url, capture.at, capture.digest, "done", text=text.text)
        rows.append(replace(row, extractor=text.extractor, version=text.version, markdown=text.markdown))
    with open_pressmark(load_settings({"home": str(made.home), "spool.ballast": "0B"})) as service:

        def read(sealed: Sealed) -> list[TextRow]:
            return [replace(row, segment=sealed.name) for row in rows]

        Archive(service.index, Texts(service.database), service.store, read_texts=read).ingest(segment.path)
    yield made


def test_the_tables_of_a_page_are_the_same_by_command_and_over_http(household: Household) -> None:
    by_command = household.look("snapshot", "get", FIGURES, "--tables", "json").json
    as_csv = household.look("snapshot", "get", FIGURES, "--tables", "csv").out
    with household.serving() as served:
        over_http = served.get(f"/api/v1/snapshots/latest/tables/{FIGURES}").json
        csv_over_http = served.get(f"/api/v1/snapshots/latest/tables.csv/{FIGURES}").text
        none = served.get(f"/api/v1/snapshots/latest/tables/{PLAIN}")

    rows = [["Town", "2023", "2024"], ["Oslo", "", "25"], ["Lima", "7", ""]]
    assert by_command == over_http == [{"caption": "Boats", "in": None, "heads": 1, "rows": rows, "spans": []}]
    assert [list(csv.reader(io.StringIO(written))) for written in (as_csv, csv_over_http)] == [rows, rows]
    assert none.status == 404


def test_a_page_without_tables_ends_with_a_sentence(household: Household) -> None:
    ended = household.look("snapshot", "get", PLAIN, "--tables", "csv", code=5)

    assert f"Pressmark found no tables on {PLAIN}" in ended.err
