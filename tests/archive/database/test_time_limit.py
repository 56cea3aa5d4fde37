"""A statement that would take minutes ends at its limit, and the connection is as good as before."""

from __future__ import annotations

from time import monotonic

import pytest

from archive.database.engine import Database
from archive.database.time_limit import default_time_limit, time_limit
from archive.values.errors import QueryTooLong

COUNT = """WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < {})
SELECT max(n) FROM counted"""
MINUTES, SHORT = 10_000_000_000, 1_000


def count(database: Database, to: int) -> int:
    with database.reading() as connection:
        return int(connection.exec_driver_sql(COUNT.format(to)).scalar_one())


def test_a_statement_that_would_take_minutes_is_ended(either: Database) -> None:
    begun = monotonic()
    with pytest.raises(QueryTooLong, match="the search took too long"), time_limit(0.2):
        count(either, MINUTES)

    assert monotonic() - begun < 60
    assert count(either, SHORT) == SHORT
    with time_limit(60):
        assert count(either, SHORT) == SHORT  # the control


def test_statements_share_one_limit(either: Database) -> None:
    with time_limit(0.2):
        with pytest.raises(QueryTooLong):
            count(either, MINUTES)
        with pytest.raises(QueryTooLong):  # its time is over, however short it is
            count(either, SHORT)


def test_the_limit_ends_with_its_context(either: Database) -> None:
    with time_limit(-1), pytest.raises(QueryTooLong):
        count(either, SHORT)
    assert count(either, 2_000_000) == 2_000_000


def test_a_limit_of_the_context_comes_before_the_default(either: Database) -> None:
    with pytest.raises(QueryTooLong), default_time_limit(-1):
        count(either, SHORT)
    with time_limit(60), default_time_limit(-1):
        assert count(either, SHORT) == SHORT
