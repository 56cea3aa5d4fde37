from __future__ import annotations

from pathlib import Path

import pytest

from archive.database.engine import open_database
from benchmarks.search.__main__ import ask
from benchmarks.search.made import KINDS, make, questions


def test_texts_that_are_made_are_found_by_questions_of_each_kind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "pressmark.db"
    database = open_database(f"sqlite:///{file}")
    make(database, 40)
    database.close()

    ask(file, 40, 3 * len(KINDS))

    told = capsys.readouterr().out
    assert all(kind.name in told for kind in KINDS)
    assert "0.0 texts found" not in told


def test_the_same_questions_are_asked_each_time() -> None:
    assert list(questions(24, 100)) == list(questions(24, 100))
