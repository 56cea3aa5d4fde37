"""Temporary files of tests are in memory where there is enough of it, unless the user names a place."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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


RUN = """
import os, sys
from pathlib import Path
from temporary_files import in_memory
made = in_memory({}, Path(sys.argv[1]), 1)
(made / "file").write_text("x")
print(made, flush=True)
sys.stdin.read()
"""


def test_directories_of_runs_that_have_ended_are_removed_and_those_of_others_stay(tmp_path: Path) -> None:
    with a_run(tmp_path) as ended:
        ended.process.kill()
        ended.process.wait()
    with a_run(tmp_path) as used:
        assert not ended.made.exists()
        mine = in_memory({}, tmp_path, 1)
        assert (used.made / "file").exists()
    assert mine is not None
    assert in_memory({}, tmp_path, 1) != mine
    assert mine.exists() and not used.made.exists()


def test_numbers_of_processes_tell_nothing(tmp_path: Path) -> None:
    """The number of a run that has ended may be that of another process now."""
    left = tmp_path / f"pm-{os.getppid()}"
    left.mkdir()
    in_memory({}, tmp_path, 1)
    assert not left.exists()


@dataclass
class Run:
    process: subprocess.Popen[str]
    made: Path


@contextmanager
def a_run(place: Path) -> Iterator[Run]:
    """Another process with a directory for its temporary files, which ends on its own at the end."""
    command = [sys.executable, "-c", RUN, str(place)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent
    ) as process:
        assert process.stdout is not None
        yield Run(process, Path(process.stdout.readline().strip()))


def test_other_forms_write_to_the_disk() -> None:
    assert FORM == "sample" or MEMORY not in Path(tempfile.gettempdir()).parents
