"""An exchange and its records have the same content."""

from __future__ import annotations

import base64
import gzip
import io
import sys
import tempfile
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, distribution
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from specimens.exchanges import MORNING, context, contexts, exchanges, heads_as_received, numbered, references

from archive.values.capture import Context, Reference
from archive.values.digest import digest_payload
from archive.warc.exchange import Exchange, Request, Tls
from archive.warc.exchange_records import (
    Damage,
    Record,
    Revisit,
    Written,
    companion_id,
    new_id,
    read,
    record_at,
    records,
    uri,
    warcinfo,
)
from archive.warc.facts import capture_of, captures_of
from archive.warc.http_head import redacted
from archive.warc.integrity.verify import flaws
from pressmark import __version__

PLACE = ("20261124T063000Z-1-0-abcd", 0)
ORIGINAL = Reference("<urn:uuid:0a0a0a0a-0000-4000-8000-000000000000>", "http://example.org/old", MORNING)


def test_our_files_name_the_version_where_the_package_has_no_metadata(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a checkout on the PYTHONPATH: nothing in a run may wait for what is not there."""
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(sys, "meta_path", [])
    with pytest.raises(PackageNotFoundError):
        distribution("pressmark")

    assert f"software: pressmark/{__version__}\r\n".encode() in gzip.decompress(warcinfo("any", MORNING, {}))


def written(exchange: Exchange, of: Context, revisit: Revisit | None = None) -> tuple[Written, io.BytesIO]:
    file = io.BytesIO()
    done = records(exchange, of, file.write, revisit=revisit)
    file.seek(0)
    return done, file


def parts(exchange: Exchange, of: Context, revisit: Revisit | None = None) -> dict[str, Record]:
    return {record.type: record for record in read(written(exchange, of, revisit)[1])}


def fields_of(record: Record) -> dict[str, str]:
    assert isinstance(record.block, bytes)
    return dict(line.split(": ", 1) for line in record.block.decode().split("\r\n") if line)


@given(exchanges(), contexts)
def test_records_contain_every_byte_of_the_exchange(exchange: Exchange, of: Context) -> None:
    kept = parts(exchange, of)

    if exchange.response:
        assert kept["response"].payload().read() == exchange.response.body
        assert exchange.response.head in heads_as_received(kept["response"].http_head)
    if exchange.request.head:
        assert kept["request"].http_head == redacted(exchange.request.head)
        assert kept["request"].payload().read() == exchange.request.body
    if "metadata" in kept:
        said = fields_of(kept["metadata"])
        assert base64.b64decode(said.get("received", "")) == exchange.received
        assert int(said["fetchTimeMs"]) == exchange.elapsed // timedelta(milliseconds=1)
        assert base64.b64decode(said.get("interimResponse", "")) == b"".join(exchange.interim)
        assert ("fetchError" in said) == bool(exchange.error)
    assert (set(kept) == {"response", "request"}) <= (exchange.error is None)


@given(exchanges(), contexts)
def test_every_record_is_valid_and_has_the_same_time_and_url(exchange: Exchange, of: Context) -> None:
    for record in read(written(exchange, of)[1]):
        assert list(flaws(record)) == []
        assert (record.at, record.url) == (exchange.at, uri(exchange.request.url))
        names = [name for name, _ in record.headers if name not in {"WARC-Protocol", "WARC-Concurrent-To"}]
        assert len(names) == len(set(names))


@given(exchanges(), contexts, st.none() | references)
def test_a_capture_is_the_same_from_the_exchange_and_from_its_records(
    exchange: Exchange, of: Context, original: Reference | None
) -> None:
    revisit = None
    if original and exchange.response:
        is_304 = exchange.response.status == 304
        revisit = Revisit(original, "server-not-modified" if is_304 else "identical-payload-digest")
        exchange = replace(exchange, truncated=None)
    done, file = written(exchange, of, revisit)
    payload = digest_payload(exchange.response.body) if exchange.response else None

    told = capture_of(exchange, of, done, PLACE, urlkey=str.upper, payload=payload, revisit=revisit)

    assert [told] == list(captures_of(read(file), PLACE[0], of.collection, str.upper))


def test_only_digests_of_our_own_records_are_trusted() -> None:
    _, file = written(numbered(1), context())
    plain = gzip.decompress(file.getvalue())
    true = digest_in(plain)
    assert true is not None
    lie = b"sha1:" + b"A" * 32
    lying = plain.replace(b"sha1:" + true.encode(), lie)

    assert digest_in(lying) == "A" * 32
    assert digest_in(lying.replace(b"WARC-JSON-Metadata", b"WARC-Some-Metadata")) == true
    assert digest_in(lying.replace(lie, b"md5:" + b"A" * 32)) == true


def digest_in(octets: bytes) -> str | None:
    return next(captures_of(read(io.BytesIO(octets)), PLACE[0], "news", str.upper)).digest


@given(exchanges(), contexts)
def test_spans_match_the_file(exchange: Exchange, of: Context) -> None:
    done, file = written(exchange, of)

    assert done.span == len(file.getvalue())
    assert record_at(file).length == done.length


@given(exchanges(), contexts, st.floats(0, 1))
def test_a_cut_at_any_byte_leaves_complete_records(exchange: Exchange, of: Context, where: float) -> None:
    _, file = written(exchange, of)
    octets = file.getvalue()
    ends = [record.offset + record.length for record in read(io.BytesIO(octets))]
    cut = int(len(octets) * where)

    kept: list[int] = []
    with nullcontext() if cut in {0, *ends} else pytest.raises(Damage):
        kept.extend(record.offset + record.length for record in read(io.BytesIO(octets[:cut])))

    assert kept == [end for end in ends if end <= cut]


def test_a_chunked_response_is_stored_without_chunked_framing() -> None:
    exchange = numbered(1, body=b"hello")
    assert exchange.response
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX: y\r\n\r\n"
    chunked = replace(exchange.response, head=head, chunked=True, trailers=b"T: 1\r\n")

    kept = parts(replace(exchange, response=chunked), context())

    assert kept["response"].block == (
        b"HTTP/1.1 200 OK\r\nX-Archive-Orig-Transfer-Encoding: chunked\r\nX: y\r\nContent-Length: 5\r\n\r\nhello"
    )
    assert base64.b64decode(fields_of(kept["metadata"])["trailers"]) == b"T: 1\r\n"


def test_a_successful_exchange_has_no_metadata_record() -> None:
    kept = parts(numbered(1), context())

    assert list(kept) == ["response", "request"]
    assert kept["response"].header("warc-json-metadata") == (
        '{"source":"example","run":"run-1","hops":1,"via":"http://example.org/","ms":12}'
    )
    assert kept["request"].header("warc-concurrent-to") == kept["response"].id


def test_an_accompanying_record_repeats_nothing_of_the_record_that_it_names() -> None:
    secure = replace(numbered(1), tls=Tls("TLSv1.3", "X", verified=False))
    kept = parts(secure, replace(context(), page_id="run-1-7"))
    own = {"WARC-Record-ID", "WARC-Date", "WARC-Target-URI", "WARC-Concurrent-To", "WARC-Type", "WARC-Block-Digest"}

    for kind in ("request", "metadata"):
        assert {name for name, _ in kept[kind].headers} == own | {"Content-Type", "Content-Length"}
    assert len({record.id for record in kept.values()}) == 3
    assert kept["response"].header("warc-page-id") == "run-1-7"


def test_the_id_of_an_accompanying_record_differs_from_that_of_its_main_one() -> None:
    main = new_id()

    ids = [main, *(companion_id(main, number) for number in range(1, 16))]

    assert len(set(ids)) == 16
    assert {len(one) for one in ids} == {len(main)}


def test_tls_facts_are_in_repeated_fields() -> None:
    kept = parts(replace(numbered(1), tls=Tls("TLSv1.3", "TLS_AES_256_GCM_SHA384")), context())

    protocols = [value for name, value in kept["response"].headers if name == "WARC-Protocol"]
    assert protocols == ["http/1.1", "tls/1.3"]
    assert kept["response"].header("warc-cipher-suite") == "TLS_AES_256_GCM_SHA384"


def test_an_invalid_certificate_is_recorded() -> None:
    kept = parts(replace(numbered(1), tls=Tls("TLSv1.3", "X", verified=False)), context())

    assert fields_of(kept["metadata"])["tlsVerdict"] == "the certificate did not pass"


def test_secrets_stay_readable_only_if_the_source_says_so() -> None:
    request = Request("GET", "http://a/", b"GET / HTTP/1.1\r\nCookie: s3cret\r\n\r\n")
    exchange = replace(numbered(1), request=request)

    assert b"s3cret" not in parts(exchange, context())["request"].http_head
    assert b"s3cret" in parts(exchange, replace(context(), record_auth=True))["request"].http_head


def test_a_revisit_has_its_own_head_and_refers_to_the_payload() -> None:
    exchange = numbered(1)
    assert exchange.response

    revisit = parts(exchange, context(), Revisit(ORIGINAL))["revisit"]

    assert revisit.block == exchange.response.head
    said = [
        (name, value) for name, value in revisit.headers if name.startswith(("WARC-Refers", "WARC-Prof", "WARC-Tr"))
    ]
    assert sorted(said) == [
        ("WARC-Profile", "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"),
        ("WARC-Refers-To", ORIGINAL.record_id),
        ("WARC-Refers-To-Date", "2026-11-24T06:30:00.123456Z"),
        ("WARC-Refers-To-Target-URI", "http://example.org/old"),
        ("WARC-Truncated", "length"),
    ]


def test_a_304_refers_to_the_unchanged_capture() -> None:
    exchange = numbered(1, body=b"")
    assert exchange.response
    unchanged = replace(exchange.response, head=b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", status=304)

    revisit = parts(replace(exchange, response=unchanged), context(), Revisit(ORIGINAL, "server-not-modified"))[
        "revisit"
    ]

    assert revisit.block == unchanged.head
    profiles = [value for name, value in revisit.headers if name == "WARC-Profile"]
    assert profiles == ["http://netpreserve.org/warc/1.1/revisit/server-not-modified"]
    assert revisit.header("warc-payload-digest") is None
    assert revisit.header("warc-truncated") is None


def test_a_failure_before_the_request_is_a_metadata_record() -> None:
    exchange = Exchange(Request("GET", "https://a/", b""), None, MORNING, error="the TLS handshake failed")

    kept = parts(exchange, context())

    assert list(kept) == ["metadata"]
    assert fields_of(kept["metadata"])["fetchError"] == "the TLS handshake failed"


def test_no_field_can_be_injected() -> None:
    evil = "x\r\nWARC-Type: response"
    exchange = replace(numbered(1), request=Request("GET", "http://a/" + evil, b"GET / HTTP/1.1\r\n\r\n"), error=evil)
    of = replace(context(), source=evil, run=evil, via=evil, page_id=evil)

    for record in read(written(exchange, of)[1]):
        assert [value for name, value in record.headers if name == "WARC-Type"] == [record.type]


@pytest.fixture(params=["memory", "disk", "disk without descriptor"])
def long_body(request: pytest.FixtureRequest) -> Iterator[bytes | BinaryIO]:
    octets = (b"0123456789abcdef" * 4096 + bytes(range(256))) * 48
    if request.param == "memory":
        yield octets
        return
    with tempfile.TemporaryFile() if request.param == "disk" else io.BytesIO() as file:
        file.write(octets)
        yield file


def test_a_long_body_is_written_in_pieces(long_body: bytes | BinaryIO) -> None:
    length = len(long_body) if isinstance(long_body, bytes) else long_body.tell()
    exchange = numbered(1)
    assert exchange.response
    response = replace(exchange.response, body=long_body, length=length, head=b"HTTP/1.1 200 OK\r\n\r\n")
    pieces: list[int] = []

    records(replace(exchange, response=response), context(), lambda octets: pieces.append(len(octets)))
    _, file = written(replace(exchange, response=response), context())

    assert max(pieces) < 1 << 20
    with record_at(file) as record:
        assert (record.type, record.payload_length) == ("response", length)
        assert list(flaws(record)) == []
        assert record.payload().read(32) == b"0123456789abcdef" * 2


def test_a_segment_begins_with_a_warcinfo_record() -> None:
    info = record_at(io.BytesIO(warcinfo("seg", MORNING, {"isPartOf": "default", "robots": "obey\r\nX: y"})))

    assert info.header("warc-filename") == "seg.warc.gz"
    said = fields_of(info)
    assert said["software"].startswith("pressmark/")
    assert (said["isPartOf"], said["robots"]) == ("default", "obey X: y")
    assert list(flaws(info)) == []
