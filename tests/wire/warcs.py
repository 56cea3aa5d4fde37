"""Crawls whose exchanges end up in a WARC, and that WARC as other tools read it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fastwarc.warc import ArchiveIterator as FastIterator
from scrapy import Request
from warcio.archiveiterator import ArchiveIterator as WarcioIterator
from wire.crawls import Kept, crawl

from archive.spool.recorder import Receipt, Recorder
from archive.spool.spool import Sealed, Spool
from archive.values.capture import Context
from archive.warc.exchange import Exchange

CONTEXT = Context(collection="default", source="ledger", run="01", record_auth=True)


@dataclass(frozen=True)
class Read:
    """A record as another tool reads it."""

    kind: str
    url: str | None
    headers: Sequence[tuple[str, str]]
    """Its fields in order, names in lower case."""
    block: bytes

    @property
    def fields(self) -> dict[str, str]:
        return dict(self.headers)

    def all(self, name: str) -> list[str]:
        """Return the values of a field that may be repeated."""
        return [value for found, value in self.headers if found == name]


def _read(fields: Iterable[tuple[str, str]], block: bytes) -> Read:
    headers = [(name.lower(), value) for name, value in fields]
    named = dict(headers)
    return Read(named["warc-type"], named.get("warc-target-uri"), headers, block)


def by_fastwarc(warc: Path) -> Iterator[Read]:
    with warc.open("rb") as file:
        for record in FastIterator(file, parse_http=False):
            yield _read(record.headers.items(), record.reader.read())


def by_warcio(warc: Path) -> Iterator[Read]:
    with warc.open("rb") as file:
        for record in WarcioIterator(file, no_record_parse=True):
            yield _read(record.rec_headers.headers, record.raw_stream.read())


TOOLS: dict[str, Callable[[Path], Iterator[Read]]] = {"fastwarc": by_fastwarc, "warcio": by_warcio}


class Recorded(Kept):
    """A recording whose exchanges go to a recorder; the crawl's facts about one are in its request's meta."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self._recorder = recorder

    def record(self, exchange: Exchange, request: Request) -> None:
        super().record(exchange, request)
        self._recorder.record(exchange, request.meta.get("context", CONTEXT))

    def flush(self) -> None:
        self._recorder.flush()

    def close(self) -> None:
        for exchange in self.exchanges:
            if exchange.response and not isinstance(exchange.response.body, bytes):
                exchange.response.body.close()


@dataclass
class Warc:
    """A recording and, after its block, the one segment that it wrote."""

    recording: Recorded
    receipts: list[Receipt]
    sealed: list[Sealed]

    @property
    def path(self) -> Path:
        (one,) = self.sealed
        return one.path

    def read(self) -> dict[str, list[Read]]:
        """Return all records, by each tool."""
        return {tool: list(read(self.path)) for tool, read in TOOLS.items()}


@contextmanager
def recording(directory: Path) -> Iterator[Warc]:
    """Write crawls in this block into one WARC."""
    receipts: list[Receipt] = []
    sealed: list[Sealed] = []
    spool = Spool(directory, worker="w", epoch=1, now=lambda: datetime.now(UTC), ballast=0)
    recorder = Recorder(spool, originals=lambda *_: {}, acknowledged=receipts.extend, sealed=sealed.append)
    recorded = Recorded(recorder)
    try:
        yield Warc(recorded, receipts, sealed)
    finally:
        recorder.close()
        spool.close()
        recorded.close()


def crawled(directory: Path, requests: list[Request], **settings: object) -> Warc:
    """Crawl these into one WARC."""
    with recording(directory) as warc:
        crawl(requests, warc.recording, **settings)
    return warc


def answer(records: list[Read], record: Read, length: int) -> tuple[bytes, bytes]:
    """Return head and body of an answer; the body of a revisit is in the record that it refers to."""
    if record.kind == "response":
        cut = len(record.block) - length
        return record.block[:cut], record.block[cut:]
    original = next(one for one in records if one.fields["warc-record-id"] == record.fields["warc-refers-to"])
    assert original.kind == "response"
    return record.block, original.block[len(original.block) - length :]


def as_sent(head: bytes, length: int) -> list[bytes]:
    """Return what a stored head may have been: original names, with and without the length at its end."""
    original = head.replace(b"\nX-Archive-Orig-", b"\n")
    if original == head:
        return [head]
    return [original, original.replace(b"\nContent-Length: %d\r\n\r\n" % length, b"\n\r\n")]
