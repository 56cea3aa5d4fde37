"""The spool on local disk: one open segment per collection, and sealed segments that wait for the store.

LOCK         held by the worker that writes here
BARRIER      held while a group of exchanges is written, so that purges wait for it
ID           a random name, so that the spools of two machines are never taken for one
ballast      space reserved for a full disk
open/        <segment>.warc.gz.open and <segment>.journal.jsonl
sealed/      <opened>-<sha256[:16]>.warc.gz and .journal.jsonl (shipping puts its sidecars beside them)
quarantine/  what recovery cut off
"""

from __future__ import annotations

import fcntl
import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from archive.spool.open_segment import OpenSegment
from archive.spool.sealed import Sealed, made, move, sealed_in
from archive.spool.space import Space, State
from archive.values.atomic_files import write_whole
from archive.values.errors import SpoolFull, SpoolLocked
from archive.values.monotonic_clock import MonotonicClock
from archive.warc.exchange_records import warcinfo
from archive.warc.journal import Closing, Heading

__all__ = ["DIRECTORIES", "Sealed", "Spool", "State", "lock"]

DIRECTORIES = ("open", "sealed", "quarantine")

_LOCK, _ID = "LOCK", "ID"
BARRIER = "BARRIER"
"""A file that each spool has: see `archive.spool.barrier`."""


class Spool:
    """The spool of one worker. The recorder's thread writes; any thread may call `state`, `fraction` and `sealed`."""

    def __init__(
        self,
        directory: Path,
        *,
        worker: str,
        epoch: int,
        now: Callable[[], datetime],
        seal_bytes: int = 64 << 20,
        seal_after: timedelta = timedelta(minutes=5),
        budget: int = 8 << 30,
        ballast: int = 256 << 20,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Lock the spool, and create it if it does not exist. Raises SpoolLocked."""
        self.directory, self.worker, self.epoch = directory, worker, epoch
        self.now = MonotonicClock(now)
        self._seal_bytes, self._seal_after, self._monotonic = seal_bytes, seal_after, monotonic
        self._segments: dict[str, OpenSegment] = {}
        self._opened: dict[str, float] = {}
        self._count = 0
        for name in DIRECTORIES:
            (directory / name).mkdir(parents=True, exist_ok=True)
        self._barrier = (directory / BARRIER).open("ab")  # before the lock: no spool that is in use lacks it
        try:
            self._lock = lock(directory, worker)
        except BaseException:
            self._barrier.close()
            raise
        self.id = id_of(directory)
        self.space = Space(directory, budget=budget, ballast=ballast, monotonic=monotonic)

    def state(self) -> State:
        """Return what the spool still accepts; at most a second old."""
        return self.space.state()

    def fraction(self) -> float:
        """Return the used fraction of its budget."""
        return self.space.fraction()

    def refusal(self) -> SpoolFull | None:
        """Return why the disk accepts nothing; None if it does, or if uploading segments is enough to free space."""
        return self.space.refusal()

    def pressure(self) -> str:
        """Return why nothing new is started, as a sentence."""
        return self.space.pressure()

    def sealed(self) -> list[Sealed]:
        """Return all local sealed segments, oldest first."""
        return list(sealed_in(self.directory))

    def current(self, collection: str) -> OpenSegment | None:
        return self._segments.get(collection)

    def collections(self) -> list[str]:
        """Return the collections with an open segment."""
        return list(self._segments)

    def begin(self, collection: str, facts: Mapping[str, str]) -> OpenSegment:
        """Open a segment; `facts` go into its warcinfo. Raises SpoolFull, WriteFailed or SyncFailed."""
        at = self.now()
        name = f"{at:%Y%m%dT%H%M%SZ}-{self.epoch}-{self._count}-{secrets.token_hex(4)}"
        self._count += 1
        heading = Heading(name, collection, self.worker, self.epoch, at)
        whose = {"isPartOf": collection, "worker": self.worker, "epoch": str(self.epoch)}
        segment = OpenSegment(self.directory / "open", heading, warcinfo(name, at, whose | dict(facts)))
        self._segments[collection], self._opened[collection] = segment, self._monotonic()
        return segment

    def due(self) -> list[str]:
        """Return the collections whose segment is full or old, also if it is empty."""
        return [collection for collection in self._segments if self._is_due(collection)]

    def next_due(self) -> float | None:
        """Return when, in monotonic seconds, the next segment will be old enough to seal."""
        return min((self._ripe(collection) for collection in self._segments), default=None)

    def seal(self, collection: str) -> Sealed | None:
        """Close the collection's segment for good. Return None if there is none; an empty one is removed.

        Raises WriteFailed or OSError; then the closed segment stays in `open` for `recovery.salvage`.
        """
        segment = self.drop(collection)
        if segment is None:
            return None
        try:
            if not segment.captures:
                segment.remove()
                return None
            segment.check()
            closing = Closing(segment.sha256, segment.size, self.now(), segment.records)
            segment.end(closing)
        finally:
            segment.close()
        path = move(self.directory, segment.path, segment.heading, closing.sha256)
        return made(path, segment.heading, closing, *segment.moments)

    def drop(self, collection: str) -> OpenSegment | None:
        """Hand the collection's open segment over to the caller."""
        self._opened.pop(collection, None)
        return self._segments.pop(collection, None)

    @contextmanager
    def inside_barrier(self) -> Iterator[None]:
        """Let purges wait: from the look-up of originals until what refers to them is in the journal."""
        fcntl.flock(self._barrier, fcntl.LOCK_SH)
        try:
            yield
        finally:
            fcntl.flock(self._barrier, fcntl.LOCK_UN)

    def close(self) -> None:
        """Close the files and the lock; open segments stay as they are."""
        for collection in self.collections():
            if segment := self.drop(collection):
                segment.close()
        self._barrier.close()
        self._lock.close()

    def _is_due(self, collection: str) -> bool:
        full = self._segments[collection].size >= self._seal_bytes
        return full or self._monotonic() >= self._ripe(collection)

    def _ripe(self, collection: str) -> float:
        return self._opened[collection] + self._seal_after.total_seconds()


def lock(directory: Path, worker: str) -> BinaryIO:
    """Lock a spool until the file is closed. Raises SpoolLocked, and FileNotFoundError if the spool does not exist."""
    file = (directory / _LOCK).open("a+b")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.seek(0)
        holder = _text_in(file)
        file.close()
        raise SpoolLocked(directory, holder) from error
    file.truncate(0)
    file.write(f"{worker} (process {os.getpid()})\n".encode())
    file.flush()
    return file


def id_of(directory: Path) -> str:
    """Return the random name of a spool, which a new one gets now. The caller holds the lock.

    A disk that accepts nothing keeps no name: then the next process of this spool is like one of another spool.
    """
    file = directory / _ID
    named = secrets.token_hex(8)
    with suppress(OSError):
        if not file.exists():
            write_whole(file, named.encode())
        named = known_id_of(directory) or named
    return named


def known_id_of(directory: Path) -> str | None:
    """Return the id of a spool; None if it has none, or if it can't be read."""
    with suppress(OSError):
        return (directory / _ID).read_text("ascii", "replace").strip() or None
    return None


def holder_of(directory: Path) -> str | None:
    """Return who holds the lock of a spool; None if nobody does, or if the spool does not exist."""
    with suppress(FileNotFoundError), (directory / _LOCK).open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return _text_in(file) or "somebody"
    return None


def _text_in(lock: BinaryIO) -> str:
    return lock.read(200).decode(errors="replace").strip()
