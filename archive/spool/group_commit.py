"""Write exchanges to the spool in groups. A receipt without an error means that the exchange is on disk."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from archive.spool.entry import Entry, Receipt
from archive.spool.open_segment import FAILED, OPEN, OpenSegment
from archive.spool.originals import Originals
from archive.spool.salvage import salvage
from archive.spool.spool import Sealed, Spool
from archive.values.capture import Capture, Context, Reference
from archive.values.digest import Payload, digest_payload
from archive.values.errors import ArchiveError, SpoolFull, SpoolRefuses, SyncFailed, WriteFailed
from archive.warc.derived import Derived, capture_of_derived, write_derived
from archive.warc.exchange import Exchange
from archive.warc.exchange_records import OriginalGone, Revisit, records
from archive.warc.facts import Urlkey, capture_of

logger = logging.getLogger(__name__)

_TRY_AGAIN_SECONDS = 30.0
"""Seconds after which a segment that could not be sealed is tried again."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """The callbacks of a commit. All are called in the recorder's thread."""

    originals: Callable[[str, Sequence[str]], Mapping[str, Reference]]
    """Returns the archived payloads with these SHA-256 in a collection."""
    marked: Callable[[Sequence[str]], Container[str]]
    """Returns which of these records the index marks as unreadable."""
    lost: Callable[[Sequence[Capture]], None]
    """Called with acknowledged captures that are no longer in their segment."""
    opened: Callable[[str, Path, str], None]
    listed: Callable[[str, Path, str], object]
    """Lists a new segment in the index at once (name, path, collection). Raises an error if that can't be."""
    sealed: Callable[[Sealed], None]
    facts: Callable[[Context], Mapping[str, str]]
    """More fields for the warcinfo of a new segment: robots, operator, …"""
    urlkey: Urlkey


class _Unrecordable(Exception):
    """Some exchanges can't be written as records; the others of their group can."""

    def __init__(self, entries: Sequence[Entry], why: Exception) -> None:
        super().__init__(str(why))
        self.entries = entries
        self.error = why if isinstance(why, ArchiveError) else WriteFailed(f"the exchange can't be recorded: {why}")


class GroupCommit:
    """Writes groups of exchanges durably to the spool. Only one thread may use it."""

    def __init__(self, spool: Spool, hooks: Hooks) -> None:
        self._spool, self._hooks = spool, hooks
        self._originals = Originals(hooks.originals, hooks.marked, hooks.listed)
        self._stranded: dict[Path, float] = {}

    def write(self, entries: Sequence[Entry]) -> list[Receipt]:
        """Return a receipt for each entry. Whatever the disk does, only exchanges on disk are acknowledged."""
        collections: dict[str, list[Entry]] = {}
        for entry in entries:
            collections.setdefault(entry.context.collection, []).append(entry)
        return [receipt for mine in collections.values() for receipt in self._write_all(mine)]

    def seal(self, collection: str) -> None:
        """Seal the collection's segment; if that fails, salvage it, now or later."""
        segment = self._spool.current(collection)
        if segment is None:
            return
        try:
            if sealed := self._spool.seal(collection):
                self._hooks.sealed(sealed)
        except (ArchiveError, OSError):
            logger.exception("a segment could not be sealed", extra={"segment": segment.name})
            self._salvage(segment.path)

    def next_due(self) -> float | None:
        """Return when, in monotonic seconds, `seal_due` has something to do."""
        times = [since + _TRY_AGAIN_SECONDS for since in self._stranded.values()]
        if (ripe := self._spool.next_due()) is not None:
            times.append(ripe)
        return min(times, default=None)

    def seal_due(self) -> None:
        """Seal segments that are full or old, and retry those that could not be sealed before."""
        for collection in self._spool.due():
            self.seal(collection)
        for warc, since in list(self._stranded.items()):
            if time.monotonic() - since >= _TRY_AGAIN_SECONDS:
                self._salvage(warc)

    def seal_all(self) -> None:
        for collection in self._spool.collections():
            self.seal(collection)
        for warc in list(self._stranded):
            self._salvage(warc)

    def _write_all(self, entries: list[Entry]) -> list[Receipt]:
        if self._spool.state() == "stop":
            return _refused(
                entries, SpoolFull(f"the spool {self._spool.directory} accepts nothing: {self._spool.pressure()}")
            )
        receipts: list[Receipt] = []
        failures = 0
        while entries:
            try:
                captures = self._write(self._segment(entries[0].context), entries)
                return receipts + [
                    Receipt(entry.token, capture, None) for entry, capture in zip(entries, captures, strict=True)
                ]
            except _Unrecordable as bad:
                logger.warning("exchanges can't be recorded: %s", bad, exc_info=bad.__cause__)
                receipts += _refused(bad.entries, bad.error)
                entries = [entry for entry in entries if not any(entry is each for each in bad.entries)]
                self._give_up(bad.entries[0].context.collection, bad)
            except Exception as error:
                failures += 1
                self._stop_for(error)
                self._give_up(entries[0].context.collection, error)
                if failures == 2:
                    self._spool.space.failed()
                    return receipts + _refused(entries, _as_archive_error(error))
        return receipts

    def _stop_for(self, error: Exception) -> None:
        """Accept no exchanges until the disk accepts files again, if that was the failure."""
        if isinstance(error, SpoolRefuses) and isinstance(error.__cause__, OSError):
            self._spool.space.refused(error.__cause__)
        elif isinstance(error, SpoolFull):
            self._spool.space.filled()

    def _segment(self, context: Context) -> OpenSegment:
        segment = self._spool.current(context.collection)
        if segment is None:
            segment = self._spool.begin(context.collection, self._hooks.facts(context))
            self._hooks.opened(segment.name, segment.path, context.collection)
        return segment

    def _write(self, segment: OpenSegment, entries: list[Entry]) -> list[Capture]:
        payloads = [_payload_of(entry) for entry in entries]
        with self._spool.inside_barrier():
            return self._write_inside(segment, entries, payloads)

    def _write_inside(
        self, segment: OpenSegment, entries: list[Entry], payloads: Sequence[Payload | None]
    ) -> list[Capture]:
        collection = entries[0].context.collection
        lost = self._originals.lost(segment, collection, {one for entry in entries for one in _named_by(entry)})
        if without := [entry for entry in entries if any(one in lost for one in _needed_by(entry))]:
            raise _Unrecordable(without, OriginalGone())
        known = self._originals.known(segment, collection, payloads)
        count = 0
        captures = []
        for entry, payload in zip(entries, payloads, strict=True):
            try:
                capture, members = self._encode(segment, _alone(entry, lost), payload, known)
            except ArchiveError:
                raise
            except Exception as error:
                raise _Unrecordable([entry], error) from error
            captures.append(capture)
            count += members
        segment.commit(captures, count)
        self._originals.note(filter(_brings_payload, captures))
        return captures

    def _encode(
        self, segment: OpenSegment, entry: Entry, payload: Payload | None, known: dict[str, Reference]
    ) -> tuple[Capture, int]:
        """Write one exchange, and add its payload to `known` for those after it."""
        exchange, context, place, key = entry.exchange, entry.context, (segment.name, segment.size), self._hooks.urlkey
        if isinstance(exchange, Derived):
            payload = payload or digest_payload(exchange.body)
            written = write_derived(exchange, context, payload, segment.write)
            return capture_of_derived(exchange, context, written, place, payload=payload, urlkey=key), 1
        revisit = _revisit(exchange, context, payload, known)
        written = records(exchange, context, segment.write, payload=payload, revisit=revisit)
        capture = capture_of(exchange, context, written, place, urlkey=key, payload=payload, revisit=revisit)
        if _brings_payload(capture):
            known[str(capture.sha256)] = Reference(capture.record_id, capture.url, capture.at)
        return capture, written.records

    def _give_up(self, collection: str, error: Exception) -> None:
        """Go back to the last commit. After a disk error, the segment is not written to again."""
        segment = self._spool.current(collection)
        if segment is None:
            return
        condemned = isinstance(error, SyncFailed) or not self._cut_back(segment)
        if condemned:
            self._abandon(collection)
        elif not isinstance(error, _Unrecordable):
            self.seal(collection)

    def _cut_back(self, segment: OpenSegment) -> bool:
        try:
            segment.back()
        except ArchiveError:
            logger.exception("a segment could not be cut back", extra={"segment": segment.name})
            return False
        return True

    def _abandon(self, collection: str) -> None:
        if segment := self._spool.drop(collection):
            logger.error("a segment failed an fsync: it is written again", extra={"segment": segment.name})
            try:
                segment.abandon()
            except OSError:
                logger.exception("a segment is left to the next start", extra={"segment": segment.name})
            else:
                self._salvage(segment.path)

    def _salvage(self, warc: Path) -> None:
        """Seal the committed part of a closed segment; try later if the disk refuses now."""
        self._stranded.pop(warc, None)
        failed = warc.with_name(warc.name.removesuffix(OPEN) + FAILED)
        there = failed if failed.exists() else warc
        if not there.exists():
            return
        try:
            done = salvage(self._spool.directory, there, now=self._spool.now, urlkey=self._hooks.urlkey)
        except (OSError, ArchiveError):
            logger.exception("a segment is left for later", extra={"segment": warc.name})
            self._stranded[warc] = time.monotonic()
            return
        for capture in done.lost:
            logger.critical("an acknowledged capture is lost", extra={"record": capture.record_id})
        if done.lost:
            self._hooks.lost(done.lost)
        if done.sealed:
            self._hooks.sealed(done.sealed)


def _payload_of(entry: Entry) -> Payload | None:
    exchange = entry.exchange
    message = exchange if isinstance(exchange, Derived) else exchange.response
    try:
        return digest_payload(message.body) if message else None
    except Exception as error:
        raise _Unrecordable([entry], error) from error


def _revisit(
    exchange: Exchange, context: Context, payload: Payload | None, known: Mapping[str, Reference]
) -> Revisit | None:
    """Return the revisit for a complete response: a truncated one has the reason in its own record."""
    if payload is None or exchange.response is None or exchange.truncated:
        return None
    if (named := _only_original(exchange, context)) is not None:
        return Revisit(named, "server-not-modified")
    original = known.get(payload.sha256) if payload.length else None
    return Revisit(original) if original else None


def _needed_by(entry: Entry) -> Sequence[str]:
    """Return the ids of the records without which an exchange has no content."""
    if isinstance(entry.exchange, Derived):
        return entry.exchange.needs
    named = _only_original(entry.exchange, entry.context)
    return () if named is None else (named.record_id,)


def _named_by(entry: Entry) -> Sequence[str]:
    same = entry.exchange.same_as if isinstance(entry.exchange, Derived) else None
    return _needed_by(entry) if same is None else (*_needed_by(entry), same.record_id)


def _alone(entry: Entry, lost: Container[str]) -> Entry:
    """Return an exchange that is stored with its payload if the capture with the same one is lost."""
    exchange = entry.exchange
    if not isinstance(exchange, Derived) or exchange.same_as is None or exchange.same_as.record_id not in lost:
        return entry
    return replace(entry, exchange=replace(exchange, same_as=None))


def _only_original(exchange: Exchange | Derived, context: Context) -> Reference | None:
    """Return the original of an answer that has nothing else: 304 (Not Modified) to a conditional request."""
    if isinstance(exchange, Derived) or exchange.response is None or exchange.truncated:
        return None
    return context.not_modified if exchange.response.status == 304 else None


def _brings_payload(capture: Capture) -> bool:
    return bool(capture.kind == "response" and capture.sha256 and not capture.truncated)


def _as_archive_error(error: Exception) -> ArchiveError:
    return error if isinstance(error, ArchiveError) else WriteFailed(f"{type(error).__name__}: {error}")


def _refused(entries: Sequence[Entry], error: ArchiveError) -> list[Receipt]:
    return [Receipt(entry.token, None, error) for entry in entries]
