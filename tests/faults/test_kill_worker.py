"""kill -9 of a whole worker at random instants of crawl, seal, upload, index, release and recovery."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from conftest import figure
from faults import doomed_worker
from faults.nursery import Nursery
from sqlalchemy import func, select
from web_of_tests.sockets import Server, Wire

from archive.database.schema import captures as rows
from archive.values.capture import Capture
from archive.warc.integrity.verify import WARC_SUFFIX, verify
from config.settings import load_settings
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service

KILLS = figure(5, 50, 1250)
"""Kills of each of the four parts: 40 together, 200, and 5,000 in the long form."""
PATIENCE = 300
"""Seconds for the last worker to finish what the others have left, on a machine with other load."""
PAGES = 4000
SOURCE = """
source: doomed
seeds: ["{root}/0"]
walk: site
politeness: {{delay: 0s, concurrency: 8, robots: ignore}}
addresses: [127.0.0.0/8]
"""


class Site:
    """Pages that link to each other; it remembers the SHA-256 of every body that it sent, by URL."""

    def __init__(self) -> None:
        self.sent: dict[str, str] = {}
        self._server = Server(self._respond)
        self.root = f"http://127.0.0.1:{self._server.port}"

    def __enter__(self) -> Site:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    def _respond(self, method: str, target: str, fields: dict[str, str]) -> Wire:
        body = self.body(int(target.strip("/") or 0))
        self.sent[self.root + target] = hashlib.sha256(body).hexdigest()
        return Wire(200, [("Content-Type", "text/html")], body)

    @staticmethod
    def body(number: int) -> bytes:
        """Return a body. Every tenth page has a payload that others have too."""
        links = "".join(f'<a href="/{(number * 3 + i) % PAGES}">x</a>' for i in range(1, 5))
        noise = random.Random(number).randbytes(600).hex() if number % 10 or not number else "on all of these"
        return f"<html><body>{links if number % 10 or not number else ''}<p>{noise}</p></body></html>".encode()


@contextmanager
def opened(values: dict[str, Any]) -> Iterator[Service]:
    with open_pressmark(load_settings(values)) as service:
        yield service


def lines(directory: Path) -> list[Any]:
    """Return the lines of the files there, oldest first. Only whole lines: each writer may have been killed."""
    texts = [path.read_text() for path in sorted(directory.glob("*"))]
    return [json.loads(line) for text in texts for line in text.split("\n")[:-1]]


@pytest.mark.slow
@pytest.mark.timeout(figure(900, 3600, 36_000))
@pytest.mark.parametrize("part", [0, *(pytest.param(part, marks=pytest.mark.costly) for part in (1, 2, 3))])
def test_nothing_acknowledged_is_lost_by_kill_9_of_a_worker(tmp_path: Path, part: int) -> None:
    seed = random.SystemRandom().getrandbits(32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    home = tmp_path / "home"
    (home / "sources").mkdir(parents=True)
    values = {
        "home": str(home),
        "spool.ballast": "0B",
        "spool.seal_bytes": "96KiB",
        "spool.seal_after": "1s",
        "spool.grace": "0s" if part % 2 else "24h",
        "worker.attempts": 1000,
        "log.level": "error",
    }
    with Site() as site, closing(Nursery(doomed_worker.__file__)) as nursery:
        (home / "sources" / "doomed.yaml").write_text(SOURCE.format(root=site.root))
        for kill in range(KILLS):
            with opened(values) as service:
                if not service.runs.unfinished():
                    service.runs.request("doomed")
            others = captures_of_workers(home)
            pid = nursery.start(json.dumps(values))
            try:
                if kill % 2:
                    time.sleep(dice.uniform(0.02, 2.5))
                else:
                    wait_for_work(home, values, others, dice.randint(5, 60))
                    time.sleep(dice.uniform(0, 0.5))
            finally:
                os.kill(pid, signal.SIGKILL)
                nursery.end()
        finish(home, nursery, values)
    check(home, values, site)


def captures_of_workers(home: Path) -> set[Path]:
    """Return the files of what was acknowledged, one a worker."""
    return set((home / "acks").glob("*"))


def wait_for_work(home: Path, values: dict[str, Any], others: set[Path], amount: int) -> None:
    """Wait until the worker, whose file is not one of the others, acknowledged so much or has no run left."""
    since = looked = time.monotonic()
    while sum(path.read_bytes().count(b"\n") for path in captures_of_workers(home) - others) < amount:
        now = time.monotonic()
        assert now < since + PATIENCE, f"the worker did not acknowledge {amount} captures within {PATIENCE} s"
        if now > looked + 5:  # seldom: an open database would change what a death leaves
            looked = now
            with opened(values) as service:
                if not service.runs.unfinished():
                    return
        time.sleep(0.01)


def finish(home: Path, nursery: Nursery, values: dict[str, Any]) -> None:
    """Let the last worker recover, seal and ship, and stop it normally."""
    with opened(values) as service:
        for run in service.runs.unfinished():
            service.runs.cancel(run.id, "enough")
        starts = len(lines(home / "starts"))
        pid = nursery.start(json.dumps(values))
        deadline, asked = time.monotonic() + PATIENCE, signal.SIGKILL
        try:
            while len(lines(home / "starts")) == starts or unfinished(service):
                assert time.monotonic() < deadline, f"left: {unfinished(service)}"
                time.sleep(0.1)
            asked = signal.SIGTERM
        finally:
            os.kill(pid, asked)
            ended = nursery.end()
        assert ended == 0


def unfinished(service: Service) -> list[object]:
    return [*service.runs.unfinished(), *service.index.segments("open", "sealed")]


def check(home: Path, values: dict[str, Any], site: Site) -> None:
    starts = lines(home / "starts")
    trouble = home / "trouble"
    assert not trouble.exists(), trouble.read_text()
    acknowledged = [ack for ack in lines(home / "acks") if ack[2] != "failed"]
    assert len(acknowledged) > 2 * KILLS, "the workers were killed before they did anything"
    assert [start["lost"] for start in starts if start["lost"]] == []
    assert max(start["seconds"] for start in starts) < 5  # of CPU: in wall time, other load on the machine would count
    with opened(values) as service:
        kept = list(service.archive.captures(f"{site.root}/", match="prefix"))
        times = Counter(capture.record_id for capture in kept)
        assert [ack for ack in acknowledged if ack[0] not in times] == []
        assert [record for record, n in times.items() if n > 1] == []
        assert torn(home) == []
        assert [capture.url for capture in kept if not true(service, capture, site)] == []
        with service.database.reading() as connection:
            assert connection.scalar(select(func.count()).select_from(rows)) == len(kept)
        assert [row.name for row in service.index.segments("open", "sealed")] == []


def torn(home: Path) -> list[object]:
    files = [*(home / "store" / "warc").rglob(f"*{WARC_SUFFIX}"), *(home / "spool").rglob(f"sealed/*{WARC_SUFFIX}")]
    assert files
    return [finding for path in files for finding in verify(path)]


def true(service: Service, capture: Capture, site: Site) -> bool:
    with service.archive.open(capture) as snapshot, snapshot.raw() as raw:
        return hashlib.sha256(raw.read()).hexdigest() == site.sent[capture.url]
