"""What proves that a capture can't be read, and what does not."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import BinaryIO

import pytest
from services.databases import database_at
from specimens.captures import NOON
from specimens.manifests import manifest_of
from specimens.segments import SegmentFile, answered

from archive.archive import Archive
from archive.index.damage import examine
from archive.index.index import Index
from archive.intake.rebuild import Rebuild
from archive.store.memory import MemoryStore
from archive.texts.texts import Texts
from archive.values.capture import Capture
from archive.values.digest import sha256
from archive.values.errors import ArchiveError, ObjectNotFound, OutOfReach, StoreDenied, StoreUnreachable
from archive.warc.manifest import Manifest

NAME = "20260131T120000Z-1-0-abcd"
URLS = [f"https://example.org/{number}" for number in range(3)]


class Store(MemoryStore):
    """A store that can be unreachable, and can return wrong bytes."""

    trouble: ArchiveError | None = None
    flips = 0

    def get(self, key: str, offset: int = 0, length: int | None = None) -> BinaryIO:
        if self.trouble:
            raise self.trouble
        content = super().get(key, offset, length).read()
        if self.flips:
            self.flips -= 1
            content = flipped(content, len(content) // 2)
        return io.BytesIO(content)


class World:
    """Three pages in a segment that only the store has."""

    def __init__(self, directory: Path, index: Index) -> None:
        self.index, self.store = index, Store()
        self.archive = Archive(index, Texts(index.database), self.store)
        self.file = SegmentFile(directory, NAME)
        index.opened(NAME, collection="default", worker="w", epoch=1, path=self.file.path, at=NOON)
        self.captures = [self.file.write(answered(url, url.encode() * 20)) for url in URLS]
        self.content = self.file.path.read_bytes()
        self.manifest = manifest_of(NAME, content=self.content)
        index.commit(self.manifest, self.captures, [])
        self.file.path.unlink()
        self.put(self.content)
        self._put(self.manifest.key, self.manifest.to_bytes())

    @property
    def key(self) -> str:
        return self.manifest.warc.key

    def put(self, content: bytes) -> None:
        """Replace the bytes of the segment in the store."""
        self._put(self.key, content)

    def _put(self, key: str, content: bytes) -> None:
        self.store.put(key, io.BytesIO(content), sha256(content), replace=True)

    def read(self, number: int) -> bytes:
        with self.archive.snapshot(URLS[number], NOON) as found:
            return found.raw().read()

    def lost(self) -> list[int]:
        """Return the numbers of the marked pages."""
        return [number for number, url in enumerate(URLS) if any(one.damaged for one in self.index.captures(url))]


def flipped(content: bytes, offset: int) -> bytes:
    return content[:offset] + bytes([content[offset] ^ 1]) + content[offset + 1 :]


def middle(capture: Capture) -> int:
    return capture.location.offset + capture.location.length // 2


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    database = database_at(tmp_path / "a.db")
    yield World(tmp_path, Index(database, now=lambda: NOON))
    database.close()


def test_captures_of_an_intact_segment_are_not_marked(world: World) -> None:
    examine(world.index, world.store, NAME)

    assert (world.lost(), world.read(1)) == ([], URLS[1].encode() * 20)


def test_one_damaged_record_is_marked_alone_and_unmarked_when_it_is_intact_again(world: World) -> None:
    world.put(flipped(world.content, middle(world.captures[1])))
    examine(world.index, world.store, NAME)
    assert world.lost() == [1]
    with pytest.raises(OutOfReach, match=r"can't be read: its record in 20260131T120000Z-1-0-abcd.warc.gz is damaged"):
        world.read(1)
    assert world.read(2)

    world.put(world.content)
    examine(world.index, world.store, NAME)
    assert world.lost() == []


def test_captures_behind_the_cut_of_a_truncated_segment_are_marked(world: World) -> None:
    world.put(world.content[: world.captures[1].location.offset])
    examine(world.index, world.store, NAME)

    assert world.lost() == [1, 2]


def test_another_record_at_the_place_of_one_is_damage(world: World, tmp_path: Path) -> None:
    here = world.captures[0].location
    others = (SegmentFile(tmp_path, f"other-{number}") for number in count())
    written = ((other, other.write(answered(URLS[0], URLS[0].encode() * 20)).location) for other in others)
    other, there = next(each for each in written if each[1].length <= here.length)  # lengths differ by the ids
    world.put(world.content[: here.offset] + other.path.read_bytes()[there.offset :])
    with pytest.raises(OutOfReach, match="the record here is"):
        world.read(0)
    examine(world.index, world.store, NAME)

    assert world.lost() == [0, 1, 2]


def test_a_copy_in_the_spool_counts_too(world: World) -> None:
    world.file.path.write_bytes(world.content)
    world.put(flipped(world.content, middle(world.captures[1])))
    examine(world.index, world.store, NAME)

    assert (world.lost(), world.read(1)) == ([], URLS[1].encode() * 20)


def test_two_damaged_copies_lose_only_what_neither_has(world: World) -> None:
    world.file.path.write_bytes(flipped(flipped(world.content, middle(world.captures[0])), middle(world.captures[1])))
    world.put(flipped(flipped(world.content, middle(world.captures[1])), middle(world.captures[2])))
    examine(world.index, world.store, NAME)

    assert world.lost() == [1]


def test_a_failed_read_marks_the_capture_and_a_successful_one_unmarks_it(world: World) -> None:
    world.put(flipped(world.content, middle(world.captures[1])))
    assert world.read(0)
    assert world.lost() == []
    with pytest.raises(OutOfReach, match="the next run of its source fetches the page again"):
        world.read(1)
    assert world.lost() == [1]

    world.put(world.content)
    assert world.read(1)
    assert world.lost() == []


def test_wrong_bytes_returned_once_prove_nothing(world: World) -> None:
    world.store.flips = 1

    assert world.read(1)
    assert world.lost() == []


def test_all_captures_of_a_missing_object_are_marked(world: World) -> None:
    world.store.delete(world.key)
    with pytest.raises(OutOfReach, match=r"warc/.* is missing in the store"):
        world.read(1)

    assert world.lost() == [0, 1, 2]


@pytest.mark.parametrize("harm", ["missing", "damaged"])
@pytest.mark.parametrize("found_by", ["a read", "an examination"])
def test_a_mark_says_whether_the_record_is_damaged_or_missing(world: World, harm: str, found_by: str) -> None:
    world.store.delete(world.key) if harm == "missing" else world.put(flipped(world.content, middle(world.captures[1])))
    if found_by == "a read":
        with pytest.raises(OutOfReach):
            world.read(1)
    else:
        examine(world.index, world.store, NAME)

    [capture] = world.index.captures(URLS[1])
    assert capture.damaged
    assert capture.damaged.state == harm


@pytest.mark.parametrize("trouble", [StoreUnreachable("away"), StoreDenied("403")])
def test_an_unreachable_or_refusing_store_proves_nothing(world: World, trouble: ArchiveError) -> None:
    world.put(flipped(world.content, middle(world.captures[1])))
    world.store.trouble = trouble
    with pytest.raises(type(trouble)):
        world.read(1)
    examine(world.index, world.store, NAME)

    assert world.lost() == []


def test_an_empty_store_counts_as_another_one_and_proves_nothing(world: World) -> None:
    for key in (world.key, world.manifest.key):
        world.store.delete(key)
    with pytest.raises(ObjectNotFound):
        world.read(1)
    examine(world.index, world.store, NAME)

    assert world.lost() == []


def test_a_store_that_lost_a_segment_and_its_manifest_is_recognized_by_another_manifest(world: World) -> None:
    other: Manifest = manifest_of("other")
    world.index.commit(other, [], [])
    content = other.to_bytes()
    world.store.put(other.key, io.BytesIO(content), sha256(content))
    for key in (world.key, world.manifest.key):
        world.store.delete(key)
    examine(world.index, world.store, NAME)

    assert world.lost() == [0, 1, 2]


def test_ingesting_an_intact_copy_restores_the_bytes(world: World, tmp_path: Path) -> None:
    world.put(flipped(world.content, middle(world.captures[1])))
    copy = tmp_path / "copy.warc.gz"
    copy.write_bytes(world.content)
    assert world.archive.ingest(copy).again
    assert world.store.get(world.key).read() != world.content  # the damage is not noticed yet
    examine(world.index, world.store, NAME)

    assert world.archive.ingest(copy).again
    assert (world.lost(), world.read(1)) == ([], URLS[1].encode() * 20)


def test_a_rebuild_marks_damage_and_a_later_one_unmarks_it(world: World) -> None:
    world.put(flipped(world.content, middle(world.captures[1])))
    Rebuild(world.store, world.index, level="full").run()
    assert world.lost() == [1]

    world.put(world.content)
    Rebuild(world.store, world.index).run()
    assert world.lost() == []


def test_a_rebuild_marks_captures_that_the_store_has_lost(world: World) -> None:
    world.store.delete(world.key)
    Rebuild(world.store, world.index).run()

    assert world.lost() == [0, 1, 2]


def test_an_intact_file_does_not_unmark_captures_that_recovery_removed(world: World) -> None:
    rest = world.content[: world.captures[2].location.offset]
    world.index.damages.lose([world.captures[2]])
    shipped = manifest_of("shorter", content=rest)
    world.index.commit(shipped, [], [])
    world.index.opened("shorter", collection="default", worker="w", epoch=1, path=world.file.path, at=NOON)
    examine(world.index, world.store, NAME)
    assert world.lost() == []  # this file has it

    lost = world.captures[2]._replace(location=replace(world.captures[2].location, segment="shorter"))
    world.index.add([lost])
    world.index.damages.lose([lost])
    world.store.put(shipped.warc.key, io.BytesIO(rest), shipped.warc.sha256)
    examine(world.index, world.store, "shorter")
    assert world.lost() == [2]
