"""A world of services on one PostgreSQL and one bucket: killed, paused, and with wrong clocks, for minutes."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from conftest import FORM, figure
from crawling.site import html, serving
from services.buckets import store_in
from services.killed_workers import FAKETIME, Machines, machines
from services.postgresql import EMPTY, PostgresServer
from services.waiting import eventually
from services.world import Rows, described, unreadable_at
from sqlalchemy import select

from archive.database.schema import captures, runs, texts
from archive.store.s3 import S3Settings

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.s3,
    pytest.mark.costly,
    pytest.mark.skipif(FAKETIME is None, reason="libfaketime is not installed"),
    pytest.mark.skipif(FORM == "sample", reason="it needs minutes: make test-faults"),
    pytest.mark.timeout(7_200),
]
MINUTES = figure(2, 2, 20)
HOSTS = figure(4, 4, 50)
SOURCES_OF_A_HOST = figure(2, 2, 10)
EVERY = figure("1m", "1m", "10m")
KILL_EVERY = 20.0
LEASE = 15
WORKERS = figure({"one": 0, "two": 300}, {"one": 0, "two": 300}, {"one": 0, "two": 300, "three": 0, "four": -300})
"""Workers, and by how many seconds their clocks are wrong."""
READERS = figure(["reads"], ["reads"], ["reads", "reads-too"])
PATIENCE = 900


def strike(made: Machines, names: list[str]) -> dict[str, int]:
    """Kill a worker every 20 s, and pause one for longer than its lease, for as many minutes as the form says."""
    until, paused = time.monotonic() + MINUTES * 60, 0
    for number, name in enumerate(made.strike(names, KILL_EVERY, until)):
        if number % 3 == 1:
            asleep = next(other for other in names if other != name)
            made.all[asleep].pause()
            time.sleep(LEASE * 1.5)
            made.all[asleep].wake()
            paused += 1
    return {"kills": sum(machine.kills for machine in made.all.values()), "pauses": paused}


def test_a_world_of_killed_and_paused_services_loses_nothing_and_doubles_nothing(
    tmp_path: Path, postgresql: PostgresServer, bucket: S3Settings
) -> None:
    with ExitStack() as stack:
        url = stack.enter_context(postgresql.database(EMPTY))
        hosts = [stack.enter_context(serving({}, f"127.0.2.{n + 1}")) for n in range(HOSTS)]
        for site in hosts:
            site.otherwise = html(text="The kettle of the reading room sings. " * 20)
        shared = {
            **store_in(bucket),
            "PRESSMARK_DATABASE": url,
            "PRESSMARK_WORKER__READS_TEXTS": "false",
            "PRESSMARK_WORKER__LEASE": f"{LEASE}s",
            "PRESSMARK_WORKER__ATTEMPTS": "1000",
        }
        rows = stack.enter_context(closing(Rows(url)))
        made = stack.enter_context(machines(tmp_path, shared))
        desk = made.add("desk", "api,clock")
        served = desk.served(PATIENCE)
        named = described(desk.household.home / "sources", hosts, SOURCES_OF_A_HOST, every=EVERY)
        desk.household.run("source", "apply", str(desk.household.home / "sources"))
        for name, seconds in WORKERS.items():
            made.add(name, "work", clock=seconds)
        for name in READERS:
            made.add(name, "read")
        eventually(lambda: rows.of(select(captures.c.id).limit(1)), within=PATIENCE)

        struck = strike(made, list(WORKERS))
        # What a killed worker had fetched and not acknowledged is fetched again by the run itself, once it continues.
        unfinished = select(runs.c.id).where(runs.c.status != "over")
        begun = unfinished.where(runs.c.id.in_([row.id for row in rows.of(unfinished)])).limit(1)
        eventually(lambda: not rows.of(begun), within=PATIENCE)
        desk.household.run("pause")
        eventually(rows.is_quiet, within=PATIENCE)
        answered = {f"{site.url}{asked.path}" for site in hosts for asked in site.asked}
        kept = {row.url for row in rows.of(select(captures.c.url).distinct())}
        figures = struck | {
            "runs": len(rows.of(select(runs.c.id))),
            "captures": len(rows.of(select(captures.c.id))),
            "texts": len(rows.of(select(texts.c.record_id))),
            "sources": len(named),
        }
        print(json.dumps(figures))
        assert served.get("/healthz").status == 200
        assert answered - kept == set()
        assert rows.twice(captures.c.record_id) == rows.twice(captures.c.url, captures.c.at) == []
        assert rows.twice(runs.c.source, runs.c.tick) == []
        verified = desk.household.run("verify", "--all", code=0)
        assert "wrong" not in verified.out.lower()
        for site in hosts:
            assert unreadable_at(desk.household.home, site.url, shared) == {}
