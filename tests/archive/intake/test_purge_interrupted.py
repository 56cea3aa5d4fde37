"""After the manifest of a purge is in the store, and before the index has it: no capture loses its body."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from services.databases import SQLITE_ONLY
from specimens.desks import Desk
from specimens.keys import new_ed25519, public_line
from specimens.plain_warcs import revisit, written
from specimens.purges import SECRET, WHY, purge, secrets_of, world_of
from specimens.segments import SegmentFile, answered
from specimens.worlds import LATER, World, publish

from archive.archive import Archive
from archive.database.engine import Database
from archive.database.marks import Marks
from archive.index.index import Index
from archive.index.purges.purged_marks import LEAVING
from archive.intake.purge import Purge
from archive.intake.rebuild import Rebuild
from archive.store.memory import MemoryStore
from archive.texts.texts import Texts
from archive.values.capture import Capture
from archive.values.digest import sha256
from archive.values.errors import PurgeUnderWay, StoreUnreachable
from archive.warc.integrity.signing import PublicKey
from archive.warc.integrity.trust import Trust

Another = Callable[[], Database]
LATE = "https://example.org/late"


class Ends:
    """A store with which a purge ends just after its manifest was put."""

    def __init__(self, store: Any, how: str) -> None:
        self._store, self._how, self._ended = store, how, False

    def put(self, key: str, *facts: Any, **more: Any) -> Any:
        done = self._store.put(key, *facts, **more)
        if key.startswith("manifest/") and not self._ended:
            self._ended = True
            raise KeyboardInterrupt if self._how == "Ctrl-C" else StoreUnreachable("the answer was lost")
        return done

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def recorded(world: World, spool: Path, index: Index | None = None) -> Capture:
    """Return the capture of another page with the content of the secret one, as a running crawl writes it."""
    index = index or world.index
    desk = Desk(spool, originals=index.originals, marked=index.damages.marked)
    desk.record(answered(LATE, SECRET, minute=9))
    desk.recorder.flush()
    [capture] = desk.captures
    desk.close()
    place = {"collection": capture.collection, "worker": "main", "epoch": 1, "path": spool / "x", "at": LATER}
    index.opened(capture.location.segment, **place)  # type: ignore[arg-type]
    index.add([capture])
    return next(index.captures(LATE))


def interrupted(world: World, how: str) -> None:
    with pytest.raises(KeyboardInterrupt if how == "Ctrl-C" else StoreUnreachable):
        Purge(Ends(world.store, how), world.index).run([one.record_id for one in secrets_of(world)], WHY)  # type: ignore[arg-type]
    assert len(secrets_of(world)) == 1


@SQLITE_ONLY
@pytest.mark.parametrize("how", ["lost answer", pytest.param("Ctrl-C", marks=pytest.mark.costly)])
def test_crawls_refer_to_nothing_that_an_interrupted_purge_deletes(
    tmp_path: Path, database: Database, another: Another, how: str
) -> None:
    world = world_of(tmp_path, database, another, MemoryStore())
    interrupted(world, how)
    late = recorded(world, tmp_path / "spool" / "main")
    Purge(world.store, world.index).resume()

    assert late.kind == "response"
    assert secrets_of(world) == []


@pytest.mark.costly
@SQLITE_ONLY
def test_an_import_waits_for_the_end_of_an_interrupted_purge(
    tmp_path: Path, database: Database, another: Another
) -> None:
    world = world_of(tmp_path, database, another, MemoryStore())
    [secret] = secrets_of(world)
    named = {"WARC_Refers_To_Target_URI": secret.url, "WARC_Refers_To_Date": f"{secret.at:%Y-%m-%dT%H:%M:%SZ}"}
    file = written(tmp_path / "late.warc", revisit(LATE, date="2026-02-01T13:00:00Z", **named))
    archive = Archive(world.index, Texts(database), world.store)
    interrupted(world, "lost answer")
    with pytest.raises(PurgeUnderWay, match="nothing was imported: a purge was interrupted"):
        archive.ingest(file)
    Purge(world.store, world.index).resume()

    assert archive.ingest(file).captures == 1


@pytest.mark.costly
@SQLITE_ONLY
def test_an_interrupted_purge_that_no_trusted_key_signed_says_so_and_ends_once_it_is_trusted(
    tmp_path: Path, database: Database, another: Another
) -> None:
    world = world_of(tmp_path, database, another, MemoryStore())
    interrupted(world, "lost answer")
    trust = Trust([PublicKey.parse(public_line(new_ed25519(tmp_path / "key.pem")))])
    [why] = Purge(world.store, world.index, trust=trust).resume().values()

    assert "is signed by no key in signing.public_keys" in why
    assert Purge(world.store, world.index).resume() == {}
    assert secrets_of(world) == []


@pytest.mark.costly
@SQLITE_ONLY
def test_a_purge_refuses_while_the_store_lacks_a_rewritten_segment_and_the_marks_of_its_records_stay(
    tmp_path: Path, database: Database, another: Another, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = world_of(tmp_path, database, another, MemoryStore())
    [secret] = secrets_of(world)
    known = set(world.store.keys("warc/"))
    interrupted(world, "lost answer")
    [key] = set(world.store.keys("warc/")) - known
    with world.store.get(key) as file:
        content = file.read()
    world.store.delete(key)
    [other] = world.index.captures("https://example.org/2/0")
    with pytest.raises(PurgeUnderWay, match="is missing or damaged, so that the former segment"):
        Purge(world.store, world.index).run([other.record_id], WHY)
    marked = world.index.damages.marked([secret.record_id])
    world.store.put(key, BytesIO(content), sha256(content))
    Purge(world.store, world.index).resume()

    assert marked == {secret.record_id}
    assert secrets_of(world) == []
    assert Marks(database, LEAVING).all() == {}


@pytest.mark.costly
@SQLITE_ONLY
def test_a_revisit_that_was_written_with_an_older_database_is_marked_when_the_purge_is_noted(
    tmp_path: Path, database: Database, another: Another
) -> None:
    world, old = world_of(tmp_path, database, another, MemoryStore()), another()
    with (
        sqlite3.connect(str(database.engine.url.database)) as now,
        sqlite3.connect(str(old.engine.url.database)) as then,
    ):
        now.backup(then)
    purge(world)
    index = Index(old, now=lambda: LATER)
    late = recorded(world, tmp_path / "spool" / "main", index)
    Rebuild(world.store, index).run()
    [after] = index.captures(LATE)

    assert late.kind == "revisit"
    assert after.damaged is not None
    assert after.damaged.reason == "the record with its payload was purged"


@pytest.mark.costly
@pytest.mark.parametrize("indexed", [1, 0])
def test_a_purge_refuses_if_the_store_has_a_segment_that_the_index_takes_for_one_of_the_spool(
    tmp_path: Path, either: Database, another: Another, indexed: int
) -> None:
    """The database was restored from a backup that was made while the segment was open."""
    world, spool = world_of(tmp_path, either, another, MemoryStore()), tmp_path / "spool" / "main"
    [secret] = secrets_of(world)
    (spool / "open").mkdir(parents=True)
    segment = SegmentFile(tmp_path, "20260131T120900Z-1-9-abcd")
    first = segment.write(answered("https://example.org/x", b"x", minute=8))
    late = segment.revisit(secret, answered(LATE, SECRET, minute=9))
    path = spool / "open" / segment.path.name
    world.index.opened(segment.name, collection="default", worker="main", epoch=1, path=path, at=LATER)
    world.index.add([first][:indexed])
    publish(world.store, segment, [], world.manifests[-1].link)
    with pytest.raises(PurgeUnderWay, match="the index lacks segments"):
        Purge(world.store, world.index, spools=lambda: [spool]).run([secret.record_id], WHY)
    Rebuild(world.store, world.index).run()

    assert world.index.original_of(late) == secret


@pytest.mark.costly
@SQLITE_ONLY
def test_a_purge_refuses_if_the_file_of_a_segment_is_nowhere(
    tmp_path: Path, database: Database, another: Another
) -> None:
    world = world_of(tmp_path, database, another, MemoryStore())
    path = tmp_path / "nowhere" / "open" / "x"
    world.index.opened("x", collection="default", worker="main", epoch=1, path=path, at=LATER)
    with pytest.raises(PurgeUnderWay, match="the file of the segment x is neither in the spool nor in the store"):
        purge(world)

    assert len(secrets_of(world)) == 1
