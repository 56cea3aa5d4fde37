"""A replica whose disk is not mounted gets no files, and is filled once the disk is back or given up."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from services.disks import Disk, a_disk
from specimens.archives import SEGMENTS
from specimens.exchanges import numbered
from specimens.spools import crashed

from archive.database.marks import Marks
from archive.index.objects import Objects
from archive.shipping.emptied import StoreEmptied, landmarks
from archive.shipping.fixity.replicas import Filler
from archive.shipping.fixity.share import WHOLE
from archive.store.replicated import replicas_of
from archive.values.errors import StoreError
from config.settings import load_settings
from pressmark.processes.fixity import ReplicaLoop
from pressmark.processes.worker_threads import open_worker_parts
from pressmark.service.assembly import open_pressmark
from pressmark.service.exits import Exit
from pressmark.service.service import Service
from pressmark.upkeep import fixity
from pressmark.upkeep.conditions import conditions
from pressmark.upkeep.fixity_states import examine_fixity

WARCS = sorted(SEGMENTS.glob("*.warc.gz"))


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    flags = {"home": tmp_path / "home", "replicas.second.store": str(tmp_path / "second")}
    with open_pressmark(load_settings(flags)) as service:
        service.archive.ingest(WARCS[0])
        yield service


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """The disk of the replica, mounted."""
    with a_disk(tmp_path / "second") as disk:
        yield disk


def lag(service: Service) -> int:
    return sum(one.lag.objects for one in fixity.standings(service) if one.lag)


def add(service: Service, n: int) -> None:
    """Ship a segment of two captures, with addresses of its own."""
    crashed(service.settings.spool_path, [numbered(10 * n), numbered(10 * n + 1)])
    with open_worker_parts(service) as parts:
        assert parts.indexer.flush(60)
        assert parts.shipper.drain(120)


def named(service: Service, state: str) -> list[str]:
    return [one.sentence for one in conditions(service) if one.state == state]


def empty_while_filled(disk: Disk, service: Service) -> None:
    """Delete the files of the replica in the middle of its filling, which sees it."""
    filling = Filler(service.index, service.store, "second", now=service.now).fill()
    next(filling)
    for each in ("manifest", "warc", "cdxj", "text"):
        shutil.rmtree(disk.at / each, ignore_errors=True)
    with pytest.raises(StoreEmptied, match="files disappeared while Pressmark copied other files"):
        list(filling)


def test_the_empty_mount_point_of_a_replica_is_named_and_gets_no_files(disk: Disk, service: Service) -> None:
    loop = ReplicaLoop(service, "second")
    loop._turn()
    assert named(service, "replica-missing") == []
    disk.unmount()
    service.archive.ingest(WARCS[1])
    loop._turn()
    assert list(disk.at.iterdir()) == []
    [told] = named(service, "replica-missing")
    assert "the replica second" in told
    assert f"its disk is not mounted at {disk.at}; mount its disk" in told

    disk.mount()
    loop._turn()
    assert named(service, "replica-missing") == []
    assert lag(service) == 0
    assert len(list((disk.at / "warc").rglob("*.gz"))) == 2


def test_an_unmounted_replica_is_noticed_without_any_new_file(disk: Disk, service: Service) -> None:
    ReplicaLoop(service, "second")._turn()
    disk.unmount()
    ReplicaLoop(service, "second")._turn()
    assert len(named(service, "replica-missing")) == 1


def test_a_replica_whose_disk_is_lost_is_filled_again_by_a_repair_with_refill(disk: Disk, service: Service) -> None:
    ReplicaLoop(service, "second")._turn()
    before = list(replicas_of(service.store)["second"].keys())
    disk.unmount()
    ReplicaLoop(service, "second")._turn()
    with pytest.raises(StoreError, match="the replica second contains none of the expected files"):
        list(fixity.audit_share(service, WHOLE, repair=True, places=["second"]))
    assert list(disk.at.iterdir()) == []

    list(fixity.audit_share(service, WHOLE, repair=True, refill="second"))
    ReplicaLoop(service, "second")._turn()
    assert list(replicas_of(service.store)["second"].keys()) == before
    assert named(service, "replica-missing") == []


def test_a_disk_that_goes_in_mid_filling_lacks_what_came_after_and_gets_it_once_it_is_back(
    disk: Disk, service: Service
) -> None:
    ReplicaLoop(service, "second")._turn()
    for warc in WARCS[1:3]:
        service.archive.ingest(warc)
    lacking = lag(service)
    filling = Filler(service.index, service.store, "second", now=service.now).fill()
    next(filling)
    disk.unmount()
    with pytest.raises(StoreEmptied, match="its disk is not mounted"):
        list(filling)
    ReplicaLoop(service, "second")._turn()
    assert list(disk.at.iterdir()) == []
    assert (lag(service), len(named(service, "replica-missing"))) == (lacking, 1)

    disk.mount()
    ReplicaLoop(service, "second")._turn()
    assert list(replicas_of(service.store)["second"].keys()) == list(service.store.keys())
    assert (lag(service), named(service, "replica-missing")) == (0, [])


def test_files_of_ours_on_the_mount_point_are_not_taken_for_the_disk(disk: Disk, service: Service) -> None:
    ReplicaLoop(service, "second")._turn()
    disk.unmount()
    shutil.copytree(service.settings.home / "store" / "manifest", disk.at / "manifest")
    there = list(replicas_of(service.store)["second"].keys())
    service.archive.ingest(WARCS[1])
    told = [code for told, code in examine_fixity(service) if f"its disk is not mounted at {disk.at}" in told]
    assert told == [Exit.STORE]

    ReplicaLoop(service, "second")._turn()
    with pytest.raises(StoreEmptied, match="its disk is not mounted"):
        list(fixity.audit_share(service, WHOLE, repair=True, places=["second"]))
    assert list(replicas_of(service.store)["second"].keys()) == there
    assert len(named(service, "replica-missing")) == 1

    list(fixity.audit_share(service, WHOLE, repair=True, refill="second"))
    ReplicaLoop(service, "second")._turn()
    assert list(replicas_of(service.store)["second"].keys()) == list(service.store.keys())
    assert named(service, "replica-missing") == []


def test_the_mount_point_of_a_replica_of_an_earlier_version_gets_no_files(disk: Disk, service: Service) -> None:
    ReplicaLoop(service, "second")._turn()
    Marks(service.database, "mount:").delete("second")  # earlier versions did not note it
    before = Objects(service.database).keys_in("second", "")
    disk.unmount()

    ReplicaLoop(service, "second")._turn()
    assert list(disk.at.iterdir()) == []
    assert Objects(service.database).keys_in("second", "") == before
    assert len(named(service, "replica-missing")) == 1

    list(fixity.audit_share(service, WHOLE, repair=True, refill="second"))
    ReplicaLoop(service, "second")._turn()
    assert list(replicas_of(service.store)["second"].keys()) == list(service.store.keys())
    assert named(service, "replica-missing") == []


def test_the_disk_behind_a_symbolic_link_is_missed_too(disk: Disk, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(disk.at)
    flags = {"home": tmp_path / "home", "replicas.second.store": str(tmp_path / "link")}
    with open_pressmark(load_settings(flags)) as service:
        service.archive.ingest(WARCS[0])
        ReplicaLoop(service, "second")._turn()
        disk.unmount()
        ReplicaLoop(service, "second")._turn()
        assert list(disk.at.iterdir()) == []
        assert len(named(service, "replica-missing")) == 1


def test_a_replica_that_has_moved_is_looked_for_where_it_is_now(disk: Disk, service: Service, tmp_path: Path) -> None:
    ReplicaLoop(service, "second")._turn()
    shutil.copytree(disk.at, tmp_path / "moved")
    disk.unmount()
    flags = {"home": tmp_path / "home", "replicas.second.store": str(tmp_path / "moved")}
    service.archive.ingest(WARCS[1])
    with open_pressmark(load_settings(flags)) as moved:
        ReplicaLoop(moved, "second")._turn()
        assert named(moved, "replica-missing") == []
        assert list(replicas_of(moved.store)["second"].keys()) == list(moved.store.keys())


def test_an_empty_directory_that_a_setting_names_instead_of_the_disk_gets_no_files(
    disk: Disk, service: Service, tmp_path: Path
) -> None:
    ReplicaLoop(service, "second")._turn()
    flags = {"home": tmp_path / "home", "replicas.second.store": str(tmp_path / "empty")}
    with open_pressmark(load_settings(flags)) as moved:
        ReplicaLoop(moved, "second")._turn()
        assert list(replicas_of(moved.store)["second"].keys()) == []
        assert len(named(moved, "replica-missing")) == 1


def test_a_replica_that_is_emptied_in_mid_filling_is_named_and_not_taken_for_filled(
    disk: Disk, service: Service
) -> None:
    ReplicaLoop(service, "second")._turn()
    for warc in WARCS[1:3]:
        service.archive.ingest(warc)
    lacking = lag(service)
    empty_while_filled(disk, service)
    assert lag(service) == lacking

    ReplicaLoop(service, "second")._turn()
    assert len(named(service, "replica-missing")) == 1


def test_a_replica_that_lacks_its_newest_manifests_gets_new_files_and_an_audit_repairs_it(
    service: Service, tmp_path: Path
) -> None:
    for n in range(3):
        add(service, n)
    ReplicaLoop(service, "second")._turn()
    newest = landmarks(service.index, "second")
    for key in newest:  # as in a copy of yesterday
        (tmp_path / "second" / key).unlink()
    add(service, 3)
    assert lag(service)

    ReplicaLoop(service, "second")._turn()
    assert (lag(service), named(service, "replica-missing")) == (0, [])
    found = fixity.audit_share(service, WHOLE, repair=True, places=["second"])
    assert {one.name for one in found if one.healed_from} == set(newest)
    assert list(replicas_of(service.store)["second"].keys()) == list(service.store.keys())


@pytest.mark.costly
def test_a_replica_that_lacks_its_newest_manifests_and_is_emptied_in_mid_filling_is_not_taken_for_filled(
    disk: Disk, service: Service
) -> None:
    for n in range(3):
        add(service, n)
    ReplicaLoop(service, "second")._turn()
    for key in landmarks(service.index, "second"):
        (disk.at / key).unlink()
    add(service, 3)
    lacking = lag(service)
    empty_while_filled(disk, service)
    assert lag(service) == lacking


def test_a_new_replica_that_is_emptied_in_its_first_filling_is_filled_again(disk: Disk, service: Service) -> None:
    empty_while_filled(disk, service)
    ReplicaLoop(service, "second")._turn()
    assert list(replicas_of(service.store)["second"].keys()) == list(service.store.keys())


def test_refilling_the_first_store_fills_no_mount_point_of_a_replica(disk: Disk, service: Service) -> None:
    ReplicaLoop(service, "second")._turn()
    disk.unmount()
    with pytest.raises(StoreError, match="the replica second"):
        list(fixity.audit_share(service, WHOLE, repair=True, refill="store"))
    assert list(disk.at.iterdir()) == []
