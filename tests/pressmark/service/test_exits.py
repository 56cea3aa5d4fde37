from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

import pytest

from archive.values.errors import (
    CaptureNotFound,
    DatabaseFull,
    DatabaseReadOnly,
    DatabaseRefused,
    DatabaseUnreachable,
    IntegrityError,
    SpoolFull,
    StoreDenied,
    StoreUnreachable,
)
from crawler.frontier.failures import unwritable
from pressmark.service.exits import Exit, exit_of, exit_of_outcome


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (CaptureNotFound("https://example.org/"), 5),
        (StoreUnreachable("no answer"), 6),
        (StoreDenied("no right"), 12),
        (IntegrityError("other bytes"), 10),
        (SpoolFull("no room"), 7),
        (DatabaseFull("a.db", "no room"), 7),
        (DatabaseRefused("a.db", "no right"), 8),
        (DatabaseUnreachable("a.db", "no answer"), 8),
        (KeyboardInterrupt(), 130),
        (ValueError("anything"), 1),
        (OSError(errno.ENOSPC, "no space"), 7),
    ],
)
def test_an_error_ends_with_the_code_of_its_kind(error: BaseException, code: int) -> None:
    assert exit_of(error) == code


@pytest.mark.parametrize(
    ("outcome", "code"),
    [("done", 0), ("unchanged", 0), ("partial", 3), ("blocked", 9), ("limited", 14), ("interrupted", 75), ("empty", 1)],
)
def test_a_run_ends_with_the_code_of_its_outcome(outcome: str, code: int) -> None:
    assert exit_of_outcome(outcome) == code


def test_a_time_limit_has_another_code_than_a_size_limit_whatever_the_source_is_called() -> None:
    assert exit_of_outcome("limited", "the time limit of 1 hour was reached") == Exit.TIME_LIMIT
    assert exit_of_outcome("limited", "the quota of daily-times, 1GiB, is used up") == Exit.SIZE_LIMIT


def test_a_run_ended_by_its_database_ends_with_the_code_of_the_database() -> None:
    assert exit_of_outcome("failed", str(DatabaseRefused("a.db", "no right"))) == Exit.DATABASE
    assert exit_of_outcome("failed", str(DatabaseFull("a.db", "no room"))) == Exit.DISK_FULL
    assert exit_of_outcome("failed", str(DatabaseReadOnly("a.db", "read-only"))) == Exit.DATABASE


def test_a_run_that_its_frontier_ended_ends_in_the_code_of_a_disk() -> None:
    for error in (sqlite3.OperationalError("disk I/O error"), OperationalFull("database or disk is full")):
        told = unwritable(Path("frontiers/run.db"), error)
        assert exit_of(told) == exit_of_outcome("failed", str(told)) == Exit.DISK_FULL


class OperationalFull(sqlite3.OperationalError):
    sqlite_errorcode = sqlite3.SQLITE_FULL
