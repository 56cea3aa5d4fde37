"""A database is checked when its file has changed, and the result is cached until then."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from services.databases import database_file
from services.waiting import eventually

from archive.database.quick_check import QuickCheck

PAGE = 4096


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return database_file(tmp_path / "a.db")


def test_damage_is_reported_until_an_intact_file_replaces_it(file: Path) -> None:
    whole = file.read_bytes()
    check = QuickCheck(f"sqlite:///{file}")
    before = check.problem()
    file.write_bytes(whole[: 2 * PAGE] + os.urandom(len(whole) - 2 * PAGE))
    told = eventually(check.problem)
    again = check.problem()
    file.write_bytes(whole)

    assert before is None
    assert told == again
    assert eventually(lambda: check.problem() is None)


def test_a_file_that_did_not_change_is_not_read_again(file: Path) -> None:
    check = QuickCheck(f"sqlite:///{file}")
    before = check.problem()
    stamp = file.stat()
    with file.open("r+b") as opened:
        opened.truncate(2 * PAGE)
        opened.truncate(stamp.st_size)
    os.utime(file, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))

    assert (before, check.problem()) == (None, None)
    assert QuickCheck(f"sqlite:///{file}").problem() is not None


def test_a_database_without_a_file_has_no_damage(tmp_path: Path) -> None:
    assert QuickCheck("postgresql://host/name").problem() is None
    assert QuickCheck(f"sqlite:///{tmp_path}/none.db").problem() is None
