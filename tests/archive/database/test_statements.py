"""Names are found by their beginning as in Python, and other names cost nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.steps import Steps

from archive.database.engine import Database, open_database
from archive.database.marks import Marks
from archive.database.statements import after

NAMES = ["", "a", "a/", "a/1", "a/é", "a/\U0010ffff", "a0", "A/1", "a_1", "a%1", "a\ud7ff", "a\ue000", "aa/1", "b/"]


@pytest.mark.parametrize("beginning", [*NAMES, "a/2", "é"])
def test_marks_are_found_by_the_beginning_of_their_names(either: Database, beginning: str) -> None:
    names = [*NAMES, *Marks(either, "").all()]  # each database has one
    Marks(either, "").set_all(dict.fromkeys(NAMES, "?"))

    found = Marks(either, beginning).all()

    assert sorted(beginning + name for name in found) == sorted(name for name in names if name.startswith(beginning))


TEXTS = st.text(max_size=4) | st.text("a\ud7ff\ue000\U0010ffff", max_size=4)


@given(TEXTS.filter(lambda text: text.strip("\U0010ffff")), TEXTS)
def test_a_text_is_below_the_next_beginning_only_if_it_begins_so(beginning: str, text: str) -> None:
    """In the order of code points, which is that of UTF-8, and of SQLite."""
    assert beginning + text < after(beginning)
    assert (beginning <= text < after(beginning)) == text.startswith(beginning)


def test_ten_times_the_other_names_cost_no_step_more(tmp_path: Path) -> None:
    few, many = (_cost_beside(tmp_path, count) for count in (100, 1_000))

    assert few == many


def _cost_beside(home: Path, count: int) -> int:
    database = open_database(f"sqlite:///{home / str(count)}.db")
    others = Marks(database, "timetable/")
    others.set_all({f"s{number}": "?" for number in range(count)})
    wanted = Marks(database, "watch/")
    wanted.set("one", "?")
    counted = Steps(database)
    assert list(wanted.all()) == ["one"]
    database.close()
    return counted.count
