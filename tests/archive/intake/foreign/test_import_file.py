"""Files of other crawlers: each record is accepted, or refused with a reason, and nothing crashes."""

from __future__ import annotations

import gzip
import io
import random
import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zstandard
from specimens import foreign
from specimens.archives import LATER, Kept, empty_archive, small_archive
from specimens.foreign import PAGE, by_record, record

from archive.export import EXPORTERS, export_to
from archive.index.selection import Selection
from archive.intake.foreign.form import form_of
from archive.intake.foreign.import_file import ImportedFile, import_file
from archive.intake.foreign.unpack import Allowance
from archive.values.errors import RefusedWarc
from archive.warc.integrity.verify import verify_file
from archive.warc.record import read

WARCS = "warc/v1/"


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    with empty_archive(tmp_path / "archive") as kept:
        yield kept


def given(kept: Kept, path: Path, octets: bytes, collection: str = "default") -> list[ImportedFile]:
    path.write_bytes(octets)
    return list(import_file(path, collection, kept.archive.ingest, kept.index))


def pages(kept: Kept) -> list[str]:
    return [capture.url.rpartition("/")[2] for capture in kept.archive.captures("a.example", match="host")]


def body_of(kept: Kept, number: int = 0) -> bytes:
    with kept.archive.snapshot(f"http://a.example/{number}", LATER) as snapshot:
        return snapshot.raw().read()


def kept_warcs(kept: Kept) -> list[bytes]:
    return [kept.store.get(key).read() for key in kept.store.keys(WARCS)]


FORMS: dict[str, tuple[Callable[[], bytes], bool]] = {
    "plain": (foreign.plain, False),
    "gzip by record": (by_record, False),
    "gzip over all": (foreign.whole_file, True),
    "zstd": (foreign.zstd, True),
    "zstd with a dictionary": (lambda: foreign.zstd(dictionary=foreign.plain(40)[:4000]), True),
    "ARC": (foreign.arc, True),
    "ARC, version 2": (lambda: foreign.arc(version=2), True),
    "ARC, compressed": (foreign.arc_gzip, True),
    "ARC, gzip over all": (lambda: gzip.compress(foreign.arc(), mtime=0), True),
    "WARC/0.17": (lambda: b"".join(record(n, version="0.17") for n in range(3)), False),
    "WARC/0.18": (lambda: b"".join(gzip.compress(record(n, version="0.18"), mtime=0) for n in range(3)), False),
    "WARC/1.1": (lambda: b"".join(record(n, version="1.1") for n in range(3)), False),
    "URLs in angle brackets": (
        lambda: b"".join(record(n, WARC_Target_URI=f"<http://a.example/{n}>") for n in range(3)),
        False,
    ),
    "no record ids": (lambda: b"".join(record(n, without="WARC-Record-ID") for n in range(3)), True),
    "times of a zone": (
        lambda: b"".join(record(n, WARC_Date=f"2019-03-0{n + 1}T00:30:00+02:00") for n in range(3)),
        False,
    ),
    "a leap second": (lambda: b"".join(record(n, WARC_Date="2016-12-31T23:59:60Z") for n in range(3)), False),
    "no digests": (lambda: b"".join(record(n, without="WARC-Block-Digest") for n in range(3)), False),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_format_is_ingested_completely_and_repeating_it_is_harmless(
    kept: Kept, tmp_path: Path, form: str
) -> None:
    make, converted = FORMS[form]

    [taken] = given(kept, tmp_path / "some.file", make())

    named = 1 if form.startswith("ARC") else 0  # the DNS response is a capture, too
    assert (taken.captures, taken.again, taken.converted, taken.refused) == (3 + named, False, converted, ())
    assert pages(kept) == ["0", "1", "2"]
    assert [body_of(kept, number) for number in range(3)] == [b"<p>page %d" % number for number in range(3)]
    before = list(kept.store.keys())
    [again] = given(kept, tmp_path / "another.name", make())
    assert (again.segment, again.captures, again.again) == (taken.segment, 3 + named, True)
    assert list(kept.store.keys()) == before
    [warc] = kept_warcs(kept)
    assert [finding for finding in verify_file(io.BytesIO(warc), "kept") if finding.kind != "field"] == []


def test_a_capture_in_the_last_possible_second_is_listed(kept: Kept, tmp_path: Path) -> None:
    given(kept, tmp_path / "some.file", record(0, WARC_Date="9999-12-31T23:59:59Z"))

    [capture] = kept.archive.captures("http://a.example/0")
    assert [*kept.index.in_second(capture.url, capture.at)] == [capture]


def test_an_arc_keeps_its_urls_times_and_other_records(kept: Kept, tmp_path: Path) -> None:
    given(kept, tmp_path / "x.arc", foreign.arc())

    records = list(read(io.BytesIO(kept_warcs(kept)[0])))
    assert [found.type for found in records] == ["warcinfo", "resource", "response", "response", "response"]
    assert records[1].url == "dns:a.example"
    assert records[2].header("warc-ip-address") == "192.0.2.7"
    assert records[2].at == datetime(2004, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_a_wacz_is_ingested_warc_by_warc(kept: Kept, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.wacz", "w") as package:
        package.writestr("archive/one.warc.gz", by_record(2))
        package.writestr("archive/two.warc", record(2))
        package.writestr("archive/notes.txt", "this is no WARC")
        package.writestr("pages/pages.jsonl", "{}")

    results = list(import_file(tmp_path / "x.wacz", "default", kept.archive.ingest, kept.index))

    assert [taken.name for taken in results] == [
        "x.wacz:archive/one.warc.gz",
        "x.wacz:archive/two.warc",
        "x.wacz:archive/notes.txt",
    ]
    assert [taken.captures for taken in results] == [2, 1, 0]
    assert results[2].refused[0].why == "its first bytes are not those of a WARC, ARC or WACZ"
    assert pages(kept) == ["0", "1", "2"]


def test_our_own_wacz_gives_the_same_captures(tmp_path: Path) -> None:
    target = tmp_path / "out.wacz"
    with small_archive(tmp_path / "a") as ours, empty_archive(tmp_path / "b") as other:
        export_to(ours.exports, EXPORTERS["wacz"], Selection(), target, now=LATER)
        [taken] = import_file(target, "default", other.archive.ingest, other.index)

        assert (taken.captures, taken.converted) == (7, False)
        assert other.captures() == ours.captures()


LENGTH = b"Content-Length: %d" % len(PAGE % 1)
DAMAGED: dict[str, tuple[Callable[[], bytes], list[str], str]] = {
    "a cut gzip member": (lambda: by_record()[:-60], ["0", "1"], "is truncated by the end of the file"),
    "a cut plain record": (lambda: foreign.plain()[:-9], ["0", "1"], "offset|Content-Length|after the block"),
    "a cut file under one gzip": (
        lambda: foreign.whole_file(300)[:-2000],
        ["0"],
        "is truncated by the end of the file",
    ),
    "a gzip member without its checksum": (
        lambda: by_record()[:-9],
        ["0", "1", "2"],
        "is truncated by the end of the file",
    ),
    "zeros at the end": (lambda: by_record() + bytes(600), ["0", "1", "2"], "is damaged"),
    "text between": (lambda: record(0) + b"some words\n" + record(1), ["0", "1"], "starts neither"),
    "a wrong length": (
        lambda: record(0) + record(1).replace(LENGTH, b"Content-Length: 9") + record(2),
        ["0", "2"],
        "the block is followed by",
    ),
    "a wrong digest": (
        lambda: record(0) + record(1, WARC_Block_Digest=foreign.digest(b"else")) + record(2),
        ["0", "2"],
        "the block's digest is",
    ),
    "no date": (lambda: record(0, without="WARC-Date") + record(1), ["1"], "has no valid date"),
    "a date that is none": (lambda: record(0, WARC_Date="Sat, 31 Jan 2026") + record(1), ["1"], "has no valid date"),
    "no URL": (lambda: record(0, without="WARC-Target-URI") + record(1), ["1"], "has no URL"),
    "no type": (lambda: record(0, without="WARC-Type") + record(1), ["1"], "has no record type"),
    "no length": (lambda: record(0, without="Content-Length") + record(1), ["1"], "not a number of bytes"),
    "an old version": (lambda: b"WARC/0.9 1234 response x\r\n\r\n" + record(1), ["1"], "Content-Length is ''"),
    "an ARC with a word too much": (
        lambda: foreign.arc().replace(b"1 192.0.2.7 2004", b"1 192.0.2.7 x 2004"),
        ["0", "2"],
        "this is not an ARC record",
    ),
    "a cut ARC": (lambda: foreign.arc()[:-9], ["0", "1"], "it ends at"),
    "a zstd frame": (
        lambda: foreign.zstd(2) + foreign.zstd(3)[len(foreign.zstd(2)) :][:-60],
        ["0", "1"],
        "is truncated by the end of the file",
    ),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_intact_records_are_accepted_and_others_refused_with_a_reason(kept: Kept, tmp_path: Path, damage: str) -> None:
    make, whole, why = DAMAGED[damage]

    [taken] = given(kept, tmp_path / "some.file", make())

    found = pages(kept)
    assert found[:1] == whole if damage == "a cut file under one gzip" else found == whole
    assert taken.converted
    assert any(re.search(why, refused.why) for refused in taken.refused), taken.refused
    [warc] = kept_warcs(kept)
    assert list(verify_file(io.BytesIO(warc), "kept")) == []


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"<html>",
        b"PK\x03\x04 no zip",
        gzip.compress(b"", mtime=0),
        gzip.compress(b"<html>", mtime=0),
        b"\x1f\x8b",
        b"WARC/1.0\r\n\r\n",
    ],
)
def test_a_file_without_records_is_refused_with_a_reason(kept: Kept, tmp_path: Path, octets: bytes) -> None:
    [taken] = given(kept, tmp_path / "some.warc.gz", octets)

    assert (taken.segment, taken.captures) == (None, 0)
    assert taken.refused
    assert list(kept.store.keys()) == []


def test_a_zip_without_warcs_is_refused(kept: Kept, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as package:
        package.writestr("a.txt", "a")

    [taken] = import_file(tmp_path / "x.zip", "default", kept.archive.ingest, kept.index)
    assert "without the directory archive/" in taken.refused[0].why


def test_a_member_with_a_wrong_checksum_is_not_trusted(kept: Kept, tmp_path: Path) -> None:
    members = [gzip.compress(record(number, without="WARC-Block-Digest"), mtime=0) for number in range(3)]
    members[1] = members[1][:-8] + b"\0\0\0\0" + members[1][-4:]

    [taken] = given(kept, tmp_path / "x.warc.gz", b"".join(members))

    assert pages(kept) == ["0", "2"]
    assert [refused.why for refused in taken.refused if "the gzip member there is damaged" in refused.why]


@pytest.mark.parametrize("field", ["WARC-Block-Digest", "none"])
def test_a_record_of_a_damaged_member_is_accepted_only_if_its_digest_matches(
    kept: Kept, tmp_path: Path, field: str
) -> None:
    noise = random.Random(1)
    bodies = [b"HTTP/1.1 200 OK\r\n\r\n" + noise.randbytes(50_000) for _ in range(5)]
    octets = gzip.compress(b"".join(record(n, body, without=field) for n, body in enumerate(bodies)), mtime=0)

    [taken] = given(kept, tmp_path / "x.warc.gz", octets[:-8] + b"\0\0\0\0" + octets[-4:])

    doubted = [refused.why for refused in taken.refused if "has no digest to check it" in refused.why]
    assert (taken.captures >= 3, len(doubted) >= 3) == (field == "none", field != "none")


def test_compression_bombs_end_soon(kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from archive.intake.foreign import unpack

    monkeypatch.setattr(unpack, "_LEAST_LIMIT", 1 << 20)
    monkeypatch.setattr(unpack, "_BOMB", 10)
    bomb = gzip.compress(bytes(40 << 20))

    [taken] = given(kept, tmp_path / "x.warc.gz", bomb)

    assert taken.segment is None
    assert "unpacks to more than 1048576 bytes" in taken.refused[0].why


def test_the_files_of_an_import_share_what_they_may_unpack_to(kept: Kept, tmp_path: Path) -> None:
    first, second = by_record(6), by_record(9)
    size = len(gzip.decompress(second))
    (tmp_path / "a.warc.gz").write_bytes(gzip.compress(gzip.decompress(first)))
    (tmp_path / "b.warc.gz").write_bytes(gzip.compress(gzip.decompress(second)))

    def taken(allowance: Allowance, name: str) -> list[str]:
        found = import_file(tmp_path / name, "default", kept.archive.ingest, kept.index, allowance=allowance)
        return [refused.why for one in found for refused in one.refused]

    assert taken(Allowance(size), "b.warc.gz") == []  # the control: alone, it may
    left = Allowance(size)
    assert taken(left, "a.warc.gz") == []
    told = taken(left, "c.warc.gz") if (tmp_path / "b.warc.gz").rename(tmp_path / "c.warc.gz") else []
    assert told == []  # it is known, so it is not unpacked again
    (tmp_path / "d.warc.gz").write_bytes(gzip.compress(gzip.decompress(by_record(10))))
    assert f"bytes that are left of this import's {size}" in taken(left, "d.warc.gz")[0]


def test_a_package_shares_it_too(kept: Kept, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.wacz", "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("archive/a.warc", foreign.plain(5) + bytes(1 << 20))
    found = import_file(tmp_path / "x.wacz", "default", kept.archive.ingest, kept.index, allowance=Allowance(1 << 20))

    assert [refused.why for one in found for refused in one.refused] == [
        "it unpacks to more than the 1048576 bytes that are left of this import's 1048576"
    ]


def test_a_file_of_record_beginnings_ends_soon(kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each offset may begin a record up to the end: trying all would read the file thousands of times."""
    [taken] = given(kept, tmp_path / "x.warc", b"WARC/1.0\r\nContent-Length: 9999999\r\n\r\n" * 200_000)

    assert taken.segment is None
    assert taken.refused[-1].why == "what follows is too damaged to look for records in it"


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        # Its header declares 2**62 bytes, more than can be allocated.
        (b"\x28\xb5\x2f\xfd\xe0" + (1 << 62).to_bytes(8, "little") + bytes(40), "can't be read"),
        (zstandard.compress(bytes(20 << 20)), "more than 16777216 bytes"),
        (zstandard.compress(b"words of a dictionary" * 99)[:-9], "is truncated"),
        (b"\x28\xb5\x2f\xfd" + bytes(40), "can't be read"),
    ],
    ids=["a lie about its length", "a bomb", "cut", "noise"],
)
def test_an_invalid_dictionary_is_refused_with_a_reason(kept: Kept, tmp_path: Path, frame: bytes, why: str) -> None:
    skippable = b"\x5d\x2a\x4d\x18" + len(frame).to_bytes(4, "little") + frame
    [taken] = given(kept, tmp_path / "x.warc.zst", skippable + foreign.zstd())

    assert (taken.segment, taken.captures) == (None, 0)
    assert any(why in refused.why for refused in taken.refused), taken.refused


def test_one_file_is_in_one_collection(kept: Kept, tmp_path: Path) -> None:
    given(kept, tmp_path / "x.warc.gz", foreign.whole_file(), "one")

    with pytest.raises(RefusedWarc, match="it is already in the collection one"):
        given(kept, tmp_path / "x.warc.gz", foreign.whole_file(), "two")


def test_formats_are_detected_by_their_bytes(tmp_path: Path) -> None:
    path = tmp_path / "x"
    for octets, form in (
        (foreign.arc(), "arc"),
        (foreign.arc_gzip(), "arc"),
        (foreign.zstd(), "zstd"),
        (foreign.plain(), "warc"),
        (by_record(), "warc"),
        (PAGE, "unknown"),
    ):
        path.write_bytes(octets)
        assert form_of(path) == form
