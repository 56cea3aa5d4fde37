"""A year passes in minutes: audits, the ledger, time stamps, a replica and backups, while objects rot each day.

On some days the clock is wrong by days, and once the whole replica is lost. The clock is an argument. The time-stamping
authority is a real one on loopback.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from conftest import figure
from faults.segments import seal
from services.authority import running_authority

from archive.index.objects import FIRST, Objects
from archive.shipping.fixity.share import WHOLE
from archive.shipping.ledger_parts import is_replaced, parts_of
from archive.shipping.ledger_reading import broken_parts, read_ledger
from archive.shipping.roots import root_keys, unstamped
from archive.store import open_store
from archive.store.local import LocalStore
from archive.store.object_reader import octets_of
from archive.values.errors import StoreError
from config.settings import load_settings
from pressmark.processes.fixity import AuditLoop, ReplicaLoop
from pressmark.processes.timestamping import NoTimestamp, Timestamping
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service
from pressmark.upkeep.audit import audit_chain
from pressmark.upkeep.backup import Backup
from pressmark.upkeep.backup_restoring import restore_home
from pressmark.upkeep.conditions import conditions
from pressmark.upkeep.fixity import audit_share
from pressmark.upkeep.ledger_saving import LedgerSaving

DAYS = figure(20, 365, 365)
INJURIES = figure(2, 5, 5)
"""Of each day: 1,825 in a year."""
PERIOD = 8
"""Days in which everything must be read: 1/8 each day."""
DAY = timedelta(days=1)
SECOND = "second"
WRONG_CLOCK = {5: 4, 6: 4, 12: -3, 100: 30, 180: -40}
"""By the day: by how many days the clock is wrong. After a root of a later day, no root is put until that day."""
REPLICA_LOST = 13
"""The day. Before it, only the replica is injured: of each object, one copy stays healthy."""
pytestmark = [
    pytest.mark.system,
    pytest.mark.slow,
    pytest.mark.timeout(figure(600, 7_200, 7_200)),
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed: make system does that"),
]


@dataclass
class Injury:
    place: str
    key: str
    day: int
    content: bytes
    healed_on: int | None = None


@dataclass
class World:
    """An archive in which days pass."""

    service: Service
    tmp: Path
    auditing: bool = True
    day: int = 0
    rng: random.Random = field(default_factory=lambda: random.Random(20261128))
    injuries: list[Injury] = field(default_factory=list)
    begun: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.begun = self.service.now()
        self.twin = replace(self.service, now=self._now)
        self.saving = LedgerSaving(self.twin)
        self.target = LocalStore(self.tmp / "backup")
        self.stores = {FIRST: LocalStore(self.tmp / "home" / "store"), SECOND: LocalStore(self.tmp / SECOND)}

        for number in (1, 2, 3, 5):  # a store without any manifest that is known proves nothing
            self._ingest(number)

    def _now(self) -> datetime:
        return self.begun + (self.day + WRONG_CLOCK.get(self.day, 0)) * DAY

    def pass_day(self, injuries: int) -> None:
        self.day += 1
        if not self.day % 4:
            self._ingest(self.day)
        self.service.pauses.pause(f"source-{self.day}", f"day {self.day}")
        self._work()
        for _ in range(injuries):
            self._injure()
        if self.day == REPLICA_LOST:
            self._lose_replica()
        if self.auditing:
            for place in self.stores:
                with suppress(StoreError):  # an empty store proves nothing
                    AuditLoop(self.twin, place).turn()
            if self.day == REPLICA_LOST + 1:
                self._fill_replica()
        self._look()
        if not self.day % 7:
            Backup(self.service.settings, self.target, now=self.twin.now).make()

    def _ingest(self, number: int) -> None:
        self.service.archive.ingest(seal(self.tmp / "spool", number, pages=2, page_bytes=300).path)

    def _work(self) -> None:
        """Save the ledger, fill the replica, time-stamp. What damage keeps from its work works the next day."""
        for work in (self.saving.save, Timestamping(self.twin).stamp, ReplicaLoop(self.twin, SECOND).turn):
            with suppress(StoreError, NoTimestamp):
                work()

    def _injure(self) -> None:
        """Injure a copy of an object that is healthy in both places."""
        place = SECOND if 0 <= REPLICA_LOST - self.day <= PERIOD else self.rng.choice(list(self.stores))
        ill = {one.key for one in self.injuries if one.healed_on is None}
        there = [set(store.keys()) for store in self.stores.values()]
        if not (healthy := sorted((there[0] & there[1]) - ill)):
            return
        key = self.rng.choice(healthy)
        path = self._path(place, key)
        content = path.read_bytes()
        self.injuries.append(Injury(place, key, self.day, content))
        path.chmod(0o644)
        kind = self.rng.choice(["flip", "cut", "delete", "swap"])
        if kind == "delete":
            path.unlink()
        elif kind == "cut":
            path.write_bytes(content[: self.rng.randrange(len(content))])
        elif kind == "swap":
            path.write_bytes(b"another object" + content)
        else:
            octets = bytearray(content)
            octets[self.rng.randrange(len(octets))] ^= 1 << self.rng.randrange(8)
            path.write_bytes(bytes(octets))

    def _lose_replica(self) -> None:
        ill = {one.key for one in self.injuries if one.healed_on is None}
        for key in sorted(set(self.stores[FIRST].keys()) & set(self.stores[SECOND].keys()) - ill):
            self.injuries.append(Injury(SECOND, key, self.day, self._path(SECOND, key).read_bytes()))
        shutil.rmtree(self.tmp / SECOND)
        (self.tmp / SECOND).mkdir()

    def _fill_replica(self) -> None:
        """Do what the state says: nothing fills an empty directory by itself, as it may be a mount point."""
        assert list((self.tmp / SECOND).iterdir()) == []
        assert "replica-missing" in {one.state for one in conditions(self.twin)}
        for _ in audit_share(self.twin, WHOLE, repair=True, refill=True, places=[SECOND]):
            pass

    def _path(self, place: str, key: str) -> Path:
        return {FIRST: self.tmp / "home" / "store", SECOND: self.tmp / SECOND}[place] / key

    def _look(self) -> None:
        for one in self.injuries:
            if one.healed_on is None and self._is_healed(one):
                one.healed_on = self.day

    def _is_healed(self, one: Injury) -> bool:
        """Return whether the bytes are back, or the part of the ledger was replaced by another."""
        path = self._path(one.place, one.key)
        if path.exists():
            return path.read_bytes() == one.content
        return is_replaced(self.stores[one.place], one.key)

    def late(self) -> list[Injury]:
        """Return the injuries that were not healed in the promised time, and a day more for each with a wrong clock."""
        return [one for one in self.injuries if (one.healed_on or self.day) - one.day > PERIOD + len(WRONG_CLOCK)]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with running_authority() as authority:
        flags = {
            "home": tmp_path / "home",
            "spool.ballast": "0B",
            "replicas.second.store": str(tmp_path / SECOND),
            "audit.share": f"1/{PERIOD}",
            "timestamps.server": authority.url,
            "timestamps.certificates": str(authority.root),
            "timestamps.addresses": ["127.0.0.0/8"],
        }
        with open_pressmark(load_settings(flags, dotenv=None)) as service:
            yield World(service, tmp_path)


def test_all_damage_of_a_year_is_found_and_repaired_in_time(world: World) -> None:
    for _ in range(DAYS):
        world.pass_day(INJURIES)
    for _ in range(PERIOD + 1):
        world.pass_day(0)

    assert len(world.injuries) > DAYS * INJURIES * 0.9
    assert world.late() == []
    assert [one for one in world.injuries if one.healed_on is None] == []
    assert Objects(world.service.database).wrong() == []
    first, second = world.stores.values()
    assert list(first.keys()) == list(second.keys())
    assert [finding for checked in audit_chain(world.service) for finding in checked.findings] == []
    check_ledger(world)
    check_stamps(world)
    check_backup(world)


def test_without_audits_the_damage_stays(world: World) -> None:
    world.auditing = False
    for _ in range(PERIOD * 2):
        world.pass_day(INJURIES)

    assert world.late() != []


def check_ledger(world: World) -> None:
    """The ledger has few parts, none is missing, and the last state of each pause is in it."""
    store = world.service.store
    assert broken_parts(store) == []
    assert len(parts_of(store)) < 16 * 3
    with read_ledger(store) as ledger:
        told = {record.key[0]: record.value["reason"] for record in ledger.records("pause")}
    assert told == {name: pause.reason for name, pause in world.service.pauses.all().items()}


def check_stamps(world: World) -> None:
    """Almost each day has a root, and each root a time stamp."""
    assert unstamped(world.service.store) == []
    assert len(root_keys(world.service.store)) > world.day * 0.8


def check_backup(world: World) -> None:
    """The last backup restores everything that the store had."""
    made = Backup(world.service.settings, world.target, now=world.twin.now).make()
    assert made.unreadable == ()
    new = load_settings({"home": world.tmp / "new", "spool.ballast": "0B"}, dotenv=None)
    restore_home(new, world.target)
    assert new.store_path
    restored = open_store(new.store_path)
    assert list(restored.keys()) == list(world.service.store.keys())
    for key in list(restored.keys()):
        assert octets_of(restored, key) == octets_of(world.service.store, key)
