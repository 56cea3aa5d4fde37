"""The rows of the benchmark of retrieval fit the table of captures, whatever columns it has."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from services.databases import database_at

from archive.index.index import Index
from benchmarks.retrieval.made import MORNING, make_rows, url_of


def test_made_captures_are_found_as_archived_ones_are(tmp_path: Path) -> None:
    with closing(database_at(tmp_path / "a.db")) as database:
        index = Index(database, now=lambda: MORNING)
        make_rows(database, index, 40)

        assert next(iter(index.captures(url_of(0)))).status == 200
