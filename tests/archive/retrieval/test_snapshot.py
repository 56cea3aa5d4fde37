from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import brotlicffi
import pytest
from specimens.captures import NOON, capture_of
from specimens.manifests import manifest_of
from specimens.segments import SegmentFile, answered

from archive.archive import Archive
from archive.database.engine import open_database
from archive.index.index import Index
from archive.retrieval.retrieval import Retrieval
from archive.store.memory import MemoryStore
from archive.store.replicated import Replicated
from archive.texts.texts import TextRow, Texts
from archive.values.errors import CaptureNotFound, DamagedRecord, ObjectNotFound, OriginalNotFound
from archive.warc.exchange import Exchange
from archive.warc.manifest import Manifest

URL = "https://example.org/news/1"
LATER = NOON + timedelta(days=1)


@dataclass
class World:
    """An archive with one open segment."""

    archive: Archive
    index: Index
    store: MemoryStore
    segment: SegmentFile

    def open_segment(self, directory: Path, name: str) -> SegmentFile:
        segment = SegmentFile(directory, name)
        self.index.opened(name, collection="default", worker="w", epoch=1, path=segment.path, at=NOON)
        return segment

    def listed(self) -> None:
        self.index.add(self.segment.captures)

    def put(self) -> Manifest:
        """Put the segment into the store, under the key in its manifest."""
        manifest = manifest_of(self.segment.name, content=self.segment.path.read_bytes())
        with self.segment.path.open("rb") as file:
            self.store.put(manifest.warc.key, file, manifest.warc.sha256)
        return manifest

    def moved(self) -> None:
        """Commit the segment and unlink its local file."""
        self.index.commit(self.put(), self.segment.captures, [])
        self.segment.path.unlink()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    database = open_database(f"sqlite:///{tmp_path / 'a.db'}")
    index, store = Index(database, now=lambda: LATER), MemoryStore()
    world = World(Archive(index, Texts(database), store), index, store, None)  # type: ignore[arg-type]
    world.segment = world.open_segment(tmp_path, "20260131T120000Z-1-0-abcd")
    yield world
    database.close()


def test_a_snapshot_is_as_received(world: World) -> None:
    body = gzip.compress("<p>你好</p>".encode())
    headers = ("Content-Type: text/html; charset=utf-8", "content-encoding: gzip", "X-Odd:  caf\xe9", "x-odd: 2")
    world.segment.write(answered(URL, body, headers=headers))
    world.listed()

    with world.archive.snapshot(URL, NOON) as snapshot:
        assert snapshot.status == 200
        assert snapshot.head.startswith(b"HTTP/1.1 200 OK\r\nContent-Type: text/html")
        assert snapshot.headers[:4] == [
            ("Content-Type", "text/html; charset=utf-8"),
            ("content-encoding", "gzip"),
            ("X-Odd", "caf\xe9"),
            ("x-odd", "2"),
        ]
        assert snapshot.content_type == "text/html; charset=utf-8"
        assert snapshot.raw().read() == body
        assert snapshot.payload().body.decode() == "<p>你好</p>"
        assert snapshot.request_head.startswith(b"GET https://example.org/news/1 HTTP/1.1\r\n")
        assert b"a=b" not in snapshot.request_head
        assert snapshot.capture == snapshot.original == world.segment.captures[0]
        assert snapshot.text is None
        assert (
            snapshot.why_no_text
            == f"the text of {URL} is not extracted yet; the administrator can extract it with the command "
            "pressmark extract"
        )


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (
            answered(URL, b"", status="302 Found", headers=("Location: /login",)),
            f"the server redirected {URL} to https://example.org/login, so this capture has no text",
        ),
        (
            answered(URL, status="404 Not Found"),
            (
                f"Pressmark extracts no text from {URL}, as the website did not send the page: it answered with status "
                "404"
            ),
        ),
        (answered(URL, b""), f"the server sent an empty page for {URL}"),
        (
            answered(URL, headers=("Content-Type: text/plain",)),
            (
                "Pressmark extracts text only from web pages, PDF files and e-mails, and "
                f"{URL} is of the type text/plain"
            ),
        ),
    ],
)
def test_a_capture_without_any_text_is_not_announced_for_later(world: World, answer: Exchange, why: str) -> None:
    world.segment.write(answer)
    world.listed()

    with world.archive.snapshot(URL, NOON) as snapshot:
        assert (snapshot.text, snapshot.why_no_text) == (None, why)


def test_brotli_is_decoded(world: World) -> None:
    world.segment.write(answered(URL, brotlicffi.compress(b"<p>br</p>"), headers=("Content-Encoding: br",)))
    world.listed()

    assert world.archive.snapshot(URL, NOON).payload().body == b"<p>br</p>"


def test_a_payload_is_decoded_to_its_limit(world: World) -> None:
    world.segment.write(answered(URL, gzip.compress(bytes(100_000)), headers=("Content-Encoding: gzip",)))
    world.listed()

    decoded = world.archive.snapshot(URL, NOON).payload(limit=1_000)
    assert (len(decoded.body), decoded.cut) == (1_000, True)


def test_a_long_payload_is_read_from_a_file(world: World) -> None:
    body = b"0123456789abcdef" * 200_000
    world.segment.write(answered(URL, body))
    world.listed()

    with world.archive.snapshot(URL, NOON) as snapshot:
        assert snapshot.raw().read() == body
        assert snapshot.payload().body == body
        assert snapshot.raw().read(5) == b"01234"
        assert snapshot.request_head.startswith(b"GET ")


def test_the_error_for_a_url_without_captures_names_it(world: World) -> None:
    world.segment.write(answered(URL))
    world.listed()

    with pytest.raises(
        CaptureNotFound, match=r"the archive has no capture \(archived version\) of https://example\.org/news/2"
    ):
        world.archive.snapshot("https://example.org/news/2", NOON)
    with pytest.raises(CaptureNotFound):
        world.archive.snapshot(URL, NOON, "other")


def test_a_revisit_has_its_own_head_and_the_payload_of_its_original(world: World, tmp_path: Path) -> None:
    first = world.segment.write(answered(URL, b"same", headers=("X-Time: 1",)))
    world.listed()
    world.moved()
    world.segment = world.open_segment(tmp_path, "second")
    same = world.segment.revisit(first, answered(URL, b"same", minute=5, headers=("X-Time: 2",)))
    world.listed()

    with world.archive.snapshot(URL, LATER) as snapshot:
        assert (snapshot.capture, snapshot.original) == (same, first)
        assert (snapshot.status, snapshot.headers[0]) == (200, ("X-Time", "2"))
        assert snapshot.raw().read() == b"same"
        assert snapshot.request_head


def test_a_304_stands_for_its_original(world: World, tmp_path: Path) -> None:
    first = world.segment.write(answered(URL, gzip.compress(b"same"), headers=("X-Time: 1", "Content-Encoding: gzip")))
    world.listed()
    world.moved()
    world.segment = world.open_segment(tmp_path, "second")
    unchanged = world.segment.unchanged(first, minute=5)
    world.listed()

    with world.archive.snapshot(URL, LATER) as snapshot:
        assert (snapshot.capture, snapshot.original) == (unchanged, first)
        assert (snapshot.status, snapshot.headers[0]) == (200, ("X-Time", "1"))
        assert snapshot.payload().body == b"same"


def test_a_304_for_a_revisit_stands_for_the_first_response(world: World) -> None:
    first = world.segment.write(answered(URL, b"same"))
    same = world.segment.revisit(first, answered(URL, b"same", minute=5))
    world.segment.unchanged(same, minute=9)
    world.listed()

    assert world.archive.snapshot(URL, LATER).original == first


def test_the_error_for_a_revisit_without_original_names_the_original(world: World) -> None:
    gone = capture_of("https://example.org/gone")
    world.segment.unchanged(gone._replace(url=URL), minute=5)
    world.listed()

    with pytest.raises(OriginalNotFound, match=r"a capture of .*/news/1 is a revisit"):
        world.archive.snapshot(URL, NOON)


def test_the_text_of_a_page_comes_with_its_snapshot_and_with_its_revisits(world: World) -> None:
    first = world.segment.write(answered(URL, b"same"))
    world.segment.revisit(first, answered(URL, b"same", minute=60))
    text = TextRow(first.record_id, world.segment.name, URL, first.at, first.digest, "done", title="News", text="same")
    world.index.commit(world.put(), world.segment.captures, [text])

    assert world.archive.snapshot(URL, NOON).text == text
    assert world.archive.snapshot(URL, LATER).text == text


# In every place of the segment


def test_a_segment_is_read_from_the_store_after_its_file_is_removed(world: World) -> None:
    captures = [world.segment.write(answered(f"{URL}/{n}", b"%d" % n, minute=n)) for n in range(3)]
    world.listed()
    world.moved()

    with world.archive.open(captures[1]) as snapshot:
        assert snapshot.raw().read() == b"1"
        assert b"/news/1/1 HTTP" in snapshot.request_head


def test_a_record_is_read_from_the_replica_that_has_it(world: World) -> None:
    capture = world.segment.write(answered(URL))
    world.moved()
    store = Replicated(MemoryStore(), {"behind": MemoryStore(), "whole": world.store})

    with Retrieval(world.index, store).record(capture.location) as record:
        assert record.id == capture.record_id


def test_the_size_of_a_segment_is_known_in_every_place(world: World) -> None:
    world.segment.write(answered(URL))
    retrieval, name, size = Retrieval(world.index, world.store), world.segment.name, world.segment.path.stat().st_size
    assert retrieval.size(name) == size

    world.moved()
    assert retrieval.size(name) == size
    world.index.releasing(name)
    world.index.released(name)
    assert retrieval.size(name) == size
    assert retrieval.size("20260131T120000Z-1-0-none") is None


def test_the_size_of_a_missing_segment_is_unknown(world: World) -> None:
    world.segment.write(answered(URL))
    world.segment.path.unlink()

    assert Retrieval(world.index, world.store).size(world.segment.name) is None


def test_a_range_of_a_segment_is_returned_completely_or_not_at_all(world: World) -> None:
    where = world.segment.write(answered(URL)).location
    content = world.segment.path.read_bytes()
    retrieval = Retrieval(world.index, world.store)

    with retrieval.octets(where) as file:
        assert file.read() == content[where.offset : where.offset + where.length]
    there, wanted = len(content) - where.offset, len(content)
    with pytest.raises(DamagedRecord, match=f"found {there} bytes instead of {wanted}"):
        retrieval.octets(replace(where, length=wanted))


def test_another_record_at_the_place_is_damage(world: World) -> None:
    capture = world.segment.write(answered(URL))
    retrieval = Retrieval(world.index, world.store)
    with retrieval.record(capture.location, capture.record_id) as record:
        assert record.id == capture.record_id

    with pytest.raises(DamagedRecord, match=f"the record here is {capture.record_id}, not urn:uuid:other"):
        retrieval.record(capture.location, "urn:uuid:other")


def test_the_store_is_used_if_the_file_is_damaged(world: World) -> None:
    world.segment.write(answered(URL))
    world.index.commit(world.put(), world.segment.captures, [])
    world.segment.path.write_bytes(world.segment.path.read_bytes()[:-200])

    assert world.archive.snapshot(URL, NOON).raw().read() == b"<p>news</p>"


def test_a_record_damaged_in_every_place_is_an_error(world: World) -> None:
    capture = world.segment.write(answered(URL))
    world.listed()
    world.segment.path.write_bytes(world.segment.path.read_bytes()[: capture.location.offset + 100])

    with pytest.raises(DamagedRecord):
        world.archive.snapshot(URL, NOON).raw()


def test_bytes_missing_in_every_place_are_an_error(world: World) -> None:
    world.segment.write(answered(URL))
    world.listed()
    world.segment.path.unlink()

    with pytest.raises(ObjectNotFound, match="and its file is not in the spool"):
        world.archive.snapshot(URL, NOON)


def test_a_segment_may_be_renamed_while_it_is_searched(world: World) -> None:
    world.segment.write(answered(URL))
    world.listed()
    sealed = world.segment.path.with_name("sealed.warc.gz")
    world.segment.path.rename(sealed)
    manifest = manifest_of(world.segment.name, content=sealed.read_bytes())

    def note() -> None:
        with sealed.open("rb") as file:
            world.store.put(manifest.warc.key, file, manifest.warc.sha256)
        world.index.commit(manifest, world.segment.captures, [])

    late = threading.Timer(0.2, note)
    late.start()
    assert world.archive.snapshot(URL, NOON).raw().read() == b"<p>news</p>"
    late.join()


def test_a_segment_can_be_read_at_any_instant_of_its_move(world: World) -> None:
    first = world.segment.write(answered(URL))
    world.listed()
    failures: list[Exception] = []
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            try:
                assert world.archive.open(first).raw().read() == b"<p>news</p>"
            except Exception as error:
                failures.append(error)

    readers = [threading.Thread(target=look) for _ in range(3)]
    for reader in readers:
        reader.start()
    world.index.commit(world.put(), world.segment.captures, [])
    world.index.releasing(world.segment.name)
    world.segment.path.unlink()
    world.index.released(world.segment.name)
    done.wait(0.2)
    done.set()
    for reader in readers:
        reader.join()

    assert failures == []
