"""A spool as a crash leaves it: its segment is open, and what was acknowledged is known."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from specimens.exchanges import MORNING, context

from archive.spool.recorder import Recorder
from archive.spool.recovery import Recovered, recover
from archive.spool.spool import Sealed, Spool
from archive.values.capture import Capture
from archive.warc.derived import Derived
from archive.warc.exchange import Exchange
from archive.warc.integrity.verify import verify
from archive.warc.journal import load


def crashed(directory: Path, made: Iterable[Exchange | Derived]) -> tuple[list[Capture], Path]:
    """Return a spool that was left open: what was acknowledged, and the open WARC."""
    spool = Spool(directory, worker="worker-1", epoch=7, now=lambda: MORNING, ballast=0)
    captures: list[Capture] = []
    opened: list[Path] = []
    recorder = Recorder(
        spool,
        originals=lambda *_: {},
        acknowledged=lambda receipts: captures.extend(r.capture for r in receipts if r.capture),
        opened=lambda _name, path, _collection: opened.append(path),
    )
    for exchange in made:
        recorder.record(exchange, context())
    recorder.flush()
    spool.close()
    recorder._commit.seal_all = lambda: None  # type: ignore[method-assign]  # a crash seals nothing
    recorder.close()
    return captures, opened[0]


def journal_beside(warc: Path) -> Path:
    return warc.with_name(warc.name.removesuffix(".warc.gz.open") + ".journal.jsonl")


def recovered_later(directory: Path) -> Recovered:
    """Recover a spool an hour after the crash."""
    return recover(directory, now=lambda: MORNING + timedelta(hours=1))


def assert_sealed(sealed: Sealed, captures: list[Capture]) -> None:
    assert list(load(sealed.journal).captures) == captures
    assert list(verify(sealed.path, sha256=sealed.sha256)) == []
