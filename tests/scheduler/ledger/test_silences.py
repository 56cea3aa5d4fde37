"""Sources that usually bring something each day are missed when far more of them than usual bring nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from services.runs_of_days import ran

from archive.database.engine import Database
from scheduler.ledger.silences import Silence, silence

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def database(either: Database) -> Database:
    return either


def names(count: int) -> list[str]:
    return [f"s{number:02}" for number in range(count)]


def looked(database: Database, among: Iterable[str]) -> Silence:
    return silence(database, NOW, {*among})


def test_a_day_without_anything_from_many_sources_is_strange(database: Database) -> None:
    ran(database, NOW, dict.fromkeys(names(20), range(1, 15)))
    ran(database, NOW, dict.fromkeys(names(20)[5:], range(1)))

    found = looked(database, names(20))
    assert found.silent == ("s00", "s01", "s02", "s03", "s04")
    assert (found.usual, found.is_strange, sum(found.before)) == (20, True, 0)


def test_a_day_like_those_before_is_not(database: Database) -> None:
    weekends = {day for day in range(1, 15) if (NOW - timedelta(days=day)).weekday() >= 5}
    ran(database, NOW, dict.fromkeys(names(10), set(range(1, 15)) - weekends))

    found = looked(database, names(10))
    assert len(found.silent) == max(found.before) == 10
    assert not found.is_strange


@pytest.mark.parametrize(("silent", "all_of_them"), [(2, 10), (3, 100)])
def test_a_few_silent_sources_are_not_strange(database: Database, silent: int, all_of_them: int) -> None:
    ran(database, NOW, dict.fromkeys(names(all_of_them), range(1, 15)))
    ran(database, NOW, dict.fromkeys(names(all_of_them)[silent:], range(1)))

    assert not looked(database, names(all_of_them)).is_strange


def test_sources_that_rarely_bring_something_that_are_young_paused_or_removed_do_not_count(database: Database) -> None:
    ran(database, NOW, {"weekly": [3, 10], "young": [1, 2, 3], "paused": range(1, 15), "usual": [*range(1, 8)]})

    assert looked(database, ["weekly", "young", "usual"]).silent == ("usual",)
    assert looked(database, ["weekly", "young", "usual"]).usual == 1


def test_runs_without_anything_new_of_a_single_page_or_unfinished_bring_nothing(database: Database) -> None:
    ran(database, NOW, {"usual": range(1, 15)})
    ran(database, NOW, {"usual": [0]}, captures=5, revisits=5)
    ran(database, NOW, {"usual": [0]}, url="https://example.org/")
    ran(database, NOW, {"usual": [0]}, status="running")

    assert looked(database, ["usual"]).silent == ("usual",)
    ran(database, NOW, {"usual": [0]}, captures=6, revisits=5)
    assert looked(database, ["usual"]).silent == ()


def test_days_before_the_first_of_a_source_do_not_count_as_silent(database: Database) -> None:
    ran(database, NOW, {"new": range(1, 8), "old": [1, 2, 3, 4, 5, 6, 7, 9, 11, 13]})

    found = looked(database, ["new", "old"])
    assert found.before[:7] == (0,) * 7
    assert [number + 1 for number, silent in enumerate(found.before) if silent] == [8, 10, 12]
