"""Homes whose services lack a role, for tests of states that need a person."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from services.broken_homes import House, opened
from services.runs_of_days import ran
from sqlalchemy import update

from archive.database.schema import batch_jobs, reading_jobs, runs
from archive.texts.reading_jobs import ReadingJobs
from pressmark.service.readers import batches_of
from pressmark.service.service import Service
from pressmark.upkeep.silent_sources import note_silence
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


def _with_a_late_segment(service: Service) -> None:
    """Leave the texts of a segment to others, long ago."""
    began = service.now() - 2 * MISSED_AFTER
    ReadingJobs(service.database, now=lambda: began, lease=service.epochs.lease).add_unread("20260131T120000Z-1")


def without_read(house: House) -> None:
    with opened(house) as service:
        _with_a_late_segment(service)
        noted(service, {"api", "clock", "work"}, 2 * MISSED_AFTER)


def with_unread_texts(house: House) -> None:
    """Let a service with the role `read` fail three times at a segment."""
    with opened(house) as service:
        _with_a_late_segment(service)
        service.roles_seen.note({"api", "clock", "read", "work"})
        with service.database.writing() as connection:
            connection.execute(update(reading_jobs).values(failures=3, problem="its file is damaged"))


def with_jobs_and_no_reader(house: House) -> None:
    with opened(house) as service:
        batches_of(service).request("audit", {}, "somebody")
        noted(service, {"api", "clock", "work"}, 2 * MISSED_AFTER)


def with_failing_jobs(house: House) -> None:
    """Let a service with the role `read` fail three times at the first job of an audit."""
    with opened(house) as service:
        batches_of(service).request("audit", {}, "somebody")
        service.roles_seen.note({"api", "clock", "read", "work"})
        with service.database.writing() as connection:
            connection.execute(update(batch_jobs).values(failures=3, problem="the store is tired"))


def without_news(house: House) -> None:
    """Let four sources that brought something every day bring nothing since yesterday."""
    (house.home / "sources").mkdir(exist_ok=True)
    for number in range(4):
        source = f"source: paper-{number}\nseeds: [https://paper-{number}.example/]\n"
        (house.home / "sources" / f"paper-{number}.yaml").write_text(source)
    with opened(house) as service:
        ran(service.database, service.now(), {f"paper-{number}": range(1, 15) for number in range(4)})
        note_silence(service)
