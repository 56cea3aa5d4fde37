"""Each fault of warcio for an exact archive is shown in warcio itself, and fixed in the writer based on it."""

from __future__ import annotations

import gzip
import io
import os
import tempfile
import zlib
from typing import Any

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.values.digest import sha1_base32
from archive.warc.integrity.verify import flaws
from archive.warc.record import Damage, Record, read, record_at
from archive.warc.record_writer import Member, RecordWriter

HEAD = "HTTP/1.1 200 Très bien\r\nX-Fold: a\r\n b\r\nDate : now\r\nno colon\r\nX: caf\xe9\r\n\r\n".encode("latin-1")
DATE = "2026-11-24T06:30:00.123456Z"
URL = "http://example.org/"
FIELDS = [
    ("WARC-Record-ID", "<urn:uuid:00000000-0000-4000-8000-000000000001>"),
    ("WARC-Date", DATE),
    ("WARC-Target-URI", URL),
]


def warcio_itself() -> WARCWriter:
    return WARCWriter(io.BytesIO(), gzip=True, warc_version="1.1")


def written(writer: WARCWriter, record: Any) -> Record:
    writer.write_record(record)
    return record_at(io.BytesIO(writer.out.getvalue()))


def ours(record: Any) -> Record:
    return record_at(io.BytesIO(RecordWriter().packed(record)))


def values(record: Record, name: str) -> list[str]:
    return [value for given, value in record.headers if given == name]


def test_a_head_is_written_unchanged_where_warcio_encodes_it() -> None:
    head = StatusAndHeaders("200 OK", [("X", "caf\xe9")], protocol="HTTP/1.1")
    record = warcio_itself().create_warc_record(URL, "response", io.BytesIO(b"body"), 4, http_headers=head)
    assert b"caf%C3%A9" in written(warcio_itself(), record).http_head

    exact = ours(RecordWriter().record("response", FIELDS, HEAD, b"body"))

    assert exact.block == HEAD + b"body"
    assert list(flaws(exact)) == []


def test_a_request_without_a_body_has_no_payload_digest_where_warcio_computes_one() -> None:
    head = StatusAndHeaders("GET / HTTP/1.1", [("Host", "a")], is_http_request=True)
    record = warcio_itself().create_warc_record(URL, "request", http_headers=head)
    assert values(written(warcio_itself(), record), "WARC-Payload-Digest")

    request = ours(RecordWriter().record("request", FIELDS, b"GET / HTTP/1.1\r\n\r\n"))

    assert values(request, "WARC-Payload-Digest") == []
    assert values(request, "WARC-Block-Digest") == [f"sha1:{sha1_base32(b'GET / HTTP/1.1' + bytes([13, 10] * 2))}"]


def test_a_revisit_after_a_304_has_one_profile_where_warcio_writes_two() -> None:
    profile = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
    record = warcio_itself().create_revisit_record(
        URL, "sha1:A", URL, DATE, http_headers=StatusAndHeaders("", []), warc_headers_dict={"WARC-Profile": profile}
    )
    assert len(values(written(warcio_itself(), record), "WARC-Profile")) == 2

    revisit = ours(RecordWriter().record("revisit", [*FIELDS, ("WARC-Profile", profile)], HEAD))

    assert values(revisit, "WARC-Profile") == [profile]
    assert revisit.block == HEAD


def test_a_revisit_keeps_each_protocol_where_warcio_takes_a_dict() -> None:
    fields = [*FIELDS, ("WARC-Protocol", "http/1.1"), ("WARC-Protocol", "tls/1.3")]

    record = RecordWriter().revisit(fields, HEAD, url=URL, digest="sha1:A", original_url=URL, original_date=DATE)

    revisit = ours(record)
    assert values(revisit, "WARC-Protocol") == ["http/1.1", "tls/1.3"]
    assert values(revisit, "WARC-Profile") == [WARCWriter.REVISIT_PROFILE_1_1]
    assert revisit.block == HEAD


def test_the_position_of_a_body_on_disk_stays_where_warcio_moves_it() -> None:
    with tempfile.TemporaryFile() as body:
        body.write(b"0123456789" * 9000)
        body.seek(5)
        record = ours(RecordWriter().record("response", FIELDS, HEAD, body, 90_000))
        assert body.tell() == 5
        assert record.payload_length == 90_000
        assert list(flaws(record)) == []

        torn = warcio_itself().create_warc_record(URL, "resource", body, 90_000)
        with pytest.raises(Damage, match="the block has"):
            written(warcio_itself(), torn)


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20])
def test_a_member_of_any_length_is_one_gzip_member(size: int) -> None:
    data, pieces = os.urandom(size), list[bytes]()
    member = Member(pieces.append)

    for start in range(0, size, 70_000):
        member.write(data[start : start + 70_000])
    member.flush()

    whole = zlib.decompressobj(31)
    assert whole.decompress(b"".join(pieces)) == data
    assert (whole.eof, whole.unused_data) == (True, b"")
    assert member.size == len(b"".join(pieces))


def test_a_copy_has_exactly_the_given_fields_and_block() -> None:
    fields = [("WARC-Type", "revisit"), *FIELDS, ("X-Odd", "1"), ("X-Odd", "2")]

    packed = RecordWriter().packed(RecordWriter().copy(fields, [b"one", b"", b"two"], 6))

    [record] = list(read(io.BytesIO(packed)))
    assert list(record.headers) == [*fields, ("Content-Length", "6")]
    assert gzip.decompress(packed).endswith(b"\r\n\r\nonetwo\r\n\r\n")
