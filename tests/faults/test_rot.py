"""Objects rot, a little each day: each injury is found within the promised days, and healed where a healthy copy is.

The clock is an argument: months pass in seconds.
"""

from __future__ import annotations

import gzip
import random
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from conftest import figure
from faults.segments import START, WORKER, seal
from faults.shipping import Works, works

from archive.index.objects import FIRST, Objects
from archive.index.preservation_events import Events
from archive.retrieval.retrieval import Retrieval
from archive.shipping.fixity.audit import Audit
from archive.shipping.fixity.replicas import Filler
from archive.shipping.fixity.share import Share
from archive.spool.sealed import Sealed
from archive.store.local import LocalStore
from archive.store.replicated import Replicated
from archive.values.capture import Capture
from archive.values.digest import sha256
from archive.values.errors import ArchiveError, IntegrityError

SECOND = "second"
PERIOD = 8
"""Days in which everything must be read: 1/8 each day."""
DAY = timedelta(days=1)


@dataclass
class Injury:
    place: str
    name: str
    """The key, or the path in the spool."""
    path: Path
    day: int
    content: bytes
    """What was there before."""
    found_on: int | None = None
    healed: bool = False


@dataclass
class World:
    """An archive in which days pass: segments come, objects rot, and audits run."""

    at: Works
    rng: random.Random
    auditing: bool = True
    day: int = 0
    grace: list[Sealed] = field(default_factory=list)
    injuries: list[Injury] = field(default_factory=list)
    captures: dict[str, int] = field(default_factory=dict)
    """How many captures each segment has."""

    @property
    def roots(self) -> dict[str, Path]:
        return {FIRST: self.at.directory / "store", SECOND: self.at.directory / "second"}

    def pass_day(self, injuries: int) -> None:
        self.day += 1
        self.at.clock.at = START + self.day * DAY
        self._release()
        self._ship()
        list(Filler(self.at.index, self.at.store, SECOND, now=self.at.clock).fill())
        for _ in range(injuries):
            self._injure()
        self.at.clock.at += timedelta(hours=12)
        if self.auditing:
            self._audit()

    def _ship(self) -> None:
        sealed = seal(self.at.spool, self.day, pages=2, page_bytes=300)
        self.captures[sealed.name] = 2
        self.at.shipper.ship(sealed)
        self.grace.append(sealed)

    def _release(self) -> None:
        """Release what was shipped before yesterday; what the store has lost is shipped again instead."""
        while len(self.grace) > 1:
            sealed = self.grace[0]
            try:
                self.at.shipper._delivery.release(sealed)
            except (IntegrityError, OSError):
                with suppress(ArchiveError, OSError):
                    self.at.shipper.ship(sealed)
                    continue
            self.grace.pop(0)

    def _injure(self) -> None:
        """Injure a copy of an object; every fifth time all copies, so that none is healthy."""
        place = self.rng.choice([FIRST, FIRST, SECOND, SECOND, "spool"])
        if place == "spool":
            warc = self.grace[-1].path
            self._harm("spool", str(warc), warc)
            return
        root = self.roots[place]
        keys = sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
        key = self.rng.choice(keys)
        self._harm(place, key, root / key)
        if self.rng.random() < 0.2:
            other = FIRST if place == SECOND else SECOND
            self._harm(other, key, self.roots[other] / key)

    def _harm(self, place: str, name: str, path: Path) -> None:
        is_ill = any(one.path == path and not one.healed for one in self.injuries)
        if is_ill or not path.exists():
            return
        content = path.read_bytes()
        self.injuries.append(Injury(place, name, path, self.day, content))
        path.chmod(0o644)
        kind = self.rng.choice(["flip", "cut", "delete"])
        if kind == "delete":
            path.unlink()
        elif kind == "cut":
            path.write_bytes(content[: self.rng.randrange(len(content))])
        else:
            octets = bytearray(content)
            octets[self.rng.randrange(len(octets))] ^= 1 << self.rng.randrange(8)
            path.write_bytes(bytes(octets))

    def _audit(self) -> None:
        audit = Audit(self.at.index, self.at.store, now=self.at.clock, worker=WORKER)
        share = Share(Fraction(1, PERIOD))
        found = {(one.place, one.name) for one in audit.run(share, repair=True, within=(PERIOD - 1) * DAY) if one.note}
        for injury in self.injuries:
            if injury.found_on is None and (injury.place, injury.name) in found:
                injury.found_on = self.day
            injury.healed = injury.healed or _read(injury.path) == injury.content

    def late(self) -> list[Injury]:
        """Return the injuries that were not found, or healed by shipping again, in the promised time."""
        return [
            one
            for one in self.injuries
            if not one.healed
            and (one.found_on - one.day > PERIOD if one.found_on is not None else self.day - one.day >= PERIOD)
        ]

    def unhealed(self) -> list[Injury]:
        return [one for one in self.injuries if not one.healed and one.found_on is not None]


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    store = Replicated(LocalStore(tmp_path / "store"), {SECOND: LocalStore(tmp_path / "second")})
    with works(tmp_path, store) as at:
        yield World(at, random.Random(20260131))


def test_each_injury_is_found_in_time_and_healed_where_a_healthy_copy_is(world: World) -> None:
    for _ in range(figure(20, 200, 365)):
        world.pass_day(figure(3, 6, 6))
    for _ in range(PERIOD):
        world.pass_day(0)

    found = [one for one in world.injuries if one.found_on is not None]
    assert world.late() == []
    assert len(found) > len(world.injuries) * 0.8
    assert {one.place for one in found} == {FIRST, SECOND, "spool"}
    assert any(one.healed for one in found)
    check_named(world)
    check_reach(world)
    check_events(world, found)


@pytest.mark.costly
def test_without_audits_injuries_are_not_found(world: World) -> None:
    world.auditing = False
    for _ in range(20):
        world.pass_day(3)

    assert world.late() != []


def test_damage_outside_of_the_responses_marks_no_capture(world: World) -> None:
    for _ in range(3):
        world.pass_day(0)
    row = world.at.index.segment(next(iter(world.captures)))
    assert row and row.object_key
    for place, root in world.roots.items():
        path = root / row.object_key
        content = path.read_bytes()
        path.chmod(0o644)
        path.write_bytes(content[:12] + bytes([content[12] ^ 1]) + content[13:])  # in the warcinfo, the first record
        world.injuries.append(Injury(place, row.object_key, path, world.day, content))
    for _ in range(PERIOD):
        world.pass_day(0)

    assert len(world.unhealed()) == len(world.roots)
    check_reach(world)


def check_named(world: World) -> None:
    """What is not healed has no healthy copy, and is named; nothing else is."""
    objects = Objects(world.at.database)
    named = {(key, place) for key, place, *_ in objects.wrong()}
    ill = {(one.name, one.place) for one in world.unhealed() if one.place != "spool" and _is_ill(one)}
    assert named == ill
    assert ill
    for key, _ in ill:
        row = objects.of(key)
        assert row and row.sha256
        for root in world.roots.values():
            assert (content := _read(root / key)) is None or sha256(content) != row.sha256


def _is_ill(injury: Injury) -> bool:
    return _read(injury.path) != injury.content


def check_reach(world: World) -> None:
    """A capture is marked if and only if no copy of its record is intact, and every other one can be read."""
    index = world.at.index
    retrieval = Retrieval(index, world.at.store)
    marked = index.damages.segments()
    for name in world.captures:
        row = index.segment(name)
        assert row and row.object_key
        copies = [content for root in world.roots.values() if (content := _read(root / row.object_key))]
        whole = next(copy for copy in (*copies, *befores(world, row.object_key)) if sha256(copy) == row.sha256)
        unreadable = 0
        for capture in index.captures("https://news.example/", match="host"):
            if capture.location.segment != name:
                continue
            if any(_record(copy, capture) == _record(whole, capture) for copy in copies):
                retrieval.record(capture.location, capture.record_id).close()
            else:
                unreadable += 1
        assert (name in marked) == (unreadable > 0)


def befores(world: World, key: str) -> list[bytes]:
    """Return what an object was before each of its injuries."""
    return [one.content for one in world.injuries if one.name == key]


def _record(copy: bytes, capture: Capture) -> bytes | None:
    """Return the record of a capture in a copy of its segment; None if it can't be decompressed."""
    start = capture.location.offset
    with suppress(OSError, EOFError, zlib.error):
        return gzip.decompress(copy[start : start + capture.location.length])
    return None


def check_events(world: World, found: list[Injury]) -> None:
    """Each injury that was found has the event of a check that failed, and there are events of repairs."""
    events = list(Events(world.at.database).all())
    failed = {(event.place, event.object) for event in events if event.outcome == "fail"}
    assert {(one.place, one.name) for one in found} <= failed
    assert any(event.type == "replication" and event.outcome == "success" for event in events)
    assert all(event.agent.startswith("pressmark/") for event in events)
