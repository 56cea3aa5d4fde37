"""The clock of the machine is moved under a running service: libfaketime gives it another time."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from services import ticker
from services.ledgers import open_ledger
from services.waiting import eventually
from sqlalchemy import select

from archive.database.schema import marks

REPOSITORY = Path(__file__).parents[3]
FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
PATIENCE = 600
"""Seconds after which something is wrong."""
pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(FAKETIME is None, reason="libfaketime is not installed"),
]
ZONES = {
    "Europe/Berlin": ["02:30"],
    "Europe/London": ["01:30"],
    "America/New_York": ["01:30", "02:30"],
    "America/Santiago": ["00:15", "23:30"],
    "America/Havana": ["00:15"],
    "Australia/Lord_Howe": ["01:45", "02:15"],
    "Pacific/Chatham": ["02:50"],
    "Africa/Casablanca": ["02:30"],
    "Africa/Cairo": ["00:15", "23:30"],
}
"""And local times that a change of their clocks skips or repeats."""
SEASONS = {"spring": ("2026-02-10", "2026-05-05"), "autumn": ("2026-08-25", "2026-11-10")}
"""In which each of the zones changes its clock, one way or the other."""


class Service:
    """A service in a home of its own, with its time in a file."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._time = home / "faketime"
        (home / "sources").mkdir()
        self.ledger = open_ledger(home / "pressmark.db")
        self.told("+0")

    def told(self, what: str) -> None:
        """Write another time, as its distance from the true one: ``-3h``."""
        new = self._time.with_suffix(".new")
        new.write_text(what + "\n")
        new.replace(self._time)

    def describes(self, name: str, timetable: str) -> None:
        text = f"source: {name}\nseeds: https://example.org/\ntimetable: {timetable}\n"
        (self.home / "sources" / f"{name}.yaml").write_text(text)

    def describes_no_more(self, name: str) -> None:
        (self.home / "sources" / f"{name}.yaml").unlink()
        eventually(lambda: f"timetable/{name}" not in self.marks(), within=PATIENCE)

    @contextmanager
    def running(self) -> Iterator[None]:
        path = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "tests")])
        faked = {
            "LD_PRELOAD": str(FAKETIME),
            "FAKETIME_TIMESTAMP_FILE": str(self._time),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
            "TZ": "UTC",
            "PYTHONPATH": path,
        }
        command = [sys.executable, ticker.__file__, str(self.home)]
        process = subprocess.Popen(command, env=os.environ | faked, stderr=subprocess.PIPE)
        try:
            yield
            (self.home / "stop").touch()
            _, complaint = process.communicate(timeout=PATIENCE)
            told = [line for line in complaint.decode().splitlines() if not line.startswith("the clock was set back")]
            assert (process.returncode, told) == (0, [])
        finally:
            process.kill()
            process.communicate()

    def marks(self) -> list[str]:
        """Return the marks of the timetables that are followed."""
        with self.ledger.database.reading() as connection:
            return list(connection.execute(select(marks.c.name).where(marks.c.name.startswith("timetable/"))).scalars())

    def slots(self, source: str) -> list[datetime]:
        """Return the slots, oldest first."""
        return [slot.at for slot in reversed(self.ledger.slots.list(source, limit=10**6))]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = Service(tmp_path)
    yield made
    made.ledger.database.close()


def even(slots: list[datetime], interval: timedelta) -> bool:
    """Return whether none is missing, and none is there twice."""
    return slots == [slots[0] + interval * number for number in range(len(slots))]


def test_no_slot_is_doubled_or_lost_when_the_clock_is_set_back_and_ahead(service: Service) -> None:
    service.describes("even", "{every: 1s, catch_up: once}")
    service.describes("hourly", "{every: 1h, jitter: 0s, catch_up: 'all:999'}")
    now = datetime.now(UTC)
    with service.running():
        eventually(lambda: len(service.slots("even")) > 2, within=PATIENCE)
        service.told("-3h")
        service.describes("late", "{every: 1s}")
        eventually(lambda: len(service.slots("late")) > 2, within=PATIENCE)
        assert service.slots("late")[-1] < now - timedelta(hours=2), "it keeps the time that it is told, at once"
        service.describes_no_more("late")
        service.told("+0")
        count = len(service.slots("even"))
        eventually(lambda: len(service.slots("even")) > count + 2, within=PATIENCE)
        seconds = service.slots("even")
        service.describes_no_more("even")
        service.told("+1d")
        eventually(lambda: len(service.slots("hourly")) >= 24, within=PATIENCE)

    assert even([at for at in seconds if at > now], timedelta(seconds=1))
    assert any(at < now - timedelta(hours=2) for at in seconds), "a timetable goes on with a clock that is set back"
    assert even(service.slots("hourly"), timedelta(hours=1))
    runs = service.ledger.runs.list(limit=10**6)
    assert len({(run.source, run.tick) for run in runs}) == len(runs)


@pytest.mark.costly
def test_a_clock_that_is_five_days_ahead_for_a_moment_stops_no_timetable(service: Service) -> None:
    service.describes("even", "{every: 1s, catch_up: once}")
    service.describes("hourly", "{every: 1h, jitter: 0s, catch_up: once}")
    with service.running():
        eventually(lambda: len(service.slots("even")) > 2, within=PATIENCE)
        service.told("+5d")
        ahead = datetime.now(UTC) + timedelta(days=4)
        eventually(lambda: service.slots("even")[-1] > ahead and service.slots("hourly"), within=PATIENCE)
        service.told("+0")
        back = datetime.now(UTC) + timedelta(seconds=1)
        eventually(lambda: len(_between(service.slots("even"), back, ahead)) > 3, within=PATIENCE)
        now = datetime.now(UTC)

    assert even(_between(service.slots("even"), back, now), timedelta(seconds=1))
    [taken_back] = service.ledger.events.after(kinds=["timetable.taken-back"])
    assert taken_back.facts["sources"] == 2
    assert _between(service.slots("hourly"), now, ahead) == [], "what was only passed over falls due again"
    runs = service.ledger.runs.list(limit=10**6)
    assert len({(run.source, run.tick) for run in runs}) == len(runs)


@pytest.mark.costly
def test_a_second_that_the_clock_repeats_has_one_slot(service: Service) -> None:
    """What most clocks do at a leap second: 23:59:59 comes twice."""
    service.describes("even", "{every: 1s, jitter: 0s, catch_up: 'all:999'}")
    with service.running():
        for repeated in range(1, 4):
            count = len(service.slots("even"))
            eventually(lambda count=count: len(service.slots("even")) > count + 2, within=PATIENCE)  # type: ignore[misc]
            service.told(f"-{repeated}")
        count = len(service.slots("even"))
        eventually(lambda: len(service.slots("even")) > count + 2, within=PATIENCE)
        slots = service.slots("even")

    assert even(slots, timedelta(seconds=1))
    runs = service.ledger.runs.list(limit=10**6)
    assert len({(run.source, run.tick) for run in runs}) == len(runs)


@pytest.mark.parametrize(
    "season",
    [pytest.param(season, marks=pytest.mark.costly if number else ()) for number, season in enumerate(SEASONS)],
)
def test_a_time_of_day_has_one_slot_each_day_although_the_clocks_of_nine_zones_change(
    service: Service, season: str
) -> None:
    """Months pass in some seconds, hours or days at a time."""
    first, last = (datetime.fromisoformat(day).replace(tzinfo=UTC) for day in SEASONS[season])
    for zone, times in ZONES.items():
        name = zone.lower().replace("/", "-").replace("_", "-")
        service.describes(name, f"{{at: {times}, timezone: {zone}, catch_up: 'all:999'}}".replace("'", '"'))
    service.told(_shifted_to(first))
    with service.running():
        eventually(lambda: len(service.marks()) == len(ZONES), within=PATIENCE)
        now, steps = first, random.Random(season)
        while now < last + timedelta(days=2):
            now += timedelta(hours=steps.choice([5, 25, 60, 130]), minutes=steps.randrange(60))
            service.told(_shifted_to(now))
            time.sleep(0.1)
        eventually(lambda: service.ledger.slots.list(since=last, limit=1), within=PATIENCE)

    moved = set()
    for zone, times in ZONES.items():
        slots = service.slots(zone.lower().replace("/", "-").replace("_", "-"))
        moved |= {zone for at in slots if _offset(at, zone) != _offset(slots[0], zone)}
        for text in times:
            days = Counter(day for at in slots if (day := _day_of(at, zone, text)))
            inner = [(slots[0] + timedelta(days=number)).date() for number in range(2, (slots[-1] - slots[0]).days - 1)]
            assert [day for day in inner if days[day] != 1] == [], (zone, text)
    assert moved | {"Africa/Casablanca"} == set(ZONES), "which moves its clock for Ramadan, both ways in spring"


def test_a_doubled_lost_or_moved_slot_is_detected() -> None:
    second = timedelta(seconds=1)
    slots = [datetime(2026, 3, 29, 0, 59, 58, tzinfo=UTC) + second * number for number in range(4)]
    assert even(slots, second)

    assert not even([*slots[:2], *slots[1:]], second), "doubled"
    assert not even([*slots[:1], *slots[2:]], second), "lost"
    assert not even([*slots[:2], slots[2] + timedelta(hours=1), slots[3]], second), "moved"


def _between(slots: list[datetime], since: datetime, until: datetime) -> list[datetime]:
    return [at for at in slots if since < at <= until]


def _shifted_to(moment: datetime) -> str:
    return f"{int((moment - datetime.now(UTC)).total_seconds()):+}"


def _offset(at: datetime, zone: str) -> timedelta:
    return at.astimezone(ZoneInfo(zone)).utcoffset() or timedelta(0)


def _day_of(at: datetime, zone: str, text: str) -> date | None:
    """Return the local day of a slot if it stands for this time of day, which the clock may have skipped."""
    for offset in {_offset(at + timedelta(hours=shift), zone) for shift in (-2, 0)}:
        local = (at + offset).replace(tzinfo=None)
        if local.strftime("%H:%M") == text:
            return local.date()
    return None
