"""A purge removes the bytes of captures from the store; at each moment, all other captures are there."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

import pytest
from specimens.captures import NOON
from specimens.dumps import dump
from specimens.segments import SegmentFile, answered
from specimens.worlds import LATER, World, publish, text_of

from archive.archive import Archive
from archive.database.engine import Database
from archive.index.index import Index
from archive.intake.purge import Purge, PurgeRefused
from archive.intake.rebuild import Rebuild
from archive.retrieval.retrieval import Retrieval
from archive.store import ObjectStore
from archive.store.local import LocalStore
from archive.store.memory import MemoryStore
from archive.store.replicated import Replicated
from archive.store.s3 import S3Settings, S3Store
from archive.texts.texts import Texts
from archive.values.digest import Sha256, sha256
from archive.values.errors import CaptureNotFound, StoreUnreachable
from archive.warc.integrity.lineage import broken_links
from archive.warc.keys import MANIFESTS, PURGED, WARCS
from archive.warc.manifest import Manifest
from pressmark.upkeep.audit_store import audit_store

SECRET = b"zanzibarite"


@pytest.fixture(params=["directory", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ObjectStore]:
    if request.param == "directory":
        yield LocalStore(tmp_path / "store")
        return
    settings: S3Settings = request.getfixturevalue("bucket")
    with closing(S3Store(settings)) as s3:
        yield s3


def world_of(tmp_path: Path, database: Database, another: Callable[[], Database], store: Any) -> World:
    """Return an archive of three segments, the second with a secret page among others."""
    world = World(tmp_path, database, Index(database, now=lambda: LATER), another, store)
    world.ship(0)
    segment = SegmentFile(tmp_path, "20260131T120100Z-1-1-abcd")
    pages = [
        segment.write(answered(f"https://example.org/{name}", body, minute=1 + number / 60))
        for number, (name, body) in enumerate((("a", b"first"), ("secret", SECRET), ("b", b"last")))
    ]
    texts = [text_of(page) for page in pages]
    world.manifests.append(publish(world.store, segment, texts, world.manifests[-1].link))
    world.index.commit(world.manifests[-1], segment.captures, texts)
    world.ship(2)
    return world


def secret_of(world: World) -> str:
    [capture] = world.index.captures("https://example.org/secret")
    return capture.record_id


def purge_of(world: World, store: ObjectStore | None = None) -> Purge:
    return Purge(store or world.store, world.index, now=lambda: LATER)


def purged(world: World) -> str:
    record = secret_of(world)
    purge = purge_of(world)
    purge.run(purge.plan([record]), "a court order")
    return record


def contents(store: ObjectStore) -> dict[str, bytes]:
    """Return all objects, WARCs decompressed."""
    found = {}
    for key in store.keys(""):
        with store.get(key) as file:
            content = file.read()
        found[key] = gzip.decompress(content) if key.endswith(".gz") else content
    return found


def readable(world: World, database: Database | None = None) -> dict[str, bytes]:
    """Return what each capture of the archive has, by URL and time."""
    index = Index(database or world.database, now=lambda: LATER)
    archive = Archive(index, Texts(index.database), world.store)
    found = {}
    for capture in index.captures("https://example.org/", match="prefix"):
        with archive.open(capture) as snapshot:
            found[f"{capture.at} {capture.url}"] = snapshot.raw().read()
    return found


def findings(store: ObjectStore) -> list[Any]:
    return [finding for checked in audit_store(store) for finding in checked.findings]


def test_a_purged_capture_is_in_no_object_and_all_others_are(
    tmp_path: Path, either: Database, another: Callable[[], Database], store: ObjectStore
) -> None:
    world = world_of(tmp_path, either, another, store)
    before, bytes_before = readable(world), contents(store)
    record = purged(world)
    after, bytes_after = readable(world), contents(store)
    rebuilt, database = world.rebuilt()

    assert any(SECRET in content for content in bytes_before.values())  # the control
    assert {key: body for key, body in before.items() if "/secret" not in key} == after
    assert len(after) == len(before) - 1
    assert [key for key, content in bytes_after.items() if SECRET in content] == []
    assert [key for key, content in bytes_after.items() if record.encode() in content and WARCS in key] == []
    assert findings(store) == []
    assert rebuilt.findings == ()
    assert readable(world, database) == after
    assert {name: rows for name, rows in dump(database).items() if name != "marks"} == {
        name: rows for name, rows in dump(world.database).items() if name != "marks"
    }
    assert Texts(world.database).of(record) is None


def test_the_chain_says_what_was_purged_and_breaks_without_it(
    tmp_path: Path, either: Database, another: Callable[[], Database]
) -> None:
    world = world_of(tmp_path, either, another, LocalStore(tmp_path / "store"))
    record = purged(world)
    manifests = [Manifest.parse(world.content(key), key) for key in world.store.keys(MANIFESTS)]
    [former] = [Manifest.parse(world.content(key), key) for key in world.store.keys(PURGED)]
    [replaces] = [one.replaces for one in manifests if one.replaces]

    assert (replaces.purged, replaces.reason, replaces.manifest) == ((record,), "a court order", former.key)
    assert former == world.manifests[1]
    assert list(broken_links([*manifests, former])) == []
    assert len(list(broken_links(manifests))) == 2  # the controls: the next manifest and the purge name it


class Dying:
    """A store that ends the process, as far as the purge can tell, after some changes."""

    def __init__(self, store: ObjectStore, changes: int) -> None:
        self._store, self.left = store, changes

    def _change(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise StoreUnreachable("the power is off")

    def put(self, key: str, body: BinaryIO, digest: Sha256, *, replace: bool = False) -> Any:
        self._change()
        return self._store.put(key, body, digest, replace=replace)

    def delete(self, key: str) -> None:
        self._change()
        self._store.delete(key)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


@pytest.mark.parametrize("changes", range(10))
def test_a_purge_that_is_interrupted_leaves_all_other_captures_and_ends_later(
    tmp_path: Path, database: Database, another: Callable[[], Database], changes: int
) -> None:
    world = world_of(tmp_path, database, another, LocalStore(tmp_path / "store"))
    before = readable(world)
    dying: Any = Dying(world.store, changes)
    record, purge = secret_of(world), purge_of(world, dying)
    with suppress(StoreUnreachable):
        purge.run(purge.plan([record]), "a court order")
    interrupted, rebuilt = readable(world), readable(world, world.rebuilt()[1])
    again = purge_of(world)
    again.resume()
    with suppress(CaptureNotFound):
        again.run(again.plan([record]), "a court order")
    again.finish()

    rest = {key: body for key, body in before.items() if "/secret" not in key}
    assert interrupted in (before, rest)
    assert rebuilt in (before, rest)
    assert readable(world) == readable(world, world.rebuilt()[1]) == rest
    assert [key for key, content in contents(world.store).items() if SECRET in content] == []
    assert findings(world.store) == []


def test_captures_whose_bytes_would_go_are_purged_too_or_the_purge_is_refused(
    tmp_path: Path, either: Database, another: Callable[[], Database]
) -> None:
    world = world_of(tmp_path, either, another, MemoryStore())
    original = next(iter(world.index.captures("https://example.org/0/0")))
    purge = purge_of(world)
    with pytest.raises(PurgeRefused, match="later captures need these bytes: 1"):
        purge.plan([original.record_id])
    plan = purge.plan([original.record_id], with_revisits=True)
    purge.run(plan, "a court order")

    assert [one.kind for one in plan.revisits] == ["revisit"]
    assert len(readable(world)) == 5 + 3 + 3
    assert findings(world.store) == []


def test_a_replica_that_does_not_answer_is_named_and_purged_later(
    tmp_path: Path, database: Database, another: Callable[[], Database]
) -> None:
    first, replica = LocalStore(tmp_path / "store"), LocalStore(tmp_path / "replica")
    world = world_of(tmp_path, database, another, first)
    for key in first.keys(""):
        with first.get(key) as file:
            content = file.read()
        replica.put(key, BytesIO(content), sha256(content))
    silent: Any = Dying(replica, 0)
    record = secret_of(world)
    purge = purge_of(world, Replicated(first, {"far": silent}))
    done = purge.run(purge.plan([record]), "a court order")
    held = any(SECRET in content for content in contents(replica).values())
    later = purge_of(world, Replicated(first, {"far": replica})).finish()

    assert list(done.unreached) == ["far"]
    assert held  # the control
    assert later == {}
    assert [key for key, content in contents(replica).items() if SECRET in content] == []


def test_a_request_that_stands_before_its_response_is_purged_with_it(
    tmp_path: Path, database: Database, another: Callable[[], Database]
) -> None:
    records = []
    for name in ("kept", "secret"):
        url, date = f"http://example.org/{name}", "2026-01-31T12:00:00Z"
        request = f"GET /{name} HTTP/1.1\r\nHost: example.org\r\nCookie: of-{name}\r\n\r\n"
        response = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n{name}"
        for kind, block in (("request", request), ("response", response)):
            head = (
                f"WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{uuid4()}>\r\nWARC-Date: {date}\r\n"
                f"WARC-Target-URI: {url}\r\nContent-Type: application/http;msgtype={kind}\r\n"
                f"Content-Length: {len(block)}\r\n\r\n"
            )
            records.append(f"{head}{block}\r\n\r\n")
    (tmp_path / "foreign.warc").write_text("".join(records), newline="")
    store, index = LocalStore(tmp_path / "store"), Index(database, now=lambda: LATER)
    Archive(index, Texts(database), store).ingest(tmp_path / "foreign.warc")
    [capture] = index.captures("http://example.org/secret")
    purge = Purge(store, index, now=lambda: LATER)
    purge.run(purge.plan([capture.record_id]), "a court order")
    [content] = [content for key, content in contents(store).items() if key.startswith(WARCS)]
    [kept] = index.captures("http://example.org/kept")

    assert b"of-secret" not in content
    assert b"of-kept" in content
    with Retrieval(index, store).record(kept.location, kept.record_id) as record:
        assert record.read_payload() == b"kept"


def test_unknown_records_and_segments_of_a_spool_are_refused(
    tmp_path: Path, database: Database, another: Callable[[], Database]
) -> None:
    world = world_of(tmp_path, database, another, MemoryStore())
    purge = purge_of(world)
    with pytest.raises(CaptureNotFound):
        purge.plan(["<urn:uuid:0b2ff0b6-0000-4000-8000-000000000000>"])
    world.index.opened("s", collection="default", worker="w", epoch=1, path=tmp_path / "s", at=NOON)
    segment = SegmentFile(tmp_path, "s")
    page = segment.write(answered("https://example.org/new", b"new", minute=3))
    world.index.add(segment.captures)
    with pytest.raises(PurgeRefused, match="still in the spool"):
        purge.plan([page.record_id])


def test_a_rebuild_in_the_middle_of_a_purge_does_not_bring_back_what_is_purged(
    tmp_path: Path, database: Database, another: Callable[[], Database]
) -> None:
    world = world_of(tmp_path, database, another, LocalStore(tmp_path / "store"))
    former = world.manifests[1]
    purged(world)
    assert former.key not in set(world.store.keys(MANIFESTS))
    world.spoil(former.key, former.to_bytes())  # as if it had not been deleted yet
    other = another()
    Rebuild(world.store, Index(other, now=lambda: LATER)).run()

    assert list(Index(other, now=lambda: LATER).captures("https://example.org/secret")) == []
