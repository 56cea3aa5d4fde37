"""The WARC is the ledger: whatever the server received and sent, other tools read it back, octet for octet."""

from __future__ import annotations

import base64
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from scrapy import Request
from warcio.archiveiterator import ArchiveIterator as WarcioIterator
from wire.cases import CASES
from wire.crawls import Kept, crawl
from wire.ledger import Case, LedgerServer, playing

from archive.capture import Context
from archive.exchange import Exchange
from archive.recorder import Receipt, Recorder
from archive.spool import Sealed, Spool

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


class Recorded(Kept):
    """A recording whose exchanges go to a recorder."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self._recorder = recorder

    def record(self, exchange: Exchange, request: Request) -> None:
        super().record(exchange, request)
        self._recorder.record(exchange, CONTEXT)

    def close(self) -> None:
        for exchange in self.exchanges:
            if exchange.response and not isinstance(exchange.response.body, bytes):
                exchange.response.body.close()


@dataclass
class Written:
    """All cases, crawled, recorded, and sealed in one WARC."""

    server: LedgerServer
    warc: Path
    receipts: list[Receipt]
    read: dict[str, list[Read]]
    """All records, by each tool."""

    def of(self, tool: str, case: Case, *kinds: str) -> list[Read]:
        return [record for record in self.read[tool] if record.url == self.server.url(case) and record.kind in kinds]

    def answer(self, tool: str, record: Read, length: int) -> tuple[bytes, bytes]:
        """Head and body of an answer; the body of a revisit is where it refers to."""
        if record.kind == "response":
            cut = len(record.block) - length
            return record.block[:cut], record.block[cut:]
        original = next(
            one for one in self.read[tool] if one.fields["warc-record-id"] == record.fields["warc-refers-to"]
        )
        assert original.kind == "response"
        return record.block, original.block[len(original.block) - length :]


def sealed_warc(directory: Path, requests: list[Request]) -> tuple[Path, list[Receipt]]:
    """Crawl these with a recorder behind; the one segment that it wrote."""
    receipts: list[Receipt] = []
    sealed: list[Sealed] = []
    spool = Spool(directory, worker="w", epoch=1, now=lambda: datetime.now(UTC), ballast=0)
    recorder = Recorder(spool, originals=lambda *_: {}, acknowledged=receipts.extend, sealed=sealed.append)
    recording = Recorded(recorder)
    crawl(requests, recording)
    recorder.close()
    spool.close()
    recording.close()
    return sealed[0].path, receipts


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Written]:
    with playing(CASES) as server:
        requests = [
            Request(server.url(case), method=case.method, body=case.sent_body, meta=dict(case.meta)) for case in CASES
        ]
        warc, receipts = sealed_warc(tmp_path_factory.mktemp("spool"), requests)
        yield Written(server, warc, receipts, {tool: list(read(warc)) for tool, read in TOOLS.items()})


every = [pytest.mark.parametrize("tool", TOOLS), pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)]


def test_every_exchange_was_acknowledged(written: Written) -> None:
    assert len(written.receipts) == len(written.server.ledger)
    assert [receipt.error for receipt in written.receipts if receipt.error] == []


@every[0]
@every[1]
def test_request_records_are_what_the_server_received(written: Written, tool: str, case: Case) -> None:
    received = [entry.received for entry in written.server.entries(case.path)]

    assert [record.block for record in written.of(tool, case, "request")] == received


@every[0]
@every[1]
def test_response_records_are_what_the_server_sent(written: Written, tool: str, case: Case) -> None:
    answers, entries = written.of(tool, case, "response", "revisit"), written.server.entries(case.path)

    assert len(answers) == (len(entries) if case.head else 0)
    for answer, entry in zip(answers, entries, strict=False):
        expected = case.body[: case.kept]
        head, body = written.answer(tool, answer, len(expected))
        assert bytes(entry.sent).startswith(b"".join(case.interim) + case.head)
        assert case.head in as_sent(head, len(body))
        assert body == expected
        if answer.kind == "response":
            assert answer.fields.get("warc-truncated") == case.truncated


@every[0]
@every[1]
def test_what_fits_in_neither_is_in_a_metadata_record(written: Written, tool: str, case: Case) -> None:
    kept = b"".join(record.block for record in written.of(tool, case, "metadata"))

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
