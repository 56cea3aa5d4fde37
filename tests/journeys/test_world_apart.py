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
from services.killed_workers import FAKETIME
from services.networks import needs_network, own_network
from services.newer_versions import EXPAND, newer_version
from services.postgresql import programs
from services.seaweedfs import S3Server, running_server
from services.separate_hosts import BRIDGE, HUB, separate_hosts
from services.standby import ADDRESS, PORT
from services.waiting import eventually
from services.wire_tap import Passed, tapped
from services.world import Rows, described, unreadable_at
from services.worlds_apart import DATABASE, PATIENCE, SERVICE_PORT, World, begin
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

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
KILL_EVERY = 20.0


def strike(world: World, newer: Path) -> dict[str, int]:
    """Kill a worker every 20 s; meanwhile cut and pause others all the time, fail over once, and upgrade once."""
    until = time.monotonic() + MINUTES * 60
    with world.killing(list(WORKERS), KILL_EVERY):
        trouble(world)
        world.pair.fail_over()
        world.upgrade(newer)
        while time.monotonic() < until:
            trouble(world)
    kills = sum(each.kills for each in world.made.all.values())
    return {"cuts": world.cuts, "kills": kills, "pauses": world.pauses, "upgrades": world.upgrades}


def trouble(world: World) -> None:
    """Cut a worker off from the database, one from the store, and one from an API; pause one."""
    world.cut("two", ADDRESS, PORT)
    world.cut("one", HUB, world.store)
    world.cut("desk", world.at["two"].address, SERVICE_PORT)
    world.pause("two")


def soon(requests: list[Passed], delay: float) -> list[float]:
    """Return the gaps between two requests of a host that are shorter than the delay."""
    by_host = defaultdict(list)
    for one in requests:
        by_host[one.port].append(one.at)
    gaps = [late - early for times in by_host.values() for early, late in pairwise(sorted(times))]
    return [gap for gap in gaps if gap < delay]


def lost(of_sources: dict[str, list[datetime]], minutes: int, until: datetime) -> list[tuple[str, datetime]]:
    """Return the times without a slot until then, of sources that are due once in so many minutes."""
    every = timedelta(minutes=minutes)
    return [
        (source, early + every)
        for source, times in of_sources.items()
        for early, late in pairwise([*sorted(times), until])
        if late - early > every
    ]


def slots_of(rows: Rows) -> dict[str, list[datetime]]:
    found = defaultdict(list)
    for row in rows.of(select(slots.c.source, slots.c.at)):
        found[row.source].append(row.at)
    return found


def unlisted(rows: Rows, acknowledged: set[str]) -> set[str]:
    """Return the records that were acknowledged and are not listed."""
    return acknowledged - {row.record_id for row in rows.of(select(captures.c.record_id))}


def harm_is_seen(world: World, rows: Rows, s3: S3Server, acknowledged: set[str]) -> None:
    """Each check of the captures and the store finds harm to this very world, once that is done to it."""
    [one] = rows.of(select(captures).where(captures.c.record_id.in_(acknowledged)).limit(1))
    copy = {name: value for name, value in one._mapping.items() if name != "id"}
    with rows.database.writing() as connection:
        connection.execute(captures.insert().values({**copy, "offset": -1}))
    assert rows.twice(captures.c.record_id) != []
    assert rows.twice(captures.c.url, captures.c.at) != []
    with rows.database.writing() as connection:
        connection.execute(captures.delete().where(captures.c.record_id == one.record_id))
    assert unlisted(rows, acknowledged) == {one.record_id}

    one, other = rows.of(select(runs.c.id, runs.c.source, runs.c.tick).where(runs.c.tick.is_not(None)).limit(2))
    same = runs.update().where(runs.c.id == one.id).values(source=other.source, tick=other.tick)
    with pytest.raises(IntegrityError), rows.database.writing() as connection:
        connection.execute(same)

    with admin(s3) as client:
        listed = client.list_objects_v2(Bucket=BUCKET)["Contents"]
        client.delete_object(
            Bucket=BUCKET, Key=next(each["Key"] for each in listed if each["Key"].endswith(".warc.gz"))
        )
    world.made.all["desk"].household.run("verify", "--all", code=10)


def test_the_checks_of_a_world_find_a_lost_slot_and_a_host_that_is_visited_too_soon() -> None:
    noon = datetime(2026, 1, 31, 12, tzinfo=UTC)
    times = [noon + timedelta(minutes=n) for n in (0, 1, 3)]
    assert lost({"paper": times}, 1, times[-1]) == [("paper", noon + timedelta(minutes=2))]
    assert lost({"paper": times[:2]}, 1, times[1]) == lost({"paper": times}, 2, times[-1]) == []
    assert lost({"paper": times[:2]}, 1, times[-1]) == [("paper", noon + timedelta(minutes=2))]
    early = [Passed(at, 80, "/") for at in (0.0, 0.25, 0.35)]
    assert len(soon(early, DELAY)) == 1
    assert soon([*early[:2], Passed(0.3, 81, "/")], DELAY) == []


def test_services_that_are_cut_off_killed_upgraded_and_failed_over_lose_nothing_and_double_nothing(
    tmp_path: Path,
) -> None:
    addresses = [f"10.77.1.{n + 1}" for n in range(HOSTS)]
    newer = newer_version(tmp_path / "newer", (EXPAND, 1))
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
        world.add("desk-too", "api,clock", clock=300)
        for name, seconds in WORKERS.items():
            world.add(name, "work", seconds)
        for name in READERS:
            world.add(name, "read")
        rows = stack.enter_context(closing(Rows(DATABASE)))
        eventually(lambda: rows.of(select(captures.c.id).limit(1)), within=PATIENCE)

        struck = strike(world, newer)
        struck_until = datetime.now(UTC) - timedelta(minutes=EVERY)
        eventually(lambda: min(max(times) for times in slots_of(rows).values()) >= struck_until, within=PATIENCE)
        desk.household.run("pause")
        eventually(rows.is_quiet, within=PATIENCE)
        ports = {int(site.url.rpartition(":")[2]) for site in sites}
        requests = [one for one in tap.requests if one.port in ports]
        answered = {f"{site.url}{asked.path}" for site in sites for asked in site.asked}
        kept = {row.url for row in rows.of(select(captures.c.url).distinct())}
        due, acknowledged = slots_of(rows), world.acknowledged()
        figures = struck | {
            "runs": len(rows.of(select(runs.c.id))),
            "captures": rows.of(select(func.count()).select_from(captures))[0][0],
            "acknowledged": len(acknowledged),
            "slots": sum(map(len, due.values())),
            "requests": len(requests),
            "sources": len(named),
            "load": os.getloadavg()[0],
        }
        print(json.dumps(figures))
        assert served.get("/healthz").status == 200
        assert answered - kept == set()
        assert acknowledged
        assert unlisted(rows, acknowledged) == set()
        assert rows.twice(captures.c.record_id) == rows.twice(captures.c.url, captures.c.at) == []
        assert rows.twice(runs.c.source, runs.c.tick) == []
        assert set(due) == set(named)
        assert lost(due, EVERY, struck_until) == []
        assert soon(requests, DELAY) == []
        desk.household.run("verify", "--all", "--queue", code=0)
        visited = [site for site in sites if site.asked]
        assert visited
        for site in visited:
            assert unreadable_at(desk.household.home, site.url, desk.household.environment) == {}
        harm_is_seen(world, rows, s3, acknowledged)
