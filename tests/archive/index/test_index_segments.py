"""Segments in the index, from open to released."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from services.databases import kept_by
from specimens.captures import NOON, capture_of
from specimens.indexes import LATER, SEGMENT, in_segment, opened
from specimens.manifests import manifest_of
from sqlalchemy import text

from archive.database.engine import Database
from archive.index.index import Index
from archive.spool.sealed import Sealed
from archive.texts.texts import TextRow, Texts
from archive.values.capture import Capture, Location
from archive.values.digest import Sha256, sha256


def sealed_segment(name: str) -> Sealed:
    return Sealed(
        name=name,
        path=Path("/sealed/x"),
        journal=Path("/sealed/x.journal"),
        sha256=Sha256("ab"),
        size=99,
        records=3,
        first_at=NOON,
        last_at=LATER,
        collection="default",
        epoch=7,
        worker="w",
    )


def test_a_segment_goes_from_open_to_released_and_never_back(index: Index) -> None:
    manifest = manifest_of(SEGMENT)

    def state() -> str:
        opened(index, SEGMENT)
        row = index.segment(SEGMENT)
        assert row
        return row.state

    states = [state()]
    index.releasing(SEGMENT)
    index.released(SEGMENT)
    states.append(state())
    for step in (
        lambda: index.commit(manifest, [], []),
        lambda: index.releasing(SEGMENT),
        lambda: index.released(SEGMENT),
    ):
        for _ in range(2):
            step()
            states.append(state())
    index.commit(manifest, [], [])
    states.append(state())

    assert states == ["open"] * 2 + ["committed"] * 2 + ["releasing"] * 2 + ["released"] * 3
    row = index.segment(SEGMENT)
    assert row
    assert (row.path, row.object_key, row.released_at) == (None, manifest.warc.key, LATER)


def test_a_committed_segment_without_a_local_file_is_released_at_once(index: Index) -> None:
    index.commit(manifest_of(SEGMENT), [], [])
    index.released(SEGMENT)

    assert [row.state for row in index.segments()] == ["released"]


@pytest.mark.parametrize("shipped", [False, True])
def test_the_path_of_a_segment_follows_a_moved_home_and_is_empty_after_release(index: Index, shipped: bool) -> None:
    here = sealed_segment(SEGMENT)
    index.sealed(here)
    if shipped:
        index.commit(manifest_of(SEGMENT), [], [])
    before = index.segment(SEGMENT)
    moved = replace(here, path=Path("/elsewhere/x"))
    index.sealed(moved)
    after = index.segment(SEGMENT)
    assert before
    assert after == replace(before, path="/elsewhere/x")

    if shipped:
        index.releasing(SEGMENT)
        index.released(SEGMENT)
        index.sealed(moved)
        assert index.resting(SEGMENT) == (None, manifest_of(SEGMENT).warc.key)


def test_a_sealed_segment_has_a_new_path_and_is_sealed_once(index: Index) -> None:
    sealed = sealed_segment(SEGMENT)

    for _ in range(2):
        index.sealed(sealed)
        opened(index, SEGMENT)
        row = index.segment(SEGMENT)
        assert row
        assert (row.state, row.path, row.sha256, row.size, row.sealed_at) == ("sealed", "/sealed/x", "ab", 99, LATER)
    index.commit(manifest_of(SEGMENT), [], [])
    index.sealed(sealed)
    assert [row.state for row in index.segments()] == ["committed"]


def test_a_sealed_segment_that_the_database_has_lost_is_entered_again(index: Index) -> None:
    index.sealed(sealed_segment("lost"))
    index.add([in_segment(capture_of(), "lost")])

    row = index.segment("lost")
    assert row
    assert (row.state, row.collection, row.worker, row.epoch, row.opened_at) == ("sealed", "default", "w", 7, NOON)


def test_a_stored_segment_is_found_by_its_digest(index: Index) -> None:
    index.sealed(sealed_segment("a"))
    assert index.holding("ab") is None
    index.commit(manifest_of("a", content=b"a"), [in_segment(capture_of(), "a")], [])

    assert index.holding("ab") is None
    assert index.holding(sha256(b"a")) == index.segment("a")
    assert [index.size_of(name) for name in ("a", SEGMENT, "none")] == [1, 0, 0]


def test_segments_are_listed_by_state(index: Index) -> None:
    opened(index, "b")
    opened(index, "c")
    index.commit(manifest_of("b"), [], [])
    index.problem("c", "the store is full")

    assert [row.name for row in index.segments()] == [SEGMENT, "b", "c"]
    assert [row.name for row in index.segments("committed", "releasing")] == ["b"]
    assert [row.problem for row in index.segments("open")] == [None, "the store is full"]
    index.commit(manifest_of("c"), [], [])
    assert [row.problem for row in index.segments("committed")] == [None, None]


def text_of(capture: Capture) -> TextRow:
    return TextRow(
        capture.record_id,
        capture.location.segment,
        capture.url,
        capture.at,
        capture.digest,
        "done",
        title="字\0",
        text="t",
    )


def events(database: Database) -> list[str]:
    with database.reading() as connection:
        return list(connection.execute(text("SELECT facts FROM events WHERE kind = 'segment.committed'")).scalars())


def test_committing_again_changes_nothing(index: Index, database: Database) -> None:
    many = [capture_of(minute=n, number=n) for n in range(1_200)]
    index.add(many[:700])

    outcomes = [index.commit(manifest_of(SEGMENT), iter(many), [text_of(many[0])]) for _ in range(3)]

    assert outcomes == [True, False, False]
    assert list(index.captures(many[0].url)) == many
    assert Texts(database).of(many[0].record_id) == kept_by(database, text_of(many[0]))
    assert Texts(database).of(many[1].record_id) is None
    assert len(events(database)) == 1
    assert SEGMENT in events(database)[0]


def test_a_segment_that_was_never_opened_can_be_committed(index: Index) -> None:
    capture = in_segment(capture_of(), "foreign")

    assert index.commit(manifest_of("foreign"), [capture], [])
    assert [one.location for one in index.captures(capture.url)] == [Location("foreign", 500, 300)]


def test_an_interrupted_commit_leaves_nothing(index: Index, database: Database) -> None:
    def broken() -> Iterator[Capture]:
        yield from (capture_of(minute=n, number=n) for n in range(700))
        raise OSError("the sidecar ends")

    with pytest.raises(OSError, match="ends"):
        index.commit(manifest_of(SEGMENT), broken(), [])

    row = index.segment(SEGMENT)
    assert row
    assert (row.state, list(index.captures(capture_of().url)), events(database)) == ("open", [], [])


@pytest.mark.parametrize(
    ("count", "after", "expected"),
    [(2, 0, "ab" + "ed"), (9, 0, "abcde" + "edcba"), (2, 3, "de" + "ed"), (2, 5, ""), (0, 0, "")],
)
def test_the_oldest_and_the_newest_manifests_of_the_store_are_named(
    either: Database, count: int, after: int, expected: str
) -> None:
    index = Index(either, now=lambda: NOON)
    for name in "abcde":
        index.commit(manifest_of(name), [], [])
    opened(index, "not in the store")

    assert index.some_manifests(count, after=after) == [manifest_of(name).key for name in expected]


def test_the_store_has_the_segments_that_were_committed(either: Database) -> None:
    index = Index(either, now=lambda: NOON)
    opened(index, "open")
    assert (index.newest_stored(), index.count_stored(), index.oldest_keys(9)) == (0, 0, [])
    assert (index.manifest_keys(), index.collections()) == (set(), {"default"})

    for name in ("a", "b"):
        index.commit(manifest_of(name, "papers"), [], [])
    opened(index, "open too")

    first, second = (manifest_of(name, "papers") for name in ("a", "b"))
    assert (index.newest_stored(), index.count_stored()) == (3, 2)
    assert index.oldest_keys(9) == [first.key, first.warc.key, second.key, second.warc.key]
    assert index.oldest_keys(1) == [first.key, first.warc.key]
    assert index.manifest_keys() == {first.key, second.key}
    assert (index.manifest_keys(after=2), index.manifest_keys(after=3)) == ({second.key}, set())
    assert index.collections() == {"default", "papers"}


@pytest.mark.parametrize("step", ["opened", "sealed", "committed"])
def test_the_latest_moment_is_that_of_the_last_step_of_any_segment(either: Database, step: str) -> None:
    assert Index(either, now=lambda: LATER).latest_moment() is None
    opened(Index(either, now=lambda: NOON), SEGMENT)

    if step == "sealed":
        Index(either, now=lambda: LATER).sealed(sealed_segment(SEGMENT))
    elif step == "committed":
        Index(either, now=lambda: LATER).commit(manifest_of(SEGMENT), [], [])

    assert Index(either, now=lambda: NOON).latest_moment() == (NOON if step == "opened" else LATER)
