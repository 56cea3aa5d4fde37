"""Thousands of gaps between two requests of a host, from workers that are killed and whose clocks differ."""

from __future__ import annotations

import json
import os
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import FORM, figure
from crawling.site import Reply, Site, html, serving
from services.killed_workers import FAKETIME, Machines, machines
from services.networks import needs_network, own_network
from services.postgresql import EMPTY, PostgresServer
from services.waiting import eventually
from services.wire_tap import Passed, tapped

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.costly,
    pytest.mark.system,
    needs_network,
    pytest.mark.skipif(FAKETIME is None, reason="libfaketime is not installed"),
    pytest.mark.skipif(FORM == "sample", reason="it needs minutes: make test-faults"),
    pytest.mark.timeout(7_200),
]
DELAY = 0.5
HOSTS = figure(4, 4, 40)
GAPS = figure(400, 400, 10_000)
KILL_EVERY = 20.0
CLOCKS = {"one": 0, "two": 30, "three": -30, "four": 0}
"""Workers, and by how many seconds their clocks are wrong."""
ROBOTS = Reply(body=f"User-agent: *\nCrawl-delay: {DELAY:g}", type="text/plain")


@contextmanager
def sites(count: int) -> Iterator[list[Site]]:
    """Serve hosts with an address each."""
    with ExitStack() as stack:
        made = [stack.enter_context(serving({"/robots.txt": ROBOTS}, f"127.0.1.{n + 1}")) for n in range(count)]
        for site in made:
            site.otherwise = html(text="The kettle sings.")
        yield made


def describe(machine_home: Path, hosts: list[Site]) -> list[str]:
    """Write two sources for each host, and return their names."""
    directory, names = machine_home / "sources", []
    directory.mkdir(exist_ok=True)
    pages = GAPS // (2 * len(hosts)) + 10
    for number, site in enumerate(hosts):
        for half in ("a", "b"):
            names.append(name := f"host{number}{half}")
            seeds = ", ".join(f"{site.url}/{half}/{page}" for page in range(pages))
            politeness = "politeness: {delay: 0s, concurrency: 4}\naddresses: [127.0.0.0/8]\n"
            (directory / f"{name}.yaml").write_text(f"source: {name}\nseeds: [{seeds}]\nwalk: page\n{politeness}")
    return names


def gaps(requests: list[Passed]) -> list[float]:
    """Return the seconds between two requests of each host, robots.txt included."""
    by_host = defaultdict(list)
    for one in requests:
        by_host[one.port].append(one.at)
    return [late - soon for times in by_host.values() for soon, late in pairwise(sorted(times))]


def begin(made: Machines, hosts: list[Site]) -> None:
    """Start the services, share the sources and request a run of each."""
    desk = made.add("desk", "api,clock")
    names = describe(desk.household.home, hosts)
    desk.household.run("source", "apply", str(desk.household.home / "sources"))
    for name, seconds in CLOCKS.items():
        made.add(name, "work", clock=seconds)
    served = desk.served(within=300)
    for name in names:
        assert served.ask("POST", f"/api/v1/sources/{name}/runs").status == 202


def test_no_host_is_visited_sooner_than_its_crawl_delay_by_workers_that_are_killed(
    tmp_path: Path, postgresql: PostgresServer
) -> None:
    with own_network(), postgresql.database(EMPTY) as url, sites(HOSTS) as hosts, tapped() as tap:
        shared = {"PRESSMARK_DATABASE": url, "PRESSMARK_WORKER__ATTEMPTS": "1000", "PRESSMARK_WORKER__RUNS": "20"}
        with machines(tmp_path, shared) as made:
            begin(made, hosts)
            eventually(lambda: len(tap.requests) > 10 * len(hosts), within=300)
            for _ in made.strike(list(CLOCKS), KILL_EVERY, time.monotonic() + 3_600):
                if len(gaps(tap.requests)) >= GAPS:
                    break
            kills = sum(machine.kills for machine in made.all.values())
    measured = sorted(gaps(tap.requests))
    print(json.dumps({"gaps": len(measured), "kills": kills, "shortest": measured[:5], "load": os.getloadavg()[0]}))
    assert len(measured) >= GAPS
    assert kills >= figure(2, 2, 20)
    assert [gap for gap in measured if gap < DELAY] == []


def test_workers_that_share_no_database_come_sooner(tmp_path: Path) -> None:
    with own_network(), sites(1) as hosts, tapped() as tap, machines(tmp_path, {}) as made:
        for name in ("one", "two"):
            machine = made.add(name, "api,clock,work")
            names = describe(machine.household.home, hosts)
            served = machine.served(within=300)
            eventually(lambda at=served: len(at.items("/api/v1/sources")) == 2, within=60)  # type: ignore[misc]
            for source in names:
                assert served.ask("POST", f"/api/v1/sources/{source}/runs").status == 202
        eventually(lambda: [gap for gap in gaps(tap.requests) if gap < DELAY], within=300)
