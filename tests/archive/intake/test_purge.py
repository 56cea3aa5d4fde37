"""A purge removes the bytes of captures from the store; at each moment, all other captures are there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from conftest import figure
from services.databases import POSTGRESQL_COSTLY, SQLITE_ONLY
from specimens.captures import NOON
from specimens.dumps import dump
from specimens.purges import (
    SECRET,
    WHY,
    Failing,
    contents,
    copy_all,
    findings,
    holding,
    purge,
    purge_these,
    readable,
    secrets_of,
    world_of,
)
from specimens.segments import SegmentFile, answered
from specimens.worlds import LATER

from archive.archive import Archive
from archive.database.engine import Database
from archive.index.index import Index
from archive.index.objects import Objects
from archive.intake.compare import compare
from archive.intake.purge import Purge
from archive.intake.rebuild import Rebuild
from archive.retrieval.retrieval import Retrieval
from archive.shipping.fixity.replicas import Filler
from archive.shipping.purge_chains import put_former
from archive.store import ObjectStore
from archive.store.local import LocalStore
from archive.store.memory import MemoryStore
from archive.store.replicated import Replicated
from archive.store.s3 import S3Settings, S3Store
from archive.texts.texts import Texts
from archive.values.errors import RefusedWarc, StoreUnreachable
from archive.warc.integrity.lineage import broken_links
from archive.warc.keys import MANIFESTS, PURGED, WARCS
from archive.warc.manifest import Manifest

Another = Callable[[], Database]


@pytest.fixture(params=["directory", pytest.param("s3", marks=pytest.mark.costly)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ObjectStore]:
    if request.param == "directory":
        yield LocalStore(tmp_path / "store")
        return
    settings: S3Settings = request.getfixturevalue("bucket")
    with closing(S3Store(settings)) as s3:
        yield s3


def without_secret(found: dict[str, bytes]) -> dict[str, bytes]:
    return {name: body for name, body in found.items() if "/secret" not in name}


@POSTGRESQL_COSTLY
def test_a_purged_capture_is_in_no_object_and_all_others_are(
    tmp_path: Path, either: Database, another: Another, store: ObjectStore
) -> None:
    world = world_of(tmp_path, either, another, store)
    before, ids = readable(world), {one.url: one.record_id for one in world.index.captures("https://example.org/a")}
    [secret] = secrets_of(world)
    control = holding(store)
    done = purge(world)
    rebuilt, database = world.rebuilt()

    assert control
    assert (len(done.plan.captures), done.plan.kept_back, done.unreached) == (1, (), {})
    assert readable(world) == without_secret(before)
    assert len(before) == len(readable(world)) + 1
    assert holding(store) == []
    assert [key for key in holding(store, secret.record_id.encode()) if not key.startswith(MANIFESTS)] == []
    assert holding(store, b"example.org/secret") == []  # nor its URL
    assert findings(store) == []
    assert rebuilt.findings == ()
    assert readable(world, database) == readable(world)
    assert Texts(world.database).of(secret.record_id) is None
    assert {one.url: one.record_id for one in world.index.captures("https://example.org/a")} == ids
    assert compare(store, world.index).to_import == compare(store, world.index).missing == ()
    assert Purge(store, world.index).left() == {}


@pytest.mark.costly
def test_the_rows_after_a_purge_are_those_of_a_rebuild(tmp_path: Path, either: Database, another: Another) -> None:
    world = world_of(tmp_path, either, another, LocalStore(tmp_path / "store"))
    purge(world)
    _, database = world.rebuilt()
    mine, theirs = dump(world.database), dump(database)
    for name in (
        "marks",
        "segments",
        "objects",
        "preservation_events",
        "unsaved",
    ):  # these have times, or what was done
        mine.pop(name, None), theirs.pop(name, None)

    assert mine == theirs


@SQLITE_ONLY
def test_the_chain_says_what_was_purged_and_breaks_without_it(
    tmp_path: Path, database: Database, another: Another
) -> None:
    world = world_of(tmp_path, database, another, LocalStore(tmp_path / "store"))
    [secret] = secrets_of(world)
    purge(world)
    manifests = [Manifest.parse(world.content(key), key) for key in world.store.keys(MANIFESTS)]
    [former] = [Manifest.parse(world.content(key), key) for key in world.store.keys(PURGED)]
    [replaces] = [one.replaces for one in manifests if one.replaces]

    assert (replaces.purged, replaces.manifest, replaces.sha256) == ((secret.record_id,), former.key, former.sha256)
    assert (replaces.takedown, replaces.reason, replaces.by) == (WHY.takedown, WHY.reason, WHY.by)
    assert former == world.manifests[1]
    assert list(broken_links([*manifests, former])) == []
    assert len(list(broken_links(manifests))) == 2  # the controls: the next manifest and the purge name it


@SQLITE_ONLY
@pytest.mark.parametrize("changes", figure([4], range(12), range(12)))
def test_a_purge_that_is_interrupted_leaves_all_other_captures_and_ends_later(
    tmp_path: Path, database: Database, another: Another, changes: int
) -> None:
    world = world_of(tmp_path, database, another, LocalStore(tmp_path / "store"))
    before = readable(world)
    failing: Any = Failing(world.store, changes)
    with suppress(StoreUnreachable):
        purge(world, failing)
    interrupted, rebuilt = readable(world), readable(world, world.rebuilt()[1])
    again = purge(world)

    assert interrupted in (before, without_secret(before))
    assert rebuilt in (before, without_secret(before))
    assert readable(world) == readable(world, world.rebuilt()[1]) == without_secret(before)
    assert holding(world.store) == []
    assert findings(world.store) == []
    assert again.unreached == {}
    assert len(list(world.store.keys(WARCS))) == 3  # no rewritten file is left over


@pytest.mark.costly
@SQLITE_ONLY
def test_a_start_in_the_middle_of_a_purge_takes_it_over(tmp_path: Path, database: Database, another: Another) -> None:
    world = world_of(tmp_path, database, another, LocalStore(tmp_path / "store"))
    before, former = readable(world), world.manifests[1]
    held = contents_of(world.store)
    purge(world)
    new = next(key for key in world.store.keys(MANIFESTS) if key not in held)
    old = another()
    for key, content in held.items():  # as if nothing had been deleted yet, and the database is that of before
        world.spoil(key, content)
    index = Index(old, now=lambda: LATER)
    for key in world.store.keys(PURGED):
        world.store.delete(key)
    saved = {key: world.content(key) for key in world.store.keys("") if key not in held}
    for key in saved:
        world.store.delete(key)
    Rebuild(world.store, index).run()
    assert readable(world, old) == before  # the control: without the purge, all is there
    for key, content in saved.items():
        world.spoil(key, content)
    put_former(world.store, former)
    found = compare(world.store, index)
    Rebuild(world.store, index).index_segments(found.to_import, len(found.to_import))

    assert found.unknown == (new,)
    assert readable(world, old) == without_secret(before)
    assert compare(world.store, index).to_import == ()
    assert Purge(world.store, index).resume() == {}
    assert holding(world.store) == []


def contents_of(store: ObjectStore) -> dict[str, bytes]:
    found = {}
    for key in store.keys(""):
        with store.get(key) as file:
            found[key] = file.read()
    return found


@pytest.mark.costly
@SQLITE_ONLY
def test_what_others_need_is_kept_back_or_they_are_purged_too(
    tmp_path: Path, either: Database, another: Another
) -> None:
    world = world_of(tmp_path, either, another, MemoryStore())
    before = readable(world)
    originals = list(world.index.captures("https://example.org/0/0"))
    kept = purge_these(world.store, world.index, originals)
    unchanged = readable(world)
    both = purge_these(world.store, world.index, originals, with_revisits=True)

    assert [(one.why, [each.url for each in one.needed_by]) for one in kept.plan.kept_back] == [
        ("needed", ["https://example.org/0/same"])
    ]
    assert (kept.plan.captures, unchanged) == ((), before)
    assert {one.url for one in both.plan.captures} == {"https://example.org/0/0", "https://example.org/0/same"}
    assert len(readable(world)) == len(before) - 2
    assert findings(world.store) == []


@pytest.mark.costly
@SQLITE_ONLY
def test_a_segment_is_purged_twice_and_both_are_in_its_chain(
    tmp_path: Path, database: Database, another: Another
) -> None:
    world = world_of(tmp_path, database, another, LocalStore(tmp_path / "store"))
    before = readable(world)
    purge(world)
    purge_these(world.store, world.index, world.index.captures("https://example.org/a"))
    names = sorted(row.name for row in world.index.segments() if "-purge" in row.name)

    assert names == ["20260131T120100Z-1-1-abcd-purge2"]
    assert len(list(world.store.keys(PURGED))) == 2
    assert findings(world.store) == []
    assert readable(world) == {name: body for name, body in without_secret(before).items() if "/a" not in name}
    assert readable(world, world.rebuilt()[1]) == readable(world)


@pytest.mark.costly
@SQLITE_ONLY
def test_all_captures_of_a_segment_can_be_purged(tmp_path: Path, database: Database, another: Another) -> None:
    world = world_of(tmp_path, database, another, LocalStore(tmp_path / "store"))
    urls = [f"https://example.org/{name}" for name in ("a", "secret", "b")]
    purge_these(world.store, world.index, (one for url in urls for one in world.index.captures(url)))

    assert findings(world.store) == []
    assert world.rebuilt()[0].findings == ()
    assert holding(world.store) == []


@pytest.mark.costly
@SQLITE_ONLY
def test_a_replica_keeps_the_rest_and_is_purged_when_it_responds(
    tmp_path: Path, database: Database, another: Another
) -> None:
    first, replica = LocalStore(tmp_path / "store"), LocalStore(tmp_path / "replica")
    world = world_of(tmp_path, database, another, first)
    copy_all(first, replica)
    silent: Any = Failing(replica, 0)
    done = purge(world, Replicated(first, {"far": silent}))
    held = holding(replica)
    both = Replicated(first, {"far": replica})
    left = Purge(both, world.index).left()
    rebuilt = another()
    Rebuild(both, Index(rebuilt, now=lambda: LATER)).run()  # the replica still has the former files
    resumed = Purge(both, world.index).resume()

    assert list(done.unreached) == ["far"]
    assert left == {"far": 1}
    assert held  # the control
    assert readable(world, rebuilt) == readable(world)
    assert resumed == {}
    assert holding(replica) == []
    assert {key for key in contents(replica) if not key.startswith("run/")} == set(contents(first))
    assert findings(replica) == []


@pytest.mark.costly
@SQLITE_ONLY
def test_a_filled_replica_gets_nothing_of_what_was_purged(tmp_path: Path, database: Database, another: Another) -> None:
    first, replica = LocalStore(tmp_path / "store"), LocalStore(tmp_path / "replica")
    both = Replicated(first, {"far": replica})
    world = world_of(tmp_path, database, another, first)
    former = contents_of(first)
    purge(world, both)
    for key in former:  # an older copy of the store comes back
        world.spoil(key, former[key])
    world.index.note_keys(first.keys())
    list(Filler(world.index, both, "far", now=lambda: LATER).fill(again=True))

    assert holding(first)  # the control
    assert holding(replica) == []
    assert Objects(world.database).of(world.manifests[1].warc.key) is None
    assert [one.kind for one in findings(first)].count("purged") >= 4


@pytest.mark.costly
def test_the_former_file_is_not_ingested_again(tmp_path: Path, either: Database, another: Another) -> None:
    world = world_of(tmp_path, either, another, LocalStore(tmp_path / "store"))
    file = tmp_path / "former.warc.gz"
    file.write_bytes(world.content(world.manifests[1].warc.key))
    purge(world)
    rebuilt = world.rebuilt()[1]
    for database in (world.database, rebuilt):
        archive = Archive(Index(database, now=lambda: LATER), Texts(database), world.store)
        with pytest.raises(RefusedWarc, match=f"records that were purged: 1, e.g. <urn:uuid:.*{WHY.takedown}"):
            archive.ingest(file)

    assert holding(world.store) == []


@pytest.mark.costly
@SQLITE_ONLY
def test_a_request_that_stands_before_its_response_is_purged_with_it(
    tmp_path: Path, database: Database, another: Another
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
    purge_these(store, index, index.captures("http://example.org/secret"))
    [content] = [content for key, content in contents(store).items() if key.startswith(WARCS)]
    [kept] = index.captures("http://example.org/kept")

    assert b"of-secret" not in content
    assert b"of-kept" in content
    with Retrieval(index, store).record(kept.location, kept.record_id) as record:
        assert record.read_payload() == b"kept"


@pytest.mark.costly
@SQLITE_ONLY
def test_a_segment_in_a_spool_is_kept_back(tmp_path: Path, database: Database, another: Another) -> None:
    world = world_of(tmp_path, database, another, MemoryStore())
    world.index.opened("s", collection="default", worker="w", epoch=1, path=tmp_path / "s", at=NOON)
    segment = SegmentFile(tmp_path, "s")
    segment.write(answered("https://example.org/new", SECRET, minute=3))
    world.index.add(segment.captures)
    plan = Purge(world.store, world.index).plan(world.index.captures("https://example.org/new"))

    assert (plan.captures, [one.why for one in plan.kept_back]) == ((), ["spool"])
