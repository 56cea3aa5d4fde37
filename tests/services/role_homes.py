"""Homes whose services lack a role, for tests of states that need a person."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from services.broken_homes import House, opened
from sqlalchemy import update

from archive.database.schema import runs
from pressmark.service.service import Service
from scheduler.workers.roles_seen import MISSED_AFTER, NOTE_EVERY, RolesSeen

SOURCE = "source: hourly\nseeds: https://example.org/\ntimetable: {every: 1h}\n"


def noted(service: Service, roles: Collection[str], lasted: timedelta) -> None:
    """Note these roles as a service does that has been running for that long."""
    began, ago = service.now() - lasted, timedelta(0)
    while ago < lasted:
        at = began + ago
        RolesSeen(service.database, now=lambda at=at: at).note(roles)  # type: ignore[misc]
        ago += NOTE_EVERY


def with_a_late_run(service: Service) -> None:
    """Add a source with a timetable, and a run of it that has waited for long."""
    service.settings.sources.mkdir(parents=True, exist_ok=True)
    (service.settings.sources / "hourly.yaml").write_text(SOURCE)
    service.sources.reload()
    service.runs.request("hourly")
    with service.database.writing() as connection:
        connection.execute(update(runs).values(requested_at=service.now() - 2 * MISSED_AFTER))


def without_clock(house: House) -> None:
    with opened(house) as service:
        with_a_late_run(service)
        noted(service, {"api", "work"}, 2 * MISSED_AFTER)


def without_work(house: House) -> None:
    with opened(house) as service:
        with_a_late_run(service)
        noted(service, {"api", "clock", "ship"}, 2 * MISSED_AFTER)
