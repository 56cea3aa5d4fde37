from __future__ import annotations

from pathlib import Path

import pytest

from archive.database.engine import open_database
from benchmarks.search.__main__ import ask
from benchmarks.search.made import KINDS, make, questions


def test_generated_texts_are_found_by_queries_of_each_kind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "pressmark.db"
    database = open_database(f"sqlite:///{file}")
    make(database, 40)
    database.close()

    ask(file, 40, 3 * len(KINDS))

    told = capsys.readouterr().out
    assert all(kind.name in told for kind in KINDS)
    assert "0.0 texts found" not in told


def test_every_run_asks_the_same_queries() -> None:
    assert list(questions(24, 100)) == list(questions(24, 100))
