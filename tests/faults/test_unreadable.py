"""An object that a disk or a server can't return is damage like any other: it is reported, and the rest continues.

`/proc/self/mem` is a file whose beginning can't be read: every reader gets the disk error EIO.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from faults.harm import fail, only
from faults.proxy import FaultProxy
from specimens.archives import FORUM, SEGMENTS, Kept, empty_archive
from specimens.captures import NOON

from archive.database.engine import open_database
from archive.export import EXPORTERS
from archive.export.file import export_to
from archive.index.index import Index
from archive.index.selection import Selection
from archive.intake.rebuild import Rebuild
from archive.intake.reextraction import Reextraction
from archive.retrieval.retrieval import Retrieval
from archive.store import open_store
from archive.store.local import LocalStore
from archive.store.s3_settings import S3Settings
from archive.texts.reader import Reader
from archive.values.digest import sha256
from archive.values.errors import IntegrityError, StoreUnreachable
from archive.warc.integrity.verify import verify
from pressmark.upkeep.audit_store import audit_store

BAD = Path("/proc/self/mem")
pytestmark = pytest.mark.skipif(not BAD.exists(), reason="needs Linux: a file that can't be read")


@dataclass(frozen=True)
class Disk:
    """An archive on a disk."""

    root: Path
    kept: Kept

    def wear(self, kind: str) -> str:
        """Make the first object of a kind unreadable; return its key."""
        [path, *_] = sorted(path for path in (self.root / kind).rglob("*") if path.is_file())
        path.unlink()
        path.symlink_to(BAD)
        return path.relative_to(self.root).as_posix()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    root = tmp_path / "store"
    with empty_archive(tmp_path, LocalStore(root)) as kept:
        for segment in sorted(SEGMENTS.glob("*.warc.gz")):
            kept.archive.ingest(segment)
        yield Disk(root, kept)


def wrong_in(disk: Disk) -> set[str]:
    return {one.name for one in audit_store(disk.kept.store) if one.findings}


@pytest.mark.parametrize("kind", ["warc", "cdxj", "text", "manifest"])
def test_an_audit_names_unreadable_objects_and_reads_the_rest(disk: Disk, kind: str) -> None:
    assert wrong_in(disk) == set()
    all_of_it = len(list(audit_store(disk.kept.store)))
    key = disk.wear(kind)

    assert wrong_in(disk) == {key}
    assert len(list(audit_store(disk.kept.store))) >= all_of_it - 2


@pytest.mark.parametrize("kind", ["cdxj", "text", "manifest"])
def test_an_index_is_rebuilt_from_what_can_be_read(disk: Disk, kind: str, tmp_path: Path) -> None:
    key = disk.wear(kind)
    database = open_database(f"sqlite:///{tmp_path / 'new.db'}")
    done = Rebuild(disk.kept.store, Index(database, now=lambda: NOON), level="full").run()
    database.close()

    assert {finding.file for finding in done.findings} == {key}
    assert done.segments == (1 if kind == "manifest" else 2)


def test_re_extraction_skips_a_missing_segment_and_reads_all_others(disk: Disk) -> None:
    (disk.root / disk.wear("warc")).unlink()
    with Reader() as reader:
        again = Reextraction(disk.kept.index, disk.kept.store, reader.read_warc, now=lambda: NOON + timedelta(days=9))
        done = [again.again(task) for task in again.tasks(Selection())]

    assert [(one.read, one.failed) for one in done] == [(0, 1), (1, 0)]


def test_the_readable_rest_is_exported(disk: Disk, tmp_path: Path) -> None:
    disk.wear("warc")
    file = tmp_path / "out.warc.gz"
    exported = export_to(disk.kept.exports, EXPORTERS["warc"], Selection(), file, now=NOON)

    assert exported.left_out
    assert list(verify(file)) == []


def test_an_unreadable_copy_in_the_spool_is_read_from_the_store(disk: Disk) -> None:
    capture = next(disk.kept.archive.captures(FORUM))
    with disk.kept.database.writing() as connection:
        connection.exec_driver_sql("UPDATE segments SET path = ?", (str(BAD),))

    with Retrieval(disk.kept.index, disk.kept.store).record(capture.location) as record:
        assert record.url == FORUM


def test_an_object_that_the_disk_lost_is_put_again(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.put("a", io.BytesIO(b"one"), sha256(b"one"))
    (tmp_path / "a").unlink()
    (tmp_path / "a").symlink_to(BAD)

    with pytest.raises(IntegrityError, match=r"a .* can't be read from the disk"), store.get("a") as file:
        file.read()
    store.put("a", io.BytesIO(b"one"), sha256(b"one"), replace=True)
    with store.get("a") as file:
        assert file.read() == b"one"


@pytest.mark.s3
def test_an_object_that_the_server_does_not_return_is_reported_and_a_dead_server_ends_an_audit(
    proxied_bucket: S3Settings, proxy: FaultProxy, tmp_path: Path
) -> None:
    store = open_store(proxied_bucket)
    with empty_archive(tmp_path, store) as kept:
        for segment in sorted(SEGMENTS.glob("*.warc.gz")):
            kept.archive.ingest(segment)
    [key, *_] = store.keys("text/")

    proxy.faults = [only(fail(500, "InternalError"), lambda call: call.method == "GET" and call.path.endswith(key))]
    assert {one.name for one in audit_store(store) if one.findings} == {key}
    proxy.faults = [fail(500, "InternalError")]
    with pytest.raises(StoreUnreachable):
        list(audit_store(store))
    store.close()
