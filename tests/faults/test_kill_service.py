"""kill -9 of the supervisor of a service, of its worker, or of everything, at any instant from its start on."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from conftest import FORM, figure
from crawling.site import Asked, Reply, Site, html, serving
from journeys.household import Household, gazette
from services.waiting import eventually

from archive.values.errors import ArchiveError
from config.settings import load_settings
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service

KILLS = figure(2, 200, 2_000)
PAGES = 300
"""Of the site: each is new at every request."""
VICTIMS = ("worker", "supervisor", "everything")
SETTINGS = {
    "PRESSMARK_SPOOL__SEAL_BYTES": "96KiB",
    "PRESSMARK_SPOOL__SEAL_AFTER": "5s",
    "PRESSMARK_SPOOL__GRACE": "0s",
    "PRESSMARK_WORKER__ATTEMPTS": "1000",
}
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(FORM == "sample", reason="each life of a service costs seconds: make test-faults"),
    pytest.mark.timeout(figure(600, 7_200, 72_000)),
]


class Changing:
    """A tree of pages that are never the same twice; it remembers the SHA-256 of every body that it sent."""

    def __init__(self) -> None:
        self.sent: dict[str, set[str]] = {}

    def __call__(self, asked: Asked) -> Reply:
        number = int(asked.path.strip("/") or 0)
        links = (f"/{n}" for n in range(number * 3 + 1, number * 3 + 4) if n < PAGES)
        body = html(*links, text=random.randbytes(600).hex()).body
        assert isinstance(body, str)
        self.sent.setdefault(asked.path, set()).add(hashlib.sha256(body.encode()).hexdigest())
        return Reply(body=body, after=0.02)


@pytest.fixture
def household(tmp_path: Path) -> Household:
    household = Household(tmp_path / "home")
    household.environment |= SETTINGS
    return household


@pytest.fixture
def changing() -> Changing:
    return Changing()


@pytest.fixture
def site(changing: Changing) -> Iterator[Site]:
    with serving() as site:
        site.routes["/robots.txt"] = Reply(404)
        site.otherwise = changing
        yield site


class Life:
    """A service from its start to its death."""

    def __init__(self, household: Household) -> None:
        self._log = (household.home.parent / "lives.log").open("a")
        command = household.command("serve", "--port", "0")
        self._process = subprocess.Popen(
            command, env=household.env(), stdout=self._log, stderr=self._log, start_new_session=True
        )
        self._supervisor = psutil.Process(self._process.pid)

    def kill(self, victim: str) -> bool:
        """Kill it, or its worker only; whether it is dead."""
        workers = self._supervisor.children()
        if victim == "worker":
            for worker in workers:
                with suppress(psutil.NoSuchProcess):
                    worker.kill()
            return False
        if victim == "everything":
            os.killpg(self._process.pid, signal.SIGKILL)
        else:
            self._process.kill()
        self._process.wait()
        psutil.wait_procs(workers, timeout=60)
        self._log.close()
        return True


def listed(home: Path) -> set[str]:
    """Return the records that are listed now, also during writes."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"file:{home}/pressmark.db?mode=ro", uri=True)) as database:
        return {record for (record,) in database.execute("SELECT record_id FROM captures WHERE kind != 'failed'")}
    return set()


def unshipped(home: Path) -> int:
    """Return how many segments the store does not have yet."""
    with closing(sqlite3.connect(f"file:{home}/pressmark.db?mode=ro", uri=True)) as database:
        [(count,)] = database.execute("SELECT count(*) FROM segments WHERE state IN ('open', 'sealed')")
    return int(count)


def kill_again_and_again(household: Household, chance: random.Random) -> tuple[set[str], Counter[str]]:
    """All that was ever listed before a kill, and how often each victim was killed."""
    known: set[str] = set()
    killed: Counter[str] = Counter()
    life = None
    while killed.total() < KILLS:
        life = life or Life(household)
        if killed.total() % 2:  # after work, so that a slow machine does some too
            count = len(known) + chance.randint(3, 20)
            known |= eventually(lambda count=count: now if len(now := listed(household.home)) >= count else None)  # type: ignore[misc]
        time.sleep(chance.uniform(0, 3))
        known |= listed(household.home)
        victim = chance.choice(VICTIMS)
        killed[victim] += 1
        if life.kill(victim):
            life = None
    if life:
        life.kill("everything")
    return known, killed


def problems(service: Service, site: Site, known: set[str], sent: dict[str, set[str]]) -> list[str]:
    """What is not as it was listed, or not as the site sent it."""
    kept = [capture for capture in service.index.captures(site.url, match="host") if capture.kind != "failed"]
    times = Counter(capture.record_id for capture in kept)
    found = [f"lost: {record}" for record in sorted(known - times.keys())]
    found += [f"{count} times: {record}" for record, count in times.items() if count > 1]
    for capture in kept:
        try:
            with service.archive.open(capture) as snapshot, snapshot.raw() as raw:
                digest = hashlib.sha256(raw.read()).hexdigest()
        except ArchiveError as error:
            found.append(f"unreadable: {error}")
            continue
        path = "/" + capture.url.split("/", 3)[3]
        if path != "/robots.txt" and digest not in sent.get(path, ()):
            found.append(f"not as sent: {capture.url}")
    return found


def values(household: Household) -> dict[str, Any]:
    return {"home": str(household.home), "spool.ballast": "0B", "log.level": "error"}


def test_nothing_that_was_listed_is_lost_by_kill_9_of_a_service_again_and_again(
    household: Household, site: Site, changing: Changing
) -> None:
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    household.source("gazette", gazette(f"{site.url}/", more="timetable: {every: 1s}\n"))
    known, killed = kill_again_and_again(household, random.Random(seed))
    print(f"killed {dict(killed)}; {len(known)} captures were listed")

    household.source("gazette", gazette(f"{site.url}/"))
    with household.serving() as served:
        eventually(lambda: not unfinished(served.get("/api/v1/runs").json["items"]), within=600)
        eventually(lambda: served.get("/readyz").status == 200)
        eventually(lambda: known <= listed(household.home))
        eventually(lambda: not unshipped(household.home), within=600)
    with open_pressmark(load_settings(values(household))) as service:
        assert problems(service, site, known, changing.sent) == []
        assert len(known) > KILLS
        assert [row.name for row in service.index.segments("open", "sealed")] == []
    assert household.run("verify", "--all", "--json").json["findings"] == []


def unfinished(runs: list[dict[str, Any]]) -> list[str]:
    return [run["id"] for run in runs if run["status"] != "over"]


def test_what_is_lost_torn_or_changed_after_a_kill_is_seen(
    household: Household, site: Site, changing: Changing
) -> None:
    household.environment |= {"PRESSMARK_SPOOL__SEAL_AFTER": "1h", "PRESSMARK_SPOOL__SEAL_BYTES": "64MiB"}
    household.source("gazette", gazette(f"{site.url}/", more="timetable: {every: 1s}\n"))
    life = Life(household)
    try:
        known = eventually(lambda: now if len(now := listed(household.home)) > 20 else None)
    finally:
        life.kill("everything")
    with open_pressmark(load_settings(values(household))) as service:
        assert problems(service, site, known, changing.sent) == []
        assert problems(service, site, {"<urn:uuid:never>"}, {})[0] == "lost: <urn:uuid:never>"
        assert f"not as sent: {site.url}/" in problems(service, site, known, {})
        for segment in (household.home / "spool").glob("*/open/*.open"):
            segment.unlink()
        found = problems(service, site, known, changing.sent)

    assert len([problem for problem in found if problem.startswith("unreadable: ")]) >= len(known)
