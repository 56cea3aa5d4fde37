"""Copy a WARC without some of its exchanges."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from archive.values.capture import Capture
from archive.warc.record import Record, read

_PIECE = 1 << 20
_MAIN = frozenset({"response", "revisit", "resource", "conversion"})
_BESIDE = frozenset({"request", "metadata", "continuation"})
_NAMING = {
    "metadata": ("warc-concurrent-to", "warc-refers-to"),
    "continuation": ("warc-segment-origin-id",),
}
_Second = tuple[str, datetime | None]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What decides to which capture a record belongs."""

    offset: int
    length: int
    type: str
    id: str | None
    named: tuple[str, ...]
    """The records that it names: each WARC-Concurrent-To, and of metadata WARC-Refers-To."""
    second: _Second | None
    """Its URL and second; None for one without."""


def copy_without(file: BinaryIO, gone: Collection[Capture], into: BinaryIO) -> dict[int, int]:
    """Copy the records of a WARC but those of some captures; return the new offset of each, by the old one.

    The copied records stay as they are, byte for byte.
    """
    moved = dict[int, int]()
    for one in records_left([_seen(record) for record in read(file)], gone):
        moved[one.offset] = into.tell()
        file.seek(one.offset)
        left = one.length
        while left and (piece := file.read(min(left, _PIECE))):
            left -= into.write(piece)
    return moved


def records_left(records: Sequence[_Seen], gone: Collection[Capture]) -> list[_Seen]:
    """Return the records that belong to none of some captures.

    The record of a capture is found by its id and its place. A request or metadata belongs to the records that it
    names, or that name it, and goes only with all of them. One that names none belongs to the answer beside it with
    its URL and second, the next one first, as other tools write the request before its response; so does the answer
    that stays. Without one beside it, it goes if all answers of its URL and second go.
    """
    places = {(one.location.offset, one.record_id) for one in gone}
    lost = {one.id for one in records if one.id and (one.offset, one.id) in places}
    answers = {one.id: one for one in records if one.type in _MAIN and one.id}
    naming = dict[str, list[str]]()
    for one in answers.values():
        for each in one.named:
            naming.setdefault(each, []).append(one.id or "")
    by_second = dict[_Second | None, list[str]]()
    for id_, one in answers.items():
        by_second.setdefault(one.second, []).append(id_)
    left = list[_Seen]()
    for number, one in enumerate(records):
        if (one.offset, one.id or "") in places:
            continue
        if one.type not in _BESIDE:
            left.append(one)
            continue
        owners = [each for each in (*one.named, *naming.get(one.id or "", ())) if each in answers]
        if not owners and not one.named and one.second is not None:
            owners = _beside(records, number) or by_second.get(one.second, [])
        if not owners or not lost.issuperset(owners):
            left.append(one)
    return _without_orphans(left, records, lost)


def _beside(records: Sequence[_Seen], number: int) -> list[str]:
    """Return the answer beside a request or metadata that has its URL and second, or none."""
    one = records[number]
    for step in (1, -1):
        at = number + step
        while 0 <= at < len(records) and records[at].type in _BESIDE:
            at += step
        there = records[at] if 0 <= at < len(records) else None
        if there is not None and there.type in _MAIN and there.second == one.second:
            return [there.id or ""]
    return []


def _without_orphans(left: list[_Seen], records: Sequence[_Seen], lost: Collection[str]) -> list[_Seen]:
    """Remove the metadata of what is removed: metadata may name a request, which names the response."""
    removed = set(lost) | ({one.id for one in records if one.id} - {one.id for one in left})
    while True:
        fewer = [one for one in left if not (one.type in _BESIDE and one.named and removed.issuperset(one.named))]
        if len(fewer) == len(left):
            return left
        removed |= {one.id for one in left if one.id} - {one.id for one in fewer}
        left = fewer


def _seen(record: Record) -> _Seen:
    with closing(record):
        fields = [(name.lower(), value) for name, value in record.headers]
        names = _NAMING.get(record.type, ("warc-concurrent-to",))
        named = tuple(value for name, value in fields if name in names)
        at = record.at.replace(microsecond=0) if record.at else None
        second = (record.url, at) if record.url else None
        return _Seen(record.offset, record.length, record.type, record.id, named, second)
