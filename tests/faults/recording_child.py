"""A process that records numbered exchanges in a recovered spool, to be killed or given false results by the kernel.

    python recording_child.py SPOOL FIRST COUNT [eager | unsynced]

It says on its standard output, a line each: `ready`, then `kept URL` for what is acknowledged and `refused URL` for
what is not, and `over`. COUNT 0 records for ever. `eager` and `unsynced` are broken on purpose, as controls: they
acknowledge before anything is written, and before anything is fsynced.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path

from specimens.exchanges import context, numbered

from archive.spool.entry import Entry
from archive.spool.recorder import Receipt, Recorder
from archive.spool.recovery import recover
from archive.spool.spool import Spool

SIZE = 1500


def say(lines: Sequence[str]) -> None:
    """Write a line with writev, so that a fault put into `write` hits the files only."""
    os.writev(1, [f"{line}\n".encode() for line in lines])


def acknowledged(receipts: Sequence[Receipt]) -> None:
    say([f"{'refused' if receipt.error else 'kept'} {receipt.token}" for receipt in receipts])


class Eager(Recorder):
    def _write(self, entries: list[Entry]) -> list[Receipt]:
        say([f"kept {entry.token}" for entry in entries])
        super()._write(entries)
        return []

    def _answer(self, receipts: list[Receipt]) -> None:
        with self._wake:
            self._answered = self._recorded - len(self._queue)
            self._wake.notify_all()


def main(directory: Path, first: int, many: int, kind: type[Recorder]) -> None:
    now = lambda: datetime.now(UTC)  # noqa: E731
    spool = Spool(
        directory, worker="child", epoch=first, now=now, seal_bytes=12_000, seal_after=timedelta(hours=1), ballast=0
    )
    spool.now.not_before(recover(directory, now=now).last_at)
    recorder = kind(spool, originals=lambda *_: {}, acknowledged=acknowledged, group=4, wait=0.002)
    say(["ready"])
    for number in islice(count(first), many or None):
        exchange = numbered(number, size=SIZE)
        recorder.record(exchange, context(number, collection=f"c{number // 8 % 2}"), exchange.request.url)
        if number % 6 == 5:
            recorder.flush()
    recorder.close()
    spool.close()
    say(["over"])


if __name__ == "__main__":
    if "unsynced" in sys.argv:
        os.fsync = os.fdatasync = lambda _: None  # type: ignore[assignment]
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), Eager if "eager" in sys.argv else Recorder)
