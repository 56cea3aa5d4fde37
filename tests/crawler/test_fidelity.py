"""The WARC is the ledger: whatever the server received and sent, other tools read it back, octet for octet."""

from __future__ import annotations

import base64
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from scrapy import Request
from warcio.archiveiterator import ArchiveIterator as WarcioIterator
from wire.cases import CASES
from wire.crawls import Kept, crawl
from wire.ledger import Case, LedgerServer, playing

from archive.capture import Context
from archive.warc import records, warcinfo

CONTEXT = Context(collection="default", source="ledger", run="01", record_auth=True)

# warcio takes the module `brotli` when there is one, and crashes on it; not on brotlicffi under that name.
WARCIO = "import sys, brotlicffi; sys.modules['brotli'] = brotlicffi; from warcio.cli import main; sys.exit(main())"
CHECKS = {
    "warcio check": [sys.executable, "-c", WARCIO, "check"],
    "fastwarc check": [str(Path(sys.executable).parent / "fastwarc"), "check", "--quiet"],
    "gzip -t": ["gzip", "-t"],
}


@dataclass(frozen=True)
class Read:
    """A record as a tool of the field reads it."""

    kind: str
    url: str | None
    fields: dict[str, str]
    block: bytes


def by_fastwarc(warc: Path) -> Iterator[Read]:
    with warc.open("rb") as file:
        for record in FastIterator(file, parse_http=False):
            fields = {name.lower(): value for name, value in record.headers.items()}
            yield Read(fields["warc-type"], fields.get("warc-target-uri"), fields, record.reader.read())


def by_warcio(warc: Path) -> Iterator[Read]:
    with warc.open("rb") as file:
        for record in WarcioIterator(file, no_record_parse=True):
            fields = {name.lower(): value for name, value in record.rec_headers.headers}
            yield Read(record.rec_type, fields.get("warc-target-uri"), fields, record.raw_stream.read())


TOOLS: dict[str, Callable[[Path], Iterator[Read]]] = {"fastwarc": by_fastwarc, "warcio": by_warcio}


@dataclass
class Written:
    """All cases, crawled and written to a WARC."""

    server: LedgerServer
    warc: Path
    read: dict[str, dict[str, list[Read]]]
    """Of each tool, the records of each URL."""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Written]:
    warc = tmp_path_factory.mktemp("warc") / "ledger.warc.gz"
    recording = Kept()
    with playing(CASES) as server:
        requests = [
            Request(server.url(case), method=case.method, body=case.sent_body, meta=dict(case.meta)) for case in CASES
        ]
        crawl(requests, recording)
        with warc.open("wb") as file:
            file.write(warcinfo("ledger", recording.now(), {}))
            for exchange in recording.exchanges:
                records(exchange, CONTEXT, file.write)
                if exchange.response and not isinstance(exchange.response.body, bytes):
                    exchange.response.body.close()
        read: dict[str, dict[str, list[Read]]] = {}
        for tool, reader in TOOLS.items():
            read[tool] = defaultdict(list)
            for record in reader(warc):
                read[tool][record.url or ""].append(record)
        yield Written(server, warc, read)


every = [pytest.mark.parametrize("tool", TOOLS), pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)]


def of_kind(written: Written, tool: str, case: Case, kind: str) -> list[Read]:
    return [record for record in written.read[tool][written.server.url(case)] if record.kind == kind]


@every[0]
@every[1]
def test_request_records_are_what_the_server_received(written: Written, tool: str, case: Case) -> None:
    received = [entry.received for entry in written.server.entries(case.path)]

    assert [record.block for record in of_kind(written, tool, case, "request")] == received


@every[0]
@every[1]
def test_response_records_are_what_the_server_sent(written: Written, tool: str, case: Case) -> None:
    responses = of_kind(written, tool, case, "response")

    assert len(responses) == (len(written.server.entries(case.path)) if case.head else 0)
    for response, entry in zip(responses, written.server.entries(case.path), strict=False):
        sent = bytes(entry.sent).removeprefix(b"".join(case.interim))
        body = case.body[: case.kept]
        head = response.block.removesuffix(body) if body else response.block
        assert sent.startswith(case.head)
        assert case.head in as_sent(head, len(body))
        assert response.block == head + body
        assert response.fields.get("warc-truncated") == case.truncated


@every[0]
@every[1]
def test_what_fits_in_neither_is_in_a_metadata_record(written: Written, tool: str, case: Case) -> None:
    kept = b"".join(record.block for record in of_kind(written, tool, case, "metadata"))

    apart = [("interimResponse", one) for one in case.interim]
    for name, octets in [*apart, ("trailers", case.trailers), ("received", case.received)]:
        if octets:
            assert f"{name}: {base64.b64encode(octets).decode()}\r\n".encode() in kept
    if case.error:
        assert case.error.encode() in kept


def as_sent(head: bytes, length: int) -> list[bytes]:
    """What a stored head may have been: names as they were, with and without the length at its end."""
    original = head.replace(b"\nX-Archive-Orig-", b"\n")
    if original == head:
        return [head]
    return [original, original.replace(b"\nContent-Length: %d\r\n\r\n" % length, b"\n\r\n")]


@pytest.mark.parametrize("check", CHECKS)
def test_the_checks_of_the_field_find_nothing(written: Written, check: str) -> None:
    checked = subprocess.run(
        [*CHECKS[check], str(written.warc)], capture_output=True, text=True, check=False, timeout=120
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr
