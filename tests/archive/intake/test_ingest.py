from __future__ import annotations

import gzip
import hashlib
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from specimens.captures import NOON
from specimens.segments import SegmentFile, answered
from sqlalchemy import select

from archive.archive import Archive
from archive.database.engine import Database, open_database
from archive.database.schema import events
from archive.index.index import Index
from archive.intake.compare import compare
from archive.intake.rebuild import Rebuild
from archive.spool.sealed import Sealed
from archive.store.memory import MemoryStore
from archive.texts.texts import TextRow, Texts
from archive.values.digest import sha1_base32, sha256
from archive.values.errors import RefusedWarc
from archive.values.urlkey import urlkey
from archive.warc.facts import captures_of
from archive.warc.record import read

URL = "https://example.org/news/1"
LATER = NOON + timedelta(days=1)


@dataclass
class World:
    archive: Archive
    index: Index
    store: MemoryStore


@pytest.fixture
def world(either: Database) -> World:
    index, store = Index(either, now=lambda: LATER), MemoryStore()
    return World(Archive(index, Texts(either), store, read_texts=titles), index, store)


def titles(sealed: Sealed) -> Sequence[TextRow]:
    """Return a text for each response, with its URL as title."""
    with sealed.path.open("rb") as file:
        return [
            TextRow(one.record_id, sealed.name, one.url, one.at, one.digest, "done", title=one.url, text=one.digest)
            for one in captures_of(read(file), sealed.name, sealed.collection, urlkey)
            if one.kind == "response"
        ]


def ours(directory: Path) -> SegmentFile:
    """Make one of our segments: a page, a revisit of it, a 304, a failed exchange."""
    segment = SegmentFile(directory)
    first = segment.write(answered(URL, b"<p>one</p>"))
    segment.revisit(first, answered(URL, b"<p>one</p>", minute=5))
    segment.unchanged(first, minute=9)
    return segment


def foreign(*records: tuple[str, dict[str, str], bytes]) -> bytes:
    """Make a foreign WARC 1.0 from type, other fields and block of each record."""
    members = []
    for number, (kind, fields, block) in enumerate(records):
        head = {"WARC-Type": kind, "WARC-Record-ID": f"<urn:x:{number}>", "WARC-Date": "2020-05-04T03:02:01Z", **fields}
        lines = ["WARC/1.0", *(f"{name}: {value}" for name, value in head.items()), f"Content-Length: {len(block)}"]
        members.append("\r\n".join([*lines, "", ""]).encode() + block + b"\r\n\r\n")
    return b"".join(gzip.compress(member) for member in members)


HTTP = "application/http; msgtype=response"
PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>old</p>"


def page(url: str = URL, block: bytes = PAGE, **fields: str) -> tuple[str, dict[str, str], bytes]:
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    return "response", {"WARC-Target-URI": url, "Content-Type": HTTP, **named}, block


def test_our_own_warc_is_ingested_completely(world: World, tmp_path: Path) -> None:
    segment = ours(tmp_path)

    taken = world.archive.ingest(segment.path)

    assert (taken.segment, taken.captures, taken.again) == (segment.name, 3, False)
    assert list(world.archive.captures(URL)) == segment.captures
    snapshot = world.archive.snapshot(URL, LATER)
    assert (snapshot.status, snapshot.raw().read()) == (200, b"<p>one</p>")
    assert snapshot.text
    assert snapshot.text.title == URL
    assert [key.partition("/")[0] for key in world.store.keys("")] == ["cdxj", "manifest", "text", "warc"]


def test_a_warc_whose_texts_do_not_fit_is_ingested_and_each_of_them_says_so(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.shipping.sidecars._LONGEST", 100)  # 2 GiB in truth
    world.archive.ingest(ours(tmp_path).path)

    snapshot = world.archive.snapshot(URL, LATER)
    assert (snapshot.status, snapshot.raw().read()) == (200, b"<p>one</p>")
    assert snapshot.text
    assert (snapshot.text.state, snapshot.text.title) == ("failed", None)
    assert snapshot.text.reason == "the texts of its WARC file have more than 2 GiB"


def test_every_step_reports_how_much_of_the_file_it_has_read(either: Database, tmp_path: Path) -> None:
    heard: list[tuple[str, int, int]] = []
    archive = Archive(
        Index(either, now=lambda: LATER), Texts(either), MemoryStore(), observer=lambda *told: heard.append(told)
    )
    segment = ours(tmp_path)
    size = segment.path.stat().st_size

    archive.ingest(segment.path)

    assert list(dict.fromkeys(step for step, _, _ in heard)) == ["read", "checked", "indexed"]
    assert {of for _, _, of in heard} == {size}
    for step in ("read", "checked", "indexed"):
        assert max(done for name, done, _ in heard if name == step) == size


def test_ingesting_again_is_harmless(world: World, tmp_path: Path) -> None:
    segment = ours(tmp_path)
    world.archive.ingest(segment.path)
    keys = list(world.store.keys())
    copy = shutil.copy(segment.path, tmp_path / "another-name.warc.gz")

    again = world.archive.ingest(copy)

    assert (again.segment, again.captures, again.again) == (segment.name, 3, True)
    assert list(world.archive.captures(URL)) == segment.captures
    assert list(world.store.keys()) == keys


def test_an_interrupted_ingest_continues_where_it_ended(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    segment = ours(tmp_path)

    def power_cut(*_: object, **__: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(world.index, "commit_captures", power_cut)
        with pytest.raises(KeyboardInterrupt):
            world.archive.ingest(segment.path)
    assert list(world.archive.captures(URL)) == []

    assert not world.archive.ingest(segment.path).again
    assert list(world.archive.captures(URL)) == segment.captures


@pytest.fixture(params=["archive.index.index.Index.note_texts", "archive.texts.version_rows.add_texts"])
def interrupted(request: Any, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SegmentFile:
    """An ingest that ended before the first text, or when all of them were there, but their words were not."""
    segment = edited(tmp_path)

    def power_cut(*_: object, **__: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(request.param, power_cut)
        with pytest.raises(KeyboardInterrupt):
            world.archive.ingest(segment.path)
    assert announced(world) == []
    assert len(compare(world.store, world.index).incomplete) == 1
    return segment


def edited(directory: Path) -> SegmentFile:
    """Make a segment of a page that changed twice, and of another one. The order of the records is not that of time."""
    segment = SegmentFile(directory)
    for minute in (5, 0, 9):
        segment.write(answered(URL, b"<p>%d</p>" % minute, minute=minute))
    segment.write(answered(f"{URL}0", b"<p>another</p>"))
    return segment


def announced(world: World) -> list[tuple[str, str]]:
    """Return the kind of each event of a page, and the record."""
    with world.index.database.reading() as connection:
        rows = connection.execute(select(events.c.kind, events.c.facts).order_by(events.c.id)).all()
    return [(kind, json.loads(facts)["record_id"]) for kind, facts in rows if kind.startswith("page.")]


def as_announced_without_interruption(world: World, segment: SegmentFile) -> list[tuple[str, str]]:
    index = Index(open_database("sqlite://"), now=lambda: LATER)
    other = World(Archive(index, Texts(index.database), MemoryStore(), read_texts=titles), index, MemoryStore())
    other.archive.ingest(segment.path)
    found = announced(other)
    assert {kind for kind, _ in found} == {"page.new", "page.changed"}
    return found


def test_an_ingest_that_is_repeated_announces_what_the_interrupted_one_did_not(
    world: World, interrupted: SegmentFile
) -> None:
    done = world.archive.ingest(interrupted.path)

    assert (done.again, done.captures) == (False, 4)
    assert announced(world) == as_announced_without_interruption(world, interrupted)
    assert compare(world.store, world.index).incomplete == ()
    assert world.archive.ingest(interrupted.path).again


def test_the_repair_of_the_index_announces_what_an_interrupted_ingest_did_not(
    world: World, interrupted: SegmentFile
) -> None:
    Rebuild(world.store, world.index).index_segments(compare(world.store, world.index).incomplete, 1)

    assert announced(world) == as_announced_without_interruption(world, interrupted)
    assert compare(world.store, world.index).incomplete == ()
    assert world.archive.ingest(interrupted.path).again


def test_an_interrupted_ingest_stays_incomplete_while_the_store_has_lost_its_texts(
    world: World, interrupted: SegmentFile
) -> None:
    [key] = world.store.keys("text")
    world.store.delete(key)
    incomplete = compare(world.store, world.index).incomplete

    [finding] = Rebuild(world.store, world.index).index_segments(incomplete, 1).findings
    assert (finding.file, finding.kind) == (key, "missing")
    assert compare(world.store, world.index).incomplete == incomplete

    assert not world.archive.ingest(interrupted.path).again
    assert announced(world) == as_announced_without_interruption(world, interrupted)
    assert (compare(world.store, world.index).incomplete, list(world.store.keys("text"))) == ((), [key])


def test_a_repair_beside_an_ingest_takes_no_event_from_it(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    segment, note_texts = edited(tmp_path), Index.note_texts

    def beside(index: Index, name: str, rows: Any, **options: Any) -> None:
        monkeypatch.setattr(Index, "note_texts", note_texts)
        Rebuild(world.store, index).index_segments(compare(world.store, index).incomplete, 1)
        index.note_texts(name, rows, **options)

    monkeypatch.setattr(Index, "note_texts", beside)
    world.archive.ingest(segment.path)

    assert announced(world) == as_announced_without_interruption(world, segment)


WRITTEN_BY_WARCIO = """
import io, sys
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

answer = StatusAndHeaders("200 OK", [("Content-Type", "text/plain")], protocol="HTTP/1.0")
with open(sys.argv[1], "wb") as file:
    writer = WARCWriter(file, gzip=sys.argv[2] == "compressed")
    writer.write_record(writer.create_warcinfo_record("foreign.warc.gz", {"software": "somebody"}))
    for n in range(3):
        url, text = f"http://a.org/{n}", io.BytesIO(b"text %d" % n)
        asked = StatusAndHeaders("GET / HTTP/1.0", [("Host", "a.org")], is_http_request=True)
        request = writer.create_warc_record(url, "request", http_headers=asked)
        response = writer.create_warc_record(url, "response", payload=text, http_headers=answer)
        writer.write_request_response_pair(request, response)
"""


@pytest.mark.parametrize("kind", ["compressed", "plain"])
def test_a_warc_of_warcio_is_ingested(world: World, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "foreign.warc"
    subprocess.run([sys.executable, "-c", WRITTEN_BY_WARCIO, path, kind], check=True)

    assert world.archive.ingest(path).captures == 3
    assert world.archive.ingest(path).again
    with world.archive.snapshot("http://a.org/2", LATER) as snapshot:
        assert (snapshot.raw().read(), snapshot.content_type) == (b"text 2", "text/plain")
        assert snapshot.text


def test_a_response_after_its_request_is_a_capture(world: World, tmp_path: Path) -> None:
    request = (
        "request",
        {"WARC-Target-URI": URL, "Content-Type": "application/http; msgtype=request"},
        b"GET / HTTP/1.0\r\n\r\n",
    )
    path = tmp_path / "wget.warc.gz"
    path.write_bytes(foreign(("warcinfo", {}, b"software: x\r\n"), request, page(WARC_Concurrent_To="<urn:x:1>")))

    assert world.archive.ingest(path).captures == 1
    assert world.archive.snapshot(URL, NOON).raw().read() == b"<p>old</p>"


FRAMED = b"5\r\n<p>ol\r\n5\r\nd</p>\r\n0\r\n\r\n"


@pytest.mark.parametrize("digested", [b"<p>old</p>", FRAMED, None], ids=["de-chunked", "with framing", "unsaid"])
def test_a_chunked_payload_may_be_digested_with_or_without_framing(
    world: World, tmp_path: Path, digested: bytes | None
) -> None:
    chunked_is_kept(world, tmp_path, digested, f"sha1:{sha1_base32(digested)}" if digested else None)


@pytest.mark.parametrize("digested", [b"<p>old</p>", FRAMED], ids=["de-chunked", "with framing"])
def test_a_payload_digest_may_be_in_hexadecimal(world: World, tmp_path: Path, digested: bytes) -> None:
    chunked_is_kept(world, tmp_path, digested, f"sha1:{hashlib.sha1(digested, usedforsecurity=False).hexdigest()}")


def chunked_is_kept(world: World, tmp_path: Path, digested: bytes | None, field: str | None) -> None:
    said = {"WARC_Payload_Digest": field} if field else {}
    path = tmp_path / "chunked.warc.gz"
    path.write_bytes(foreign(page(block=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + FRAMED, **said)))

    assert world.archive.ingest(path).captures == 1
    with world.archive.snapshot(URL, NOON) as snapshot, snapshot.raw() as raw:
        assert raw.read() == snapshot.payload().body == b"<p>old</p>"
        assert snapshot.capture.digest == sha1_base32(digested or b"<p>old</p>")
        assert snapshot.capture.sha256 == sha256(b"<p>old</p>")


def test_a_wrong_payload_digest_is_refused(world: World, tmp_path: Path) -> None:
    path = tmp_path / "wrong.warc.gz"
    path.write_bytes(foreign(page(WARC_Payload_Digest="sha1:" + "A" * 32)))

    with pytest.raises(RefusedWarc, match=r"wrong\.warc\.gz was rejected: at offset 0: the payload's digest is"):
        world.archive.ingest(path)


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (lambda whole: whole[:-10], "ends inside a gzip member"),
        (lambda whole: whole + b"and more", "starts neither a gzip member nor a WARC record"),
        (lambda whole: gzip.compress(gzip.decompress(whole)), "more than one record"),
        (lambda whole: gzip.decompress(whole)[:-10], "offset"),
        (lambda _: b"", "contains no records"),
        (lambda _: b"<html>", "neither"),
        (lambda _: gzip.compress(b""), "does not end with an empty line"),
    ],
    ids=["cut", "longer", "one member", "plain and cut", "empty", "no WARC", "empty gzip"],
)
def test_a_torn_file_is_refused_with_a_reason_and_nothing_is_stored(
    world: World, tmp_path: Path, damage: Callable[[bytes], bytes], why: str
) -> None:
    path = tmp_path / "torn.warc.gz"
    path.write_bytes(damage(ours(tmp_path).path.read_bytes()))

    with pytest.raises(RefusedWarc, match=why) as refused:
        world.archive.ingest(path)

    assert str(refused.value).startswith("torn.warc.gz was rejected: ")
    assert list(world.store.keys()) == []
    assert world.index.segments() == []


def test_other_bytes_under_the_name_of_a_segment_are_refused(world: World, tmp_path: Path) -> None:
    world.archive.ingest(ours(tmp_path).path)
    (tmp_path / "x").mkdir()
    other = SegmentFile(tmp_path / "x")
    other.write(answered("https://example.org/other"))

    with pytest.raises(RefusedWarc, match="with other bytes already exists"):
        world.archive.ingest(other.path)


def test_a_file_of_one_collection_is_not_ingested_into_another(world: World, tmp_path: Path) -> None:
    segment = ours(tmp_path)
    world.archive.ingest(segment.path, "one")

    with pytest.raises(RefusedWarc, match="it is already in the collection one"):
        world.archive.ingest(segment.path, "two")
    assert [one.collection for one in world.archive.captures(URL)] == ["one"] * 3


def test_a_foreign_revisit_without_a_head_is_retrieved_with_that_of_its_original(world: World, tmp_path: Path) -> None:
    digest = "sha1:" + sha1_base32(b"<p>old</p>")
    first = page(WARC_Payload_Digest=digest)
    fields = {"WARC-Target-URI": URL, "WARC-Date": "2021-01-01T00:00:00Z", "WARC-Payload-Digest": digest}
    profile = "http://netpreserve.org/warc/1.0/revisit/identical-payload-digest"
    path = tmp_path / "revisit.warc.gz"
    path.write_bytes(foreign(first, ("revisit", {**fields, "WARC-Profile": profile}, b"")))

    assert world.archive.ingest(path).captures == 2
    snapshot = world.archive.snapshot(URL, LATER)
    assert (snapshot.capture.at.year, snapshot.status, snapshot.raw().read()) == (2021, 200, b"<p>old</p>")
    assert snapshot.content_type == "text/html"
    assert io.BytesIO(snapshot.head).readline() == b"HTTP/1.1 200 OK\r\n"
