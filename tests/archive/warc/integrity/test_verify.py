"""Every defect of a WARC is found; an intact WARC has no findings."""

from __future__ import annotations

import gzip
import io
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from isal import isal_zlib
from specimens.exchanges import MORNING, context, numbered

from archive.values.capture import Capture
from archive.values.digest import digest_payload, sha256
from archive.values.errors import Finding
from archive.values.urlkey import urlkey
from archive.warc.cdxj import write as cdxj
from archive.warc.exchange_records import records, warcinfo
from archive.warc.facts import capture_of
from archive.warc.integrity.verify import cdxj_lines, verify, verify_file
from archive.warc.journal import Heading, heading_line, line


class Segment:
    """A WARC of several exchanges on disk, with its journal and CDXJ."""

    def __init__(self, directory: Path, count: int = 5) -> None:
        octets = bytearray(warcinfo("seg", MORNING, {}))
        self.captures: list[Capture] = []
        for number in range(count):
            exchange, offset = numbered(number), len(octets)
            assert exchange.response
            payload = digest_payload(exchange.response.body)
            written = records(exchange, context(number), octets.extend, payload=payload)
            self.captures.append(
                capture_of(exchange, context(), written, ("seg", offset), urlkey=urlkey, payload=payload, revisit=None)
            )
        self.octets = bytes(octets)
        self.path = directory / f"20261124T063000Z-{sha256(self.octets)[:16]}.warc.gz"
        self.path.write_bytes(self.octets)
        self.write_list(self.captures)

    def write_list(self, captures: list[Capture]) -> None:
        stem = self.path.name.removesuffix(".warc.gz")
        heading = heading_line(Heading("seg", "default", "w", 1, MORNING))
        self.path.with_name(stem + ".journal.jsonl").write_bytes(heading + b"".join(map(line, captures)))
        self.path.with_name(stem + ".cdxj").write_bytes(cdxj(captures))

    @property
    def ends(self) -> list[int]:
        return [capture.location.offset + capture.span for capture in self.captures]


@pytest.fixture
def segment(tmp_path: Path) -> Segment:
    return Segment(tmp_path)


def kinds(findings: list[Finding]) -> list[tuple[int | None, str]]:
    return [(finding.offset, finding.kind) for finding in findings]


def found(octets: bytes, name: str = "x.warc.gz") -> list[tuple[int | None, str]]:
    return kinds(list(verify_file(io.BytesIO(octets), name)))


def test_an_intact_segment_has_no_findings(segment: Segment) -> None:
    assert list(verify(segment.path)) == []


def test_a_truncated_file_is_found(segment: Segment) -> None:
    last = segment.captures[-1].location
    segment.path.write_bytes(segment.octets[: last.offset + 10])

    findings = list(verify(segment.path))

    assert (last.offset, "torn") in kinds(findings)
    assert findings[0].kind == "object-digest"
    assert "the file ends inside a gzip member" in [finding.sentence for finding in findings]


def test_every_cut_inside_a_record_is_found(segment: Segment) -> None:
    octets = segment.octets[: segment.ends[0]]
    first = segment.captures[0].location
    whole = {first.offset, first.offset + first.length, segment.ends[0]}

    for cut in range(1, len(octets) + 1):
        assert (found(octets[:cut]) == []) == (cut in whole)


def test_damage_does_not_hide_defects_after_it(segment: Segment) -> None:
    octets = bytearray(segment.octets)
    for number in (1, 3):
        place = segment.captures[number].location
        octets[place.offset + place.length // 2] ^= 0x10

    damaged = found(bytes(octets))

    assert [offset for offset, _ in damaged] == [segment.captures[n].location.offset for n in (1, 3)]


def test_every_flipped_bit_is_found_by_the_digest_in_the_name(segment: Segment) -> None:
    chance = random.Random(1138)
    for _ in range(60):
        octets = bytearray(segment.octets)
        octets[chance.randrange(len(octets))] ^= 1 << chance.randrange(8)
        assert found(bytes(octets), segment.path.name)[0] == (None, "object-digest")


def test_a_contradicting_manifest_is_found(segment: Segment) -> None:
    assert kinds(list(verify(segment.path, sha256=sha256(segment.octets)))) == []
    assert kinds(list(verify(segment.path, sha256=sha256(b"else")))) == [(None, "object-digest")]


def repacked(change: Callable[[bytes], bytes]) -> bytes:
    """Change a record and compress it again, so that it is valid gzip."""
    octets = bytearray()
    records(numbered(7, body=b"the payload"), context(), octets.extend)
    first = isal_zlib.decompressobj(31).decompress(bytes(octets))
    return gzip.compress(change(first))


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda record: record.replace(b"the payload", b"the PAYLOAD"), "block-digest"),
        (
            lambda record: record.replace(b"WARC-Payload-Digest: sha1:", b"WARC-Payload-Digest: sha1:A"),
            "payload-digest",
        ),
        (lambda record: record.replace(b"WARC-Date", b"WARC-Dame"), "field"),
        (lambda record: record.replace(b"WARC-Target-URI", b"Target-URI"), "field"),
        (lambda record: record[:-5] + record[-4:], "length"),
        (lambda record: record + b"x", "whole-file-gzip"),
        (lambda record: record[:-4], "length"),
    ],
)
def test_a_record_with_wrong_fields_is_found(change: Callable[[bytes], bytes], kind: str) -> None:
    assert (0, kind) in found(repacked(change))


def test_gzip_over_the_whole_file_is_found(segment: Segment) -> None:
    assert found(gzip.compress(gzip.decompress(segment.octets))) == [(0, "whole-file-gzip"), (None, "empty")]


def test_bytes_after_the_last_record_are_found(segment: Segment) -> None:
    assert found(segment.octets + b"\0" * 100) == [(len(segment.octets), "garbage")]


def test_an_empty_file_is_found() -> None:
    assert found(b"") == [(None, "empty")]


def test_an_index_line_with_a_wrong_offset_is_found(segment: Segment) -> None:
    first, second, *rest = segment.captures
    moved = first._replace(location=replace(first.location, offset=first.location.offset + 1))
    longer = second._replace(location=replace(second.location, length=second.location.length + 1))
    other = rest[0]._replace(digest="A" * 32)
    segment.write_list([moved, longer, other, *rest[1:]])

    findings = list(verify(segment.path))

    assert sorted(set(kinds(findings))) == sorted(
        [
            (first.location.offset, "unlisted"),
            (moved.location.offset, "index"),
            (second.location.offset, "index"),
            (other.location.offset, "index"),
        ]
    )
    assert len([finding for finding in findings if finding.kind == "index"]) == 6


def test_a_record_missing_from_the_index_is_found(segment: Segment) -> None:
    segment.write_list(segment.captures[:-1])

    assert kinds(list(verify(segment.path))) == [(segment.captures[-1].location.offset, "unlisted")]


def test_a_torn_journal_is_found(segment: Segment) -> None:
    journal = segment.path.with_name(segment.path.name.removesuffix(".warc.gz") + ".journal.jsonl")
    journal.write_bytes(journal.read_bytes()[:-9])

    assert "journal" in [finding.kind for finding in verify(segment.path)]


def test_an_invalid_cdxj_line_is_found() -> None:
    assert [line.offset for line in cdxj_lines(b"org,example)/ 2026 {\nx\n", "x.cdxj")] == [-1, -1]


def test_both_digests_of_a_foreign_chunked_payload_are_accepted() -> None:
    framed, bare = b"3\r\nabc\r\n0\r\n\r\n", b"abc"
    for digest in (framed, bare, b"neither"):
        block = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + framed
        octets = (
            b"WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <x:y>\r\nWARC-Date: 2026\r\n"
            b"WARC-Target-URI: http://a/\r\nContent-Type: application/http;msgtype=response\r\n"
            b"WARC-Payload-Digest: sha256:%b\r\nContent-Length: %d\r\n\r\n%b\r\n\r\n"
        ) % (sha256(digest).encode(), len(block), block)
        assert found(octets) == ([] if digest != b"neither" else [(0, "payload-digest")])


@pytest.mark.parametrize(("kind", "wrong"), [("revisit", False), ("response", True)])
def test_the_digest_of_no_bytes_is_ignored_for_a_revisit_of_wget(kind: str, wrong: bool) -> None:
    nothing = b"sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"
    for digest in (nothing, nothing[:-1] + b"A"):
        octets = (
            b"WARC/1.0\r\nWARC-Type: %b\r\nWARC-Record-ID: <x:y>\r\nWARC-Date: 2026-01-01T00:00:00Z\r\n"
            b"WARC-Target-URI: <http://a/>\r\nContent-Type: application/http;msgtype=response\r\n"
            b"WARC-Block-Digest: %b\r\nContent-Length: 19\r\n\r\nHTTP/1.1 200 OK\r\n\r\n\r\n\r\n"
        ) % (kind.encode(), digest)
        assert found(octets) == ([(0, "block-digest")] if wrong or digest != nothing else [])
