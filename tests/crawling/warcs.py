"""An archive of crawls in WARC files, as they are read by warcio: to be compared with what a site received and sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from crawling.site import Site
from wire.warcs import Read, by_warcio

from archive.spool.recorder import Receipt, Recorder
from archive.spool.recovery import recover
from archive.spool.spool import Spool
from archive.values.capture import Capture, Context
from archive.values.urlkey import Match
from archive.warc.derived import Derived
from archive.warc.exchange import Exchange


def now() -> datetime:
    return datetime.now(UTC)


class WarcArchive:
    """The real recorder, which writes to a spool; what an earlier process left open there is recovered first."""

    def __init__(self, directory: Path) -> None:
        self.acknowledged: Callable[[Sequence[Receipt]], None] = lambda receipts: None
        self._spool = Spool(directory, worker="w", epoch=1, now=now, ballast=0)
        recover(directory, now=now)
        self._recorder = Recorder(self._spool, originals=lambda *_: {}, acknowledged=self._hear)

    @property
    def backlog(self) -> int:
        return self._recorder.backlog

    def record(self, exchange: Exchange | Derived, context: Context, token: object = None) -> None:
        self._recorder.record(exchange, context, token)

    def latest_many(self, collection: str, urls: Sequence[str]) -> Mapping[str, Capture]:
        """Return nothing, as the index of an archive that is new."""
        return {}

    def captures(self, url: str, *, match: Match = "exact") -> Iterator[Capture]:
        """Yield nothing, as that index."""
        return iter(())

    def reread(self, capture: Capture) -> None:
        return None

    def close(self) -> None:
        """Seal what is open."""
        self._recorder.close()
        self._spool.close()

    def _hear(self, receipts: Sequence[Receipt]) -> None:
        self.acknowledged(receipts)  # which is set later


class Exchanged(NamedTuple):
    """The bytes of one exchange."""

    received: bytes
    sent: bytes


class WarcFiles:
    """The finished WARC files below a directory: those that a spool sealed, or a store."""

    def __init__(self, directory: Path) -> None:
        self.paths = sorted(directory.rglob("*.warc.gz"))
        self._records = {record.fields["warc-record-id"]: record for path in self.paths for record in by_warcio(path)}

    @property
    def exchanges(self) -> Counter[Exchanged]:
        requests = [record for record in self._records.values() if record.kind == "request"]
        return Counter(Exchanged(request.block, self._answer_to(request)) for request in requests)

    @property
    def urls(self) -> dict[str, str | None]:
        """The URL of each record of an answer, by the id of the record."""
        return {name: record.url for name, record in self._records.items() if record.kind in ("response", "revisit")}

    def _answer_to(self, request: Read) -> bytes:
        beside = [self._records[name] for name in request.all("warc-concurrent-to")]
        return self._octets(beside[0]) if beside else b""

    def _octets(self, answer: Read) -> bytes:
        if answer.kind == "response":
            return answer.block
        original = self._records[answer.fields["warc-refers-to"]]
        return answer.block + original.block.partition(b"\r\n\r\n")[2]


def ledger_of(site: Site) -> Counter[Exchanged]:
    """Return what a site received and sent."""
    return Counter(Exchanged(one.received, bytes(one.sent)) for one in site.asked)
