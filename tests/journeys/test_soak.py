"""Hours of work in which the service is killed and its store fails; then everything is retrieved and verified."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from typing import Any

import psutil
import pytest
from conftest import figure
from crawling.site import Asked, Reply, Site, html, serving
from faults.harm import cut, fail, lose_answer, sometimes
from faults.proxy import FaultProxy
from journeys.household import Household, Served, gazette
from services.buckets import store_in
from services.waiting import eventually

from archive.store.s3_settings import S3Settings

ROUNDS = figure(2, 10, 60)
"""Lives. In each the service works through `RUNS` runs while the store fails now and then, and is killed or stopped."""
RUNS = figure(3, 10, 60)
PAGES = 12
GROWTH = 64 << 20
"""Bytes that both processes together may grow by in the second half of a life: modules and caches are loaded early."""
DESCRIPTORS = 16
FAULTS = (fail(503, "SlowDown"), fail(500, "InternalError"), cut, lose_answer)
pytestmark = [pytest.mark.s3, pytest.mark.slow, pytest.mark.timeout(figure(600, 3_600, 36_000))]


class Growing:
    """A site with new pages in each round; it remembers the SHA-256 of every body that it sent."""

    def __init__(self) -> None:
        self.round = 0
        self.sent: dict[str, set[str]] = {}

    def __call__(self, asked: Asked) -> Reply:
        links = [f"/{self.round}/{page}" for page in range(PAGES)] if asked.path == "/" else []
        reply = html(*links, text=f"{asked.path} {self.round} " + random.Random(asked.path).randbytes(2_000).hex())
        body = reply.body if isinstance(reply.body, bytes) else reply.body.encode()
        self.sent.setdefault(asked.path, set()).add(hashlib.sha256(body).hexdigest())
        return reply


@pytest.fixture
def growing() -> Growing:
    return Growing()


@pytest.fixture
def site(growing: Growing) -> Iterator[Site]:
    with serving() as site:
        site.routes["/robots.txt"] = Reply(404)
        site.otherwise = growing
        yield site


def on_s3(household: Household, bucket: S3Settings) -> None:
    household.environment |= store_in(bucket)


def listed(served: Served, url: str) -> dict[str, dict[str, Any]]:
    items = served.items(f"/api/v1/captures?url={url}&match=host&limit=1000")
    return {item["record_id"]: item for item in items if item["status"] == 200}


def work(served: Served, growing: Growing) -> list[tuple[int, int]]:
    """Do some runs; return memory and descriptors of the service and its worker after each."""
    held = []
    for _ in range(RUNS):
        growing.round += 1
        run = served.ask("POST", "/api/v1/sources/gazette/runs").json["id"]
        eventually(lambda run=run: served.get(f"/api/v1/runs/{run}").json["status"] == "over", within=600)  # type: ignore[misc]
        held.append(holds(served))
    return held


def holds(served: Served) -> tuple[int, int]:
    service = psutil.Process(served.process.pid)
    processes = [service, *service.children()]
    return sum(one.memory_info().rss for one in processes), sum(one.num_fds() for one in processes)


def leaks(held: list[tuple[int, int]]) -> bool:
    """Return whether memory or descriptors grew too much in the second half of these runs."""
    (memory, descriptors), (memory_at_end, descriptors_at_end) = held[(len(held) - 1) // 2], held[-1]
    return memory_at_end - memory > GROWTH or descriptors_at_end - descriptors > DESCRIPTORS


def brought_back_otherwise(served: Served, growing: Growing, items: dict[str, dict[str, Any]]) -> list[str]:
    """Return the captures whose bytes are not what the site sent."""
    found = []
    for item in items.values():
        body = served.get(f"/api/v1/snapshots/{item['timestamp']}/raw/{item['url']}").body
        path = "/" + item["url"].split("/", 3)[3]
        if hashlib.sha256(body).hexdigest() not in growing.sent.get(path, ()):
            found.append(item["url"])
    return found


@pytest.mark.costly
def test_everything_acknowledged_survives_kills_and_a_failing_store(
    household: Household, site: Site, growing: Growing, proxy: FaultProxy, proxied_bucket: S3Settings
) -> None:
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    on_s3(household, proxied_bucket)
    household.source("gazette", gazette(f"{site.url}/"))
    known: set[str] = set()
    for number in range(ROUNDS):
        proxy.faults = [sometimes(chance.choice(FAULTS), 0.3, chance.randrange(1 << 32))]
        with household.serving(kill=number % 2 == 0) as served:
            items = listed(served, site.url)
            assert known - items.keys() == set(), "lost"
            sample = dict(chance.sample(sorted(items.items()), min(10, len(items))))
            assert brought_back_otherwise(served, growing, sample) == []
            held = work(served, growing)
            known |= listed(served, site.url).keys()
        assert not leaks(held), held
    proxy.faults = []
    with household.serving() as served:
        items = listed(served, site.url)
        assert brought_back_otherwise(served, growing, items) == []
    assert known - items.keys() == set()
    assert len(known) > ROUNDS * RUNS * PAGES * 9 // 10
    assert any(call.startswith("PUT") for _, call in proxy.calls), "the store is the one that failed"
    assert household.run("verify", "--all", "--json").json["findings"] == []


@pytest.mark.costly
def test_losses_changes_and_leaks_are_detected(household: Household, site: Site, growing: Growing) -> None:
    household.source("gazette", gazette(f"{site.url}/"))
    with household.serving() as served:
        work(served, growing)
        items = listed(served, site.url)
        assert brought_back_otherwise(served, growing, items) == []
        changed = growing.sent.pop("/1/1")
        assert changed
        assert brought_back_otherwise(served, growing, items) == [f"{site.url}/1/1"]

    assert leaks([(0, 0), (GROWTH + 1, 0)])
    assert leaks([(0, 0), (0, DESCRIPTORS + 1)])
    assert not leaks([(0, 0), (GROWTH, DESCRIPTORS)])
