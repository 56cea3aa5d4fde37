"""Temporary files of tests are in memory where there is enough of it, and where the user says, if he does."""

from __future__ import annotations

import tempfile
from pathlib import Path

from conftest import FORM
from temporary_files import MEMORY, in_memory

ALL_THERE_IS = 1 << 60


def test_a_place_with_space_is_taken(tmp_path: Path) -> None:
    assert in_memory({}, tmp_path, 1) == str(tmp_path)


def test_a_place_that_is_too_small_or_missing_is_not(tmp_path: Path) -> None:
    assert in_memory({}, tmp_path, ALL_THERE_IS) is None
    assert in_memory({}, tmp_path / "none", 1) is None


def test_the_place_that_a_user_names_stays(tmp_path: Path) -> None:
    assert in_memory({"TMPDIR": "/somewhere"}, tmp_path, 1) is None


def test_other_forms_write_to_the_disk() -> None:
    if FORM != "sample":
        assert Path(tempfile.gettempdir()) != MEMORY
