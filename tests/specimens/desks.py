"""A spool with a recorder that records what it says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from specimens.exchanges import MORNING, context

from archive.spool.recorder import Receipt, Recorder
from archive.spool.spool import Sealed, Spool
from archive.values.capture import Capture, Context, Reference
from archive.warc.exchange import Exchange


class Desk:
    """A spool with a recorder, and all their callbacks."""

    def __init__(self, directory: Path, **options: Any) -> None:
        spool = {
            name: options.pop(name) for name in ("seal_bytes", "seal_after", "budget", "ballast") if name in options
        }
        self.spool = Spool(directory, worker="worker-1", epoch=7, now=lambda: MORNING, **{"ballast": 0} | spool)
        self.batches: list[Sequence[Receipt]] = []
        self.opened: list[tuple[str, Path, str]] = []
        self.sealed: list[Sealed] = []
        self.known: dict[tuple[str, str], Reference] = {}
        self.recorder = Recorder(
            self.spool,
            originals=options.pop("originals", self.originals),
            acknowledged=self.batches.append,
            opened=lambda *facts: self.opened.append(facts),
            sealed=self.sealed.append,
            **options,
        )

    def originals(self, collection: str, digests: Sequence[str]) -> dict[str, Reference]:
        return {one: self.known[collection, one] for one in digests if (collection, one) in self.known}

    def record(self, *exchanges: Exchange, of: Context | None = None) -> None:
        for exchange in exchanges:
            self.recorder.record(exchange, of or context(), exchange.request.url)

    @property
    def receipts(self) -> list[Receipt]:
        return [receipt for batch in self.batches for receipt in batch]

    @property
    def captures(self) -> list[Capture]:
        return [receipt.capture for receipt in self.receipts if receipt.capture]

    def close(self) -> None:
        self.recorder.close()
        self.spool.close()
