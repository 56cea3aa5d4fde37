"""Two services, then four, on one database: real processes, one of them stopped past its lease and woken again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import LONG, figure
from services import strikers
from services.ledgers import Ledger, open_ledger
from services.strikers import Settings
from services.waiting import eventually

REPOSITORY = Path(__file__).parents[3]
SLOTS = figure(400, 1_000, 10_000)
STOPPED = figure(2.0, 5.0, 60.0)
"""Seconds of wall time that a service is stopped, which are several leases."""
SPEED = figure(200, 60, 30)
SOURCES = 40 if LONG else 16
LEASE = 60.0
"""Seconds of the fast time."""
PATIENCE = figure(600, 1_200, 1_200)
"""Seconds after which something is wrong."""
pytestmark = pytest.mark.timeout(PATIENCE * 2)


@dataclass
class Seen:
    """The ledger at the end, and the log of each process."""

    ledger: Ledger
    told: list[dict[str, Any]]

    def of(self, what: str) -> list[dict[str, Any]]:
        return [line for line in self.told if line["what"] == what]

    def twice(self) -> list[tuple[str, str]]:
        """Return slots that were queued more than once."""
        queued = Counter((line["source"], line["slot"]) for line in self.of("queued"))
        return [slot for slot, times in queued.items() if times > 1]

    def missed(self) -> list[tuple[str, datetime]]:
        """Return slots between the first and the last of a source that are not recorded."""
        known = {(slot.source, slot.at) for slot in self.ledger.slots.list(limit=10**6)}
        gaps = []
        for source in {source for source, _ in known}:
            moments = sorted(at for name, at in known if name == source)
            minutes = (moments[-1] - moments[0]) // timedelta(minutes=1)
            every = [(source, moments[0] + timedelta(minutes=minute)) for minute in range(minutes)]
            gaps += [slot for slot in every if slot not in known]
        return gaps


def told(log: Path, what: str) -> int:
    """Return how often a service has logged this."""
    return log.read_text().count(f'"what": "{what}"') if log.exists() else 0


@contextmanager
def services(directory: Path, number: int, settings: Settings) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Run this many services on a new database; at the end all are stopped, and none is left."""
    open_ledger(directory / "db").database.close()
    running = [_service(directory, name, settings) for name in range(number)]
    try:
        yield running
        (directory / "stop").touch()
        for each in running:
            _, complaint = each.communicate(timeout=PATIENCE)
            assert (each.returncode, complaint) == (0, b"")
    finally:
        for each in running:
            each.kill()
            each.communicate()


def _service(directory: Path, name: int, settings: Settings) -> subprocess.Popen[bytes]:
    files = [str(directory / "db"), str(directory / f"{name}.log")]
    path = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "tests")])
    command = [sys.executable, strikers.__file__, *files, f"w{name}", settings.json()]
    return subprocess.Popen(command, env=os.environ | {"PYTHONPATH": path}, stderr=subprocess.PIPE)


def seen(directory: Path) -> Seen:
    lines = [line for log in sorted(directory.glob("*.log")) for line in log.read_text().splitlines()]
    return Seen(open_ledger(directory / "db", migrate=False), [json.loads(line) for line in lines])


def agree(**more: Any) -> Settings:
    return Settings(**({"started": time.time(), "speed": SPEED, "sources": SOURCES, "lease": LEASE} | more))


def ended(running: Sequence[subprocess.Popen[bytes]]) -> bool:
    """Return whether a service has ended too early: `services` then fails with its errors."""
    return any(each.poll() is not None for each in running)


def run_services(directory: Path, number: int, slots: int = SLOTS, **more: Any) -> Seen:
    """Return what this many services did until they had queued runs for this many slots, each of them some."""
    logs = [directory / f"{name}.log" for name in range(number)]
    with services(directory, number, agree(lease=20 * LEASE, **more)) as running:
        eventually(lambda: ended(running) or all(told(log, "queued") for log in logs), within=PATIENCE)
        eventually(lambda: ended(running) or sum(told(log, "queued") for log in logs) >= slots, within=PATIENCE)
    return seen(directory)


def run_with_one_stopped(directory: Path, **more: Any) -> Seen:
    """Run two services; the first is stopped in the middle of a crawl, for several leases, and woken."""
    one, two = directory / "0.log", directory / "1.log"
    with services(directory, 2, agree(crawl=0.05, **more)) as running:
        first = running[0]
        eventually(lambda: ended(running) or (told(one, "taken") and told(two, "taken")), within=PATIENCE)
        _stop_past_its_lease(first.pid, one, directory / "db")
        before = told(one, "finished")
        os.kill(first.pid, signal.SIGCONT)
        eventually(lambda: ended(running) or told(one, "finished") > before + 5, within=PATIENCE)
    return seen(directory)


def _stop_past_its_lease(process: int, log: Path, database: Path) -> None:
    """Stop it until the other has taken its run back.

    Its lines say less than the ledger, because it may be stopped between writing the end and logging it.
    """
    ledger = open_ledger(database, migrate=False)
    for _ in range(100):
        run = _stop_in_the_middle_of_a_crawl(process, log)
        time.sleep(STOPPED)
        if any(each.id == run and each.attempt > 1 for each in ledger.runs.list(limit=10**6)):
            ledger.database.close()
            return
        os.kill(process, signal.SIGCONT)
    pytest.fail("nobody takes back the run of a service that stands still")


def _stop_in_the_middle_of_a_crawl(process: int, log: Path) -> str:
    """Return the run that the service is crawling."""
    for _ in range(1000):
        os.kill(process, signal.SIGSTOP)
        time.sleep(0.01)
        lines = log.read_text().splitlines()
        if lines and (last := json.loads(lines[-1]))["what"] == "taken":
            return str(last["run"])
        os.kill(process, signal.SIGCONT)
        time.sleep(0.013)
    pytest.fail("the service is never in the middle of a crawl")


@pytest.mark.parametrize("number", [2, pytest.param(4, marks=pytest.mark.costly)])
def test_no_slot_runs_twice_and_none_is_missed(tmp_path: Path, number: int) -> None:
    found = run_services(tmp_path, number)
    slots, runs = found.ledger.slots.list(limit=10**6), found.ledger.runs.list(limit=10**6)
    finished = Counter(line["run"] for line in found.of("finished"))
    lost = found.missed()
    found.ledger.database.close()

    assert len(slots) >= SLOTS
    assert (found.twice(), lost) == ([], [])
    assert len({(run.source, run.tick) for run in runs}) == len(runs)
    assert len({line["by"] for line in found.of("queued")}) == number, "each service has queued some"
    assert set(finished.values()) == {1}
    assert set(finished) == {run.id for run in runs if run.status == "over"}


@pytest.mark.costly
def test_services_run_slots_twice_without_slots_and_marks(tmp_path: Path) -> None:
    """The control: the test above detects a double run when the database enforces nothing."""
    found = run_services(tmp_path, 2, slots=200, broken="slots")
    found.ledger.database.close()

    assert len(found.twice()) > 20


def test_a_service_stopped_past_its_lease_writes_nothing_when_it_wakes(tmp_path: Path) -> None:
    found = run_with_one_stopped(tmp_path)
    refused = [line["run"] for line in found.of("finish refused") if line["by"] == "w0"]
    runs = {run.id: run for run in found.ledger.runs.list(limit=10**6)}
    lost = found.missed()
    found.ledger.database.close()

    assert refused, "the end that it wrote on waking was refused"
    assert all(runs[run].attempt > 1 for run in refused), "its run had been taken back"
    assert (found.twice(), lost) == ([], [])
    assert max(Counter(line["run"] for line in found.of("finished")).values()) == 1
    assert {run.worker for run in runs.values() if run.status == "over"} == {"w0", "w1"}, "it went on, as a new epoch"


def test_a_service_stopped_past_its_lease_writes_when_it_wakes_without_the_fence(tmp_path: Path) -> None:
    """The control: without the fence, its end of the run is accepted, and the run is ended twice."""
    found = run_with_one_stopped(tmp_path, broken="fence")
    found.ledger.database.close()

    assert found.of("finish refused") == []
    assert max(Counter(line["run"] for line in found.of("finished")).values()) > 1


def test_the_fast_time_is_the_same_for_all() -> None:
    settings = Settings(started=time.time() - 10, speed=60, sources=0, lease=1)
    expected = datetime.fromtimestamp(settings.started, UTC) + timedelta(minutes=10)

    assert abs(settings.now() - expected) < timedelta(minutes=1)
