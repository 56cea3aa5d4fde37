"""A year passes in minutes: audits, the ledger, time stamps, two replicas and backups, while objects rot each day.

On some days the clock is wrong by days, or credentials have expired. A store, a replica, the database and the whole
machine are lost. The authority and the bucket are real ones on loopback.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import figure
from faults.year import LOST, PERIOD, SOURCES, World
from services.authority import running_authority

from archive.index.objects import Objects
from archive.shipping.ledger_parts import parts_of
from archive.shipping.ledger_reading import broken_parts, read_ledger
from archive.shipping.roots import root_keys, unstamped
from archive.store import open_store
from archive.store.object_reader import octets_of
from archive.store.s3 import S3Settings
from config.settings import load_settings
from pressmark.upkeep.audit import audit_chain
from pressmark.upkeep.backup import Backup
from pressmark.upkeep.backup_restoring import restore_home

DAYS = figure(28, 365, 365)
INJURIES = figure(2, 6, 6)
"""Of each day: more than 2,000 in a year."""
pytestmark = [
    pytest.mark.system,
    pytest.mark.slow,
    pytest.mark.timeout(figure(600, 7_200, 7_200)),
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed: make system does that"),
]


@pytest.fixture
def world(tmp_path: Path, plain_bucket: S3Settings) -> Iterator[World]:
    with running_authority() as authority:
        world = World(tmp_path, authority, plain_bucket)
        try:
            yield world
        finally:
            world.close()


@pytest.mark.costly
def test_all_damage_of_a_year_is_found_and_repaired_in_time(world: World) -> None:
    for _ in range(DAYS):
        world.pass_day(INJURIES)
    for _ in range(PERIOD + 1):
        world.pass_day(0)

    single = [one for one in world.injuries if one.day not in LOST]
    assert len(single) > figure(DAYS * INJURIES * 0.6, 2_000, 2_000)
    assert world.losses == list(LOST.values())
    assert world.read > DAYS * 2
    late = [(one.places, one.key[-40:], one.day, one.healed_on, one.named_on) for one in world.late()]
    assert late == []
    assert [one for one in world.injuries if one.healed_on is None] == []
    assert Objects(world.service.database).wrong() == []
    first, *others = (list(store.keys()) for store in world.stores.values())
    assert others == [first, first]
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
    """The ledger has few parts, none is missing, and the last state of each pause and each source is in it."""
    store = world.service.store
    assert broken_parts(store) == []
    assert len(parts_of(store)) < 16 * 3
    with read_ledger(store) as ledger:
        pauses = {record.key[0]: record.value["reason"] for record in ledger.records("pause")}
        sources = {record.key[0] for record in ledger.records("source")}
    assert set(pauses.items()) == world.state()["pauses"]
    assert len(sources) == SOURCES


def check_stamps(world: World) -> None:
    """Each day has a root, except those on which something was lost. Each root has a time stamp."""
    assert unstamped(world.service.store) == []
    assert len(root_keys(world.service.store)) >= world.day - 2 * len(LOST)


def check_backup(world: World) -> None:
    """The last backup restores everything that the store had."""
    made = Backup(world.service.settings, world.target, now=world.now).make()
    assert made.unreadable == ()
    new = load_settings({"home": world.tmp / "new", "spool.ballast": "0B"}, dotenv=None)
    restore_home(new, world.target)
    assert new.store_path
    restored = open_store(new.store_path)
    assert list(restored.keys()) == list(world.service.store.keys())
    for key in list(restored.keys()):
        assert octets_of(restored, key) == octets_of(world.service.store, key)
