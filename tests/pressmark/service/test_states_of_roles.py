"""Services of which none follows the timetables, or none crawls, are reported after ten minutes; others are not."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from services.role_homes import noted, with_a_late_run

from config.settings import load_settings
from pressmark.processes import serve
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service
from pressmark.upkeep.conditions import conditions
from scheduler.workers.roles_seen import MISSED_AFTER, RolesSeen

LONG = 2 * MISSED_AFTER
STATES = {"services-without-clock", "services-without-work"}


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with open_pressmark(load_settings({"home": tmp_path / "home"})) as service:
        with_a_late_run(service)
        yield service


def missed(service: Service) -> set[str | None]:
    return {one.state for one in conditions(service)} & STATES


def test_nothing_is_missed_while_no_service_runs_and_while_all_roles_have_one(service: Service) -> None:
    assert missed(service) == set()
    noted(service, {"api", "clock", "work"}, LONG)
    assert missed(service) == set()


def test_a_role_is_missed_once_others_have_run_without_it_for_ten_minutes(service: Service) -> None:
    noted(service, {"api"}, MISSED_AFTER - timedelta(minutes=1))
    assert missed(service) == set()
    noted(service, {"api"}, LONG)
    assert missed(service) == STATES

    service.roles_seen.note({"clock"})
    assert missed(service) == {"services-without-work"}
    service.roles_seen.note({"work"})
    assert missed(service) == set()


def test_a_role_that_was_noted_while_the_clock_was_ahead_is_not_missed_at_once(service: Service) -> None:
    with_the_clock = RolesSeen(service.database, now=lambda: service.now() + timedelta(hours=1))
    with_the_clock.note({"api", "clock", "work"})
    service.roles_seen.note({"api"})
    assert missed(service) == set()


def test_a_failure_to_note_ends_no_later_note(monkeypatch: pytest.MonkeyPatch) -> None:
    noted = list[frozenset[str]]()

    class Refusing(RolesSeen):
        def __init__(self) -> None:
            """It has no database."""

        def note(self, roles: Collection[str]) -> None:
            noted.append(frozenset(roles))
            raise TimeoutError("no connection is free")

    async def twice() -> None:
        noting = asyncio.create_task(serve._note_again([partial(Refusing().note, frozenset({"api"}))]))
        async with asyncio.timeout(60):
            while len(noted) < 2:
                await asyncio.sleep(0.01)
        noting.cancel()

    monkeypatch.setattr(serve, "NOTE_EVERY", timedelta(0))
    asyncio.run(twice())


def test_work_is_missed_only_while_runs_wait_and_a_clock_only_while_there_are_timetables(service: Service) -> None:
    noted(service, {"api"}, LONG)
    service.pauses.pause("hourly")
    assert missed(service) == {"services-without-clock"}
    (service.settings.sources / "hourly.yaml").write_text("source: hourly\nseeds: https://example.org/\n")
    service.sources.reload()
    assert missed(service) == set()
