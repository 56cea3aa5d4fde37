"""A first store whose disk is not mounted gets no files: they wait in the spool, and follow once the disk is back."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from services.disks import Disk, a_disk
from services.waiting import eventually
from specimens.archives import SEGMENTS
from specimens.exchanges import numbered
from specimens.spools import crashed

from archive.database.lost_tables import GIVEN_UP, clear_rebuilt, restore_tables
from archive.database.marks import Marks
from archive.intake.rebuild import Rebuild
from archive.shipping.emptied import StoreEmptied
from archive.shipping.fixity.share import WHOLE
from archive.store.local import LocalStore
from archive.store.replicated import first_of
from archive.values.errors import StoreError
from config.settings import load_settings
from pressmark.processes.worker_threads import open_worker_parts
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service
from pressmark.upkeep.conditions import conditions
from pressmark.upkeep.fixity import audit_share

WARCS = sorted(SEGMENTS.glob("*.warc.gz"))


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """The disk of the store, mounted."""
    with a_disk(tmp_path / "archived") as disk:
        yield disk


@pytest.fixture
def service(disk: Disk, tmp_path: Path) -> Iterator[Service]:
    """A home with one ingested file in its store."""
    with open_pressmark(load_settings({"home": tmp_path / "home", "store": str(disk.at)})) as service:
        service.archive.ingest(WARCS[0])
        yield service


def named(service: Service, state: str = "store-missing") -> list[str]:
    return [one.sentence for one in conditions(service) if one.state == state]


def empty(disk: Disk) -> None:
    for each in list(disk.at.iterdir()):
        if each.name != "lost+found":
            shutil.rmtree(each)


def wait_until(test: Callable[[], object]) -> None:
    eventually(test, within=120)


def test_segments_wait_in_the_spool_while_the_disk_is_not_mounted(disk: Disk, service: Service) -> None:
    assert named(service) == []
    disk.unmount()
    captures, _ = crashed(service.settings.spool_path, [numbered(n) for n in range(3)])
    with open_worker_parts(service) as parts:
        assert parts.indexer.flush(60)
        wait_until(lambda: parts.shipper.state().problem)
        assert f"its disk is not mounted at {disk.at}" in str(parts.shipper.state().problem)
        [told] = named(service)
        assert f"its disk is not mounted at {disk.at}" in told
        assert list(disk.at.iterdir()) == []

        disk.mount()
        assert parts.shipper.drain(120)
        assert named(service) == []
    assert len(list((disk.at / "warc").rglob("*.warc.gz"))) == 2
    assert len(captures) == 3
    for capture in captures:
        service.archive.open(capture).close()


def test_nothing_else_is_written_or_deleted_there_either(disk: Disk, service: Service) -> None:
    disk.unmount()
    with pytest.raises(StoreEmptied, match="its disk is not mounted"):
        service.archive.ingest(WARCS[1])
    with pytest.raises(StoreEmptied):
        service.store.delete("ledger/v1/none")
    assert list(disk.at.iterdir()) == []

    disk.mount()
    service.archive.ingest(WARCS[1])


def test_a_store_that_is_emptied_on_its_disk_gets_no_files(disk: Disk, service: Service) -> None:
    empty(disk)
    with pytest.raises(StoreEmptied, match="none of the expected files"):
        service.archive.ingest(WARCS[1])
    [told] = named(service)
    assert "all its lists of files (manifests) are missing" in told


def test_a_store_that_is_lost_for_good_is_used_again_after_a_repair_with_refill(disk: Disk, service: Service) -> None:
    disk.unmount()
    with pytest.raises(StoreError, match="its disk is not mounted"):
        list(audit_share(service, WHOLE, repair=True))
    found = list(audit_share(service, WHOLE, repair=True, refill="store"))
    assert any(one.is_wrong for one in found)

    service.archive.ingest(WARCS[1])
    assert list((disk.at / "warc").rglob("*.warc.gz"))
    shutil.rmtree(disk.at / "manifest")
    with pytest.raises(StoreEmptied, match="none of the expected files"):
        service.store.delete("ledger/v1/none")


def test_a_healthy_store_is_not_given_up_by_a_repair_with_refill(disk: Disk, service: Service) -> None:
    list(audit_share(service, WHOLE, repair=True, refill="store"))
    empty(disk)
    with pytest.raises(StoreEmptied, match="none of the expected files"):
        service.archive.ingest(WARCS[1])
    assert not list(disk.at.rglob("*.warc.gz"))


def test_a_store_that_was_given_up_is_guarded_after_its_tables_were_restored(disk: Disk, service: Service) -> None:
    disk.unmount()
    list(audit_share(service, WHOLE, repair=True, refill="store"))
    service.archive.ingest(WARCS[1])
    with service.database.writing() as connection:
        clear_rebuilt(connection)
    with open_pressmark(service.settings) as rebuilt:
        Rebuild(rebuilt.store, rebuilt.index).run()
        assert rebuilt.index.newest_stored() == 1  # a number of a segment of the store that was given up
        empty(disk)
        with pytest.raises(StoreEmptied, match="none of the expected files"):
            rebuilt.archive.ingest(WARCS[0])


def test_a_store_that_was_given_up_is_guarded_after_its_dropped_tables_were_restored(
    disk: Disk, service: Service
) -> None:
    disk.unmount()
    list(audit_share(service, WHOLE, repair=True, refill="store"))
    assert Marks(service.database, GIVEN_UP).all()
    with service.database.writing() as connection:
        connection.exec_driver_sql("DROP TABLE captures")
        restore_tables(connection)
    assert Marks(service.database, GIVEN_UP).all() == {}


def test_a_new_store_and_one_that_has_moved_are_used(service: Service, disk: Disk, tmp_path: Path) -> None:
    shutil.copytree(disk.at, tmp_path / "moved", ignore=shutil.ignore_patterns("lost+found"))
    disk.unmount()
    flags = {"home": service.settings.home, "store": str(tmp_path / "moved")}
    with open_pressmark(load_settings(flags)) as moved:
        moved.archive.ingest(WARCS[1])
        assert named(moved) == []


def test_without_the_check_the_mount_point_gets_the_files(disk: Disk, service: Service) -> None:
    disk.unmount()
    first = first_of(service.store)
    assert isinstance(first, LocalStore)
    first.before_writing = lambda: None
    service.archive.ingest(WARCS[1])
    assert list((disk.at / "warc").rglob("*.warc.gz"))
