"""A time stamp is audited, copied, repaired and backed up like any object: its key has its SHA-256."""

from __future__ import annotations

import io
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from archive.database.schema import copies, objects
from archive.index.objects import FIRST
from archive.intake.rebuild import Rebuild
from archive.shipping.fixity.share import WHOLE
from archive.shipping.roots import root_keys, stamps_of, unstamped
from archive.store.failover import with_failover
from archive.store.local import LocalStore
from archive.store.memory import MemoryStore
from archive.store.object_reader import octets_of
from archive.store.replicated import Replicated
from archive.values.digest import sha256
from archive.warc.keys import STAMP
from pressmark.processes.fixity import ReplicaLoop
from pressmark.processes.timestamping import Timestamping
from pressmark.service.service import Service
from pressmark.upkeep.audit import audit, audit_chain
from pressmark.upkeep.backup import Backup
from pressmark.upkeep.fixity import audit_share

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed: make system does that"),
]


def stamped(service: Service) -> str:
    """Have a root time-stamped, and return the key of the time stamp."""
    Timestamping(service).stamp()
    [key] = stamps_of(service.store, root_keys(service.store)[0])
    return key


def put(service: Service, key: str, content: bytes) -> None:
    service.store.put(key, io.BytesIO(content), sha256(content), replace=True)


def rotten(content: bytes) -> bytes:
    """Return a time stamp with a bit of its signature changed: it still names its root."""
    return content[:-1] + bytes([content[-1] ^ 1])


def as_formerly(service: Service, key: str) -> str:
    """Put a time stamp under a key without its SHA-256, as former versions did."""
    content, former = octets_of(service.store, key), key.rpartition("-")[0] + STAMP
    service.store.delete(key)
    forget(service, key)
    put(service, former, content)
    return former


def forget(service: Service, key: str) -> None:
    """Have the database know nothing of an object, as a new database does."""
    there = select(objects.c.id).where(objects.c.key == key)
    with service.database.writing() as connection:
        connection.execute(delete(copies).where(copies.c.object_id.in_(there)))
        connection.execute(delete(objects).where(objects.c.key == key))


def test_a_time_stamp_is_audited_copied_and_backed_up_like_any_object(service: Service, tmp_path: Path) -> None:
    key = stamped(service)
    second, target = LocalStore(tmp_path / "second"), MemoryStore()
    twin = replace(service, store=Replicated(service.store, {"second": second}))
    ReplicaLoop(twin, "second").turn()

    assert octets_of(second, key) == octets_of(service.store, key)
    assert [one for one in audit_share(twin, WHOLE, repair=True) if one.is_wrong] == []
    assert [found for checked in audit(service) for found in checked.findings] == []
    assert Backup(service.settings, target, now=service.now).make().unreadable == ()
    assert octets_of(target, key) == octets_of(service.store, key)
    content = octets_of(service.store, key)
    for damaged in (content[:-9], bytes(len(content)), rotten(content)):
        put(service, key, damaged)
        assert [one.name for one in audit_share(twin, WHOLE, repair=True) if one.healed_from == "second"] == [key]
        assert octets_of(service.store, key) == content


def test_a_time_stamp_that_rots_before_it_is_first_read_is_repaired_from_the_replica(
    service: Service, tmp_path: Path
) -> None:
    key = stamped(service)
    content, second = octets_of(service.store, key), LocalStore(tmp_path / "second")
    shutil.copytree(tmp_path / "home" / "store", tmp_path / "second", dirs_exist_ok=True)
    put(service, key, rotten(content))
    twin = replace(service, store=Replicated(service.store, {"second": second}))

    assert key in [one.name for one in audit_share(twin, WHOLE, repair=True) if one.healed_from == "second"]
    assert octets_of(service.store, key) == octets_of(second, key) == content


def test_a_time_stamp_that_only_a_replica_has_comes_back_with_a_new_database(service: Service, tmp_path: Path) -> None:
    key, second = stamped(service), LocalStore(tmp_path / "second")
    shutil.copytree(tmp_path / "home" / "store", tmp_path / "second", dirs_exist_ok=True)
    service.store.delete(key)
    forget(service, key)
    twin = replace(service, store=Replicated(service.store, {"second": second}))
    assert [one for one in audit_share(twin, WHOLE, repair=True) if one.healed_from] == [], "before a rebuild"
    Rebuild(with_failover(twin.store), service.index).run()

    assert key in [one.name for one in audit_share(twin, WHOLE, repair=True) if one.healed_from == "second"]
    assert octets_of(service.store, key) == octets_of(second, key)


def test_a_time_stamp_that_only_a_replica_has_comes_back_by_the_next_audit(service: Service, tmp_path: Path) -> None:
    key, second = stamped(service), LocalStore(tmp_path / "second")
    shutil.copytree(tmp_path / "home" / "store", tmp_path / "second", dirs_exist_ok=True)
    service.store.delete(key)
    twin = replace(service, store=Replicated(service.store, {"second": second}))

    assert [one.name for one in audit_share(twin, WHOLE, repair=True) if one.healed_from == "second"] == [key]
    assert octets_of(service.store, key) == octets_of(second, key)


def test_nothing_of_another_archive_is_taken_for_a_lost_object(service: Service, tmp_path: Path) -> None:
    stamped(service)
    second = LocalStore(tmp_path / "second")
    second.put(f"warc/v1/a/{sha256(b'other')}.warc.gz", io.BytesIO(b"other"), sha256(b"other"))
    before = list(service.store.keys())
    twin = replace(service, store=Replicated(service.store, {"second": second}))
    assert [one for one in audit_share(twin, WHOLE, repair=True, places=(FIRST,)) if one.outcome != "ok"] == []
    assert list(service.store.keys()) == before


def test_a_rotten_time_stamp_is_in_no_backup_until_it_is_repaired(service: Service) -> None:
    key, target = stamped(service), MemoryStore()
    content = octets_of(service.store, key)
    put(service, key, rotten(content))
    [named] = Backup(service.settings, target, now=service.now).make().unreadable
    assert named.startswith(key)
    put(service, key, content)
    assert Backup(service.settings, target, now=service.now).make().unreadable == ()
    assert octets_of(target, key) == content


def test_a_backup_of_a_former_time_stamp_that_had_rotten_is_replaced_by_the_next_one(service: Service) -> None:
    key, target = as_formerly(service, stamped(service)), MemoryStore()
    content = octets_of(service.store, key)
    for now in (rotten(content), content):
        put(service, key, now)
        Backup(service.settings, target, now=service.now).make()
        assert octets_of(target, key) == now


def test_a_former_time_stamp_is_verified_and_not_requested_again(service: Service) -> None:
    key = as_formerly(service, stamped(service))

    assert unstamped(service.store) == []
    assert stamps_of(service.store, root_keys(service.store)[0]) == [key]
    assert [finding for checked in audit_chain(service) for finding in checked.findings] == []
    put(service, key, b"no time stamp of this root")
    assert [one.name for one in audit_share(service, WHOLE) if one.is_wrong] == [key]
