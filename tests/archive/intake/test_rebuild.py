from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import LONG
from specimens.captures import NOON, capture_of
from specimens.dumps import dump
from specimens.segments import SegmentFile, answered
from specimens.worlds import LATER, World, publish, text_of
from sqlalchemy import text

from archive.archive import Archive
from archive.database.engine import Database
from archive.index.index import Index
from archive.intake.rebuild import Progress, Rebuild, Rebuilt
from archive.texts.preparing_pool import PreparingPool
from archive.texts.texts import Texts
from archive.values.capture import Location
from archive.values.errors import CaptureNotFound
from archive.warc.cdxj_members import compress, plain


@pytest.fixture
def world(tmp_path: Path, either: Database, another: Callable[[], Database]) -> World:
    return World(tmp_path, either, Index(either, now=lambda: LATER), another)


@pytest.fixture
def shipped(world: World) -> World:
    for number in range(3):
        world.ship(number)
    return world


def kinds(done: Rebuilt) -> list[tuple[str, str]]:
    return [(finding.kind, finding.file.partition("/")[0]) for finding in done.findings]


def test_an_index_rebuilt_from_the_store_equals_the_old_one(shipped: World) -> None:
    done, database = shipped.rebuilt()

    assert (done.segments, done.captures, done.texts, done.findings) == (3, 15, 9, ())
    assert dump(database) == dump(shipped.database)
    assert len(dump(database)["captures"]) == 15


def test_an_index_rebuilt_with_processes_equals_the_old_one(shipped: World) -> None:
    with PreparingPool(2, worth_processes=4) as pool:
        done, database = shipped.rebuilt(pool=pool)
        assert pool.pids

    assert (done.segments, done.captures, done.texts, done.findings) == (3, 15, 9, ())
    assert dump(database) == dump(shipped.database)


@pytest.mark.parametrize(
    "change", ["UPDATE captures SET status = 404 WHERE id = 1", "DELETE FROM texts", "DELETE FROM captures"]
)
def test_a_different_index_has_a_different_dump(shipped: World, change: str) -> None:
    _, database = shipped.rebuilt()
    with database.writing() as connection:
        connection.execute(text(change))

    assert dump(database) != dump(shipped.database)


def test_ingested_files_are_rebuilt_too(world: World) -> None:
    segment = SegmentFile(world.directory)
    segment.write(answered("https://example.org/x"))
    archive = Archive(world.index, Texts(world.database), world.store)
    archive.ingest(segment.path)

    done, database = world.rebuilt(level="full")

    assert done.findings == ()
    assert dump(database) == dump(world.database)


def test_rebuilding_again_and_into_an_older_database_gives_the_same(shipped: World) -> None:
    _, database = shipped.rebuilt()
    index = Index(database, now=lambda: LATER)
    shipped.ship(3)

    first, again = (Rebuild(shipped.store, index).run() for _ in range(2))

    assert first == again
    assert dump(database) == dump(shipped.database)


def test_a_rebuild_announces_nothing_and_reports_its_progress(shipped: World) -> None:
    told: list[Progress] = []
    _, database = shipped.rebuilt(progress=told.append)

    assert [(one.done, one.total, one.captures) for one in told] == [(1, 3, 5), (2, 3, 10), (3, 3, 15)]
    with database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM events")).scalar() == 0


def test_an_empty_store_gives_an_empty_index(world: World) -> None:
    done, _ = world.rebuilt()

    assert done == Rebuilt(0, 0, 0, ())


@pytest.mark.parametrize("damage", ["missing", "changed", "not CDXJ", "short"])
def test_a_segment_without_cdxj_is_read_from_its_warc(shipped: World, damage: str) -> None:
    key = shipped.manifests[1].cdxj.key
    content = shipped.content(key)
    if damage == "missing":
        shipped.store.delete(key)
    else:
        shipped.spoil(
            key,
            {"changed": compress(plain(content).replace(b"200", b"404")), "short": content[:-300]}.get(damage, b"x\n"),
        )

    done, database = shipped.rebuilt()

    assert kinds(done) == [("missing" if damage == "missing" else "object-digest", "cdxj")]
    assert dump(database) == dump(shipped.database)


@pytest.mark.parametrize("damage", ["missing", "changed"])
def test_a_segment_without_texts_is_still_indexed(shipped: World, damage: str) -> None:
    assert shipped.manifests[1].text
    key = shipped.manifests[1].text.key
    if damage == "missing":
        shipped.store.delete(key)
    else:
        shipped.spoil(key, shipped.content(key) + b"x")

    done, _ = shipped.rebuilt()

    assert kinds(done) == [("missing" if damage == "missing" else "object-digest", "text")]
    assert (done.captures, done.texts) == (15, 6)


def test_a_segment_without_its_warc_is_not_indexed(shipped: World) -> None:
    shipped.store.delete(shipped.manifests[1].warc.key)

    done, database = shipped.rebuilt()

    assert kinds(done) == [("missing", "warc")]
    assert done.captures == 10
    with pytest.raises(CaptureNotFound):
        Archive(Index(database, now=lambda: LATER), Texts(database), shipped.store).snapshot("example.org/1/0", NOON)


def test_a_full_rebuild_finds_a_flipped_bit_and_a_quick_one_a_shorter_warc(shipped: World) -> None:
    key = shipped.manifests[1].warc.key
    content = shipped.content(key)

    shipped.spoil(key, content[:-1] + bytes([content[-1] ^ 1]))
    quick, full = shipped.rebuilt(), shipped.rebuilt(level="full")
    shipped.spoil(key, content[:-1])
    short = shipped.rebuilt()

    assert [kinds(one) for one, _ in (quick, full, short)] == [
        [],
        [("object-digest", "warc")],
        [("object-size", "warc")],
    ]
    for done, _ in (quick, full, short):
        assert done.captures == 15


def test_a_damaged_warc_without_cdxj_gives_the_captures_before_the_damage(shipped: World) -> None:
    manifest = shipped.manifests[1]
    shipped.store.delete(manifest.cdxj.key)
    shipped.spoil(manifest.warc.key, shipped.content(manifest.warc.key)[: manifest.warc.size // 2])

    done, _ = shipped.rebuilt()

    assert kinds(done) == [("object-size", "warc"), ("missing", "cdxj"), ("damaged", "warc"), ("captures", "manifest")]
    assert 10 < done.captures < 15


def test_a_damaged_manifest_and_the_gap_in_the_chain_are_reported(shipped: World) -> None:
    key = shipped.manifests[1].key
    shipped.spoil(key, shipped.content(key).replace(b'"worker":"w"', b'"worker":"v"'))

    done, _ = shipped.rebuilt()

    assert kinds(done) == [("manifest", "manifest"), ("chain", "manifest")]
    assert done.captures == 10
    assert shipped.manifests[2].key == done.findings[1].file


def test_the_next_manifest_reveals_a_removed_one(shipped: World) -> None:
    shipped.store.delete(shipped.manifests[0].key)

    done, _ = shipped.rebuilt()

    assert kinds(done) == [("chain", "manifest")]
    assert f"of {shipped.manifests[0].segment}, is not in the store" in done.findings[0].sentence


def test_a_manifest_in_place_of_another_is_reported(shipped: World) -> None:
    changed = replace(shipped.manifests[0], epoch=99)
    shipped.spoil(changed.key, changed.to_bytes())

    done, _ = shipped.rebuilt()

    assert kinds(done) == [("chain", "manifest")]
    assert f"has the hash {changed.sha256}" in done.findings[0].sentence


def test_two_manifests_that_follow_the_same_one_are_reported(shipped: World) -> None:
    segment = SegmentFile(shipped.directory, "fork")
    segment.write(answered("https://example.org/fork"))
    publish(shipped.store, segment, [], shipped.manifests[0].link)

    done, _ = shipped.rebuilt()

    assert kinds(done) == [("chain", "manifest")]
    assert "same predecessor" in done.findings[0].sentence


def test_segments_of_thousands_of_captures_are_rebuilt(world: World) -> None:
    per_segment = 2_000
    for number in range(10 if LONG else 2):
        segment = SegmentFile(world.directory, f"big-{number}")
        segment.captures += [
            capture_of(
                f"https://example.org/{number}/{n}",
                minute=n / 60,
                number=n,
                payload=b"%d %d" % (number, n),
                location=Location(segment.name, 500 * n, 300),
            )
            for n in range(per_segment)
        ]
        publish(world.store, segment, [text_of(capture) for capture in segment.captures], None)

    done, _ = world.rebuilt()

    assert done.captures == (10 if LONG else 2) * per_segment
