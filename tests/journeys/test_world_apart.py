"""A world of services on hosts with a network each: cut off from each other, killed, upgraded, and with a failover."""

from __future__ import annotations

import json
import os
import time
from collections import defaultdict
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import FORM, figure
from crawling.site import html, serving
from services.buckets import BUCKET, admin
from services.killed_workers import FAKETIME, Machine, Machines, machines
from services.networks import needs_network, own_network
from services.postgresql import programs
from services.seaweedfs import S3Server, running_server
from services.separate_hosts import BRIDGE, HUB, Host, Hosts, forwarded, separate_hosts
from services.standby import ADDRESS, PORT, Pair, replicated
from services.waiting import eventually
from services.wire_tap import Passed, tapped
from services.world import Rows, described, unreadable_at
from sqlalchemy import func, select

from archive.database.schema import captures, runs, slots

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.s3,
    pytest.mark.costly,
    pytest.mark.system,
    needs_network,
    pytest.mark.skipif(FAKETIME is None, reason="libfaketime is not installed"),
    pytest.mark.skipif(programs() is None, reason="PostgreSQL is not installed"),
    pytest.mark.skipif(FORM == "sample", reason="it needs minutes: make test-faults"),
    pytest.mark.timeout(7_200),
]
MINUTES = figure(1, 1, 20)
HOSTS = figure(4, 4, 50)
SOURCES_OF_A_HOST = figure(2, 2, 10)
WORKERS = figure({"one": 0, "two": 300}, {"one": 0, "two": 300}, {"one": 0, "two": 300, "three": 0, "four": 0})
"""Workers, and by how many seconds their clocks are wrong."""
READERS = figure(["reads"], ["reads"], ["reads", "reads-too"])
DESKS = ["desk", "desk-too"]
"""Two clocks and two APIs."""
EVERY = figure(1, 1, 10)
"""Minutes between two slots of a source: one machine for all can not crawl 500 sources each minute."""
DELAY = 0.2
LEASE = 15
CUT = 20.0
"""Seconds of a partition: longer than a lease."""
KILL_EVERY = 20.0
PATIENCE = 900
TOKEN = "the-reading-room-has-a-kettle"
SERVICE_PORT = 8080


class World:
    """All hosts, with a service each, and what they share."""

    def __init__(self, made: Machines, hosts: Hosts, pair: Pair, store: int) -> None:
        self.made, self.hosts, self.pair, self.store = made, hosts, pair, store
        self.at = dict[str, Host]()
        self.cuts = 0

    def add(self, name: str, roles: str, clock: int = 0) -> Machine:
        host = self.at[name] = self.hosts.add(name)
        own = {
            "PRESSMARK_HOST": host.address,
            "PRESSMARK_WORKER__URL": f"http://{host.address}:{SERVICE_PORT}",
            "PRESSMARK_TOKEN": TOKEN,
        }
        return self.made.add(name, roles, clock=clock, settings=own, prefix=host.prefix, port=SERVICE_PORT)

    def cut(self, name: str, address: str, port: int) -> None:
        """Cut a host off from a port of another one, for longer than a lease."""
        host = self.at[name]
        host.cut(address, port)
        assert not host.reaches(address, port)
        time.sleep(CUT)
        host.heal()
        assert host.reaches(address, port)
        self.cuts += 1

    def upgrade(self) -> None:
        """Stop each service in order and start it again, one after the other."""
        for machine in self.made.all.values():
            assert machine.stop() == 0
            machine.start()


def begin(stack: ExitStack, directory: Path, hosts: Hosts, s3: S3Server) -> World:
    """Start PostgreSQL with a standby, and a bucket, and no service yet."""
    there = programs()
    assert there is not None
    pair = stack.enter_context(replicated(there, hosts, "world"))
    store = stack.enter_context(forwarded(int(s3.plain.rpartition(":")[2])))
    with admin(s3) as client:
        client.create_bucket(Bucket=BUCKET)
    shared = {
        "PRESSMARK_STORE": "s3",
        "PRESSMARK_S3__BUCKET": BUCKET,
        "PRESSMARK_S3__ENDPOINT": f"http://{HUB}:{store}",
        "PRESSMARK_S3__ACCESS_KEY": s3.access_key,
        "PRESSMARK_S3__SECRET_KEY": s3.secret_key,
        "PRESSMARK_DATABASE": f"postgresql://pressmark@{ADDRESS}:{PORT}/world",
        "PRESSMARK_ALLOW__ADDRESSES": '["10.77.0.0/16", "127.0.0.0/8"]',
        "PRESSMARK_WORKER__READS_TEXTS": "false",
        "PRESSMARK_WORKER__LEASE": f"{LEASE}s",
        "PRESSMARK_WORKER__ATTEMPTS": "1000",
    }
    return World(stack.enter_context(machines(directory, shared)), hosts, pair, store)


def strike(world: World) -> dict[str, int]:
    """Cut, kill, pause, fail over and upgrade, each at least once; then kill until the time is over."""
    one, two = world.made.all["one"], world.made.all["two"]
    until = time.monotonic() + MINUTES * 60
    world.cut("two", ADDRESS, PORT)
    one.kill()
    one.start()
    world.cut("one", HUB, world.store)
    world.cut("desk", world.at["two"].address, SERVICE_PORT)
    two.pause()
    time.sleep(LEASE * 1.5)
    two.wake()
    world.pair.fail_over()
    world.upgrade()
    for _ in world.made.strike(list(WORKERS), KILL_EVERY, max(until, time.monotonic() + KILL_EVERY)):
        pass
    return {"cuts": world.cuts, "kills": sum(each.kills for each in world.made.all.values())}


def soon(requests: list[Passed], delay: float) -> list[float]:
    """Return the gaps between two requests of a host that are shorter than the delay."""
    by_host = defaultdict(list)
    for one in requests:
        by_host[one.port].append(one.at)
    gaps = [late - early for times in by_host.values() for early, late in pairwise(sorted(times))]
    return [gap for gap in gaps if gap < delay]


def lost(of_sources: dict[str, list[datetime]], minutes: int) -> list[tuple[str, datetime]]:
    """Return the times without a slot, of sources that are due once in so many minutes."""
    every = timedelta(minutes=minutes)
    return [
        (source, early + every)
        for source, times in of_sources.items()
        for early, late in pairwise(sorted(times))
        if late - early > every
    ]


def test_the_checks_of_a_world_find_a_lost_slot_and_a_host_that_is_visited_too_soon() -> None:
    noon = datetime(2026, 1, 31, 12, tzinfo=UTC)
    times = [noon + timedelta(minutes=n) for n in (0, 1, 3)]
    assert lost({"paper": times}, 1) == [("paper", noon + timedelta(minutes=2))]
    assert lost({"paper": times[:2]}, 1) == lost({"paper": times}, 2) == []
    early = [Passed(at, 80, "/") for at in (0.0, 0.25, 0.35)]
    assert len(soon(early, DELAY)) == 1
    assert soon([*early[:2], Passed(0.3, 81, "/")], DELAY) == []


def test_services_that_are_cut_off_killed_upgraded_and_failed_over_lose_nothing_and_double_nothing(
    tmp_path: Path,
) -> None:
    addresses = [f"10.77.1.{n + 1}" for n in range(HOSTS)]
    with (
        own_network(),
        separate_hosts(*addresses) as hosts,
        running_server() as s3,
        tapped(BRIDGE) as tap,
        ExitStack() as stack,
    ):
        sites = [stack.enter_context(serving({}, address)) for address in addresses]
        for site in sites:
            site.otherwise = html(text="The kettle of the reading room sings. " * 20)
        world = begin(stack, tmp_path, hosts, s3)
        desk = world.add("desk", "api,clock")
        served = desk.served(PATIENCE)
        named = described(desk.household.home / "sources", sites, SOURCES_OF_A_HOST, "10.77.0.0/16", f"{EVERY}m")
        desk.household.run("source", "apply", str(desk.household.home / "sources"))
        world.add("desk-too", "api,clock")
        for name, seconds in WORKERS.items():
            world.add(name, "work", seconds)
        for name in READERS:
            world.add(name, "read")
        rows = stack.enter_context(closing(Rows(f"postgresql://pressmark@{ADDRESS}:{PORT}/world")))
        eventually(lambda: rows.of(select(captures.c.id).limit(1)), within=PATIENCE)

        struck = strike(world)
        desk.household.run("pause")
        eventually(rows.is_quiet, within=PATIENCE)
        ports = {int(site.url.rpartition(":")[2]) for site in sites}
        requests = [one for one in tap.requests if one.port in ports]
        answered = {f"{site.url}{asked.path}" for site in sites for asked in site.asked}
        kept = {row.url for row in rows.of(select(captures.c.url).distinct())}
        due = defaultdict(list)
        for row in rows.of(select(slots.c.source, slots.c.at)):
            due[row.source].append(row.at)
        figures = struck | {
            "runs": len(rows.of(select(runs.c.id))),
            "captures": rows.of(select(func.count()).select_from(captures))[0][0],
            "slots": sum(map(len, due.values())),
            "requests": len(requests),
            "sources": len(named),
            "load": os.getloadavg()[0],
        }
        print(json.dumps(figures))
        assert served.get("/healthz").status == 200
        assert answered - kept == set()
        assert rows.twice(captures.c.record_id) == rows.twice(captures.c.url, captures.c.at) == []
        assert rows.twice(runs.c.source, runs.c.tick) == []
        assert set(due) == set(named)
        assert lost(due, EVERY) == []
        assert soon(requests, DELAY) == []
        desk.household.run("verify", "--all", "--queue", code=0)
        visited = [site for site in sites if site.asked]
        assert visited
        for site in visited:
            assert unreadable_at(desk.household.home, site.url, desk.household.environment) == {}
