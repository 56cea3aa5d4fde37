"""Temporary files of tests are in memory where there is enough of it, unless the user names a place."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from conftest import FORM
from temporary_files import MEMORY, in_memory

ALL_THERE_IS = 1 << 60


def test_a_place_with_space_gets_a_directory(tmp_path: Path) -> None:
    made = in_memory({}, tmp_path, 1)
    assert made is not None
    assert made.parent == tmp_path
    assert made.is_dir()


def test_a_place_that_is_too_small_or_missing_gets_none(tmp_path: Path) -> None:
    assert in_memory({}, tmp_path, ALL_THERE_IS) is None
    assert in_memory({}, tmp_path / "none", 1) is None
    assert not list(tmp_path.iterdir())


def test_the_place_that_a_user_names_stays(tmp_path: Path) -> None:
    assert in_memory({"TMPDIR": "/somewhere"}, tmp_path, 1) is None


def test_directories_of_runs_that_have_ended_are_removed_and_those_of_others_stay(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left, used = tmp_path / f"t-{ended.pid}", tmp_path / f"t-{os.getppid()}"
    left.mkdir()
    used.mkdir()
    in_memory({}, tmp_path, 1)
    assert not left.exists()
    assert used.exists()


def test_other_forms_write_to_the_disk() -> None:
    assert FORM == "sample" or MEMORY not in Path(tempfile.gettempdir()).parents
