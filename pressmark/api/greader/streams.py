"""Streams of the Google Reader API, and their items as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

from archive.index.change_rows import Among, ChangeFeed, Only, Piece
from archive.index.reading_marks import Kind
from archive.texts.snapshot_notes import SnapshotNotes
from pressmark.service.service import Service
from pressmark.views.capture_choice import stamp
from pressmark.views.describe_captures import page_link
from pressmark.views.links import link

STATE, LABEL, FEED = "user/-/state/com.google/", "user/-/label/", "feed/"
STATES: dict[str, Kind] = {"read": "read", "starred": "star"}
_ITEM = "tag:google.com,2005:reader/item/"
_LARGEST = 2**63 - 1
_TEXT = 20_000
"""Characters of a text that an item has."""
_COUNTED = 100_000
"""Newest captures among which unread items are counted."""
_LOOKS = 20
"""Windows of the archive that one answer looks at, where few changes match."""


@dataclass(frozen=True, slots=True)
class Stream:
    """Which changes a client asks for."""

    among: Among
    only: Only | None = None


def stream_of(service: Service, name: str, *, unread: bool = False, since: datetime | None = None) -> Stream:
    """Return the stream of a name; an unknown source or label has no items. Raises ValueError for another name."""
    name = _without_user(name)
    only: Only | None = "unread" if unread else None
    if name.startswith(FEED):
        return Stream(Among(source=name.removeprefix(FEED), since=since), only)
    if name.startswith(LABEL):
        return Stream(_labelled(service, name.removeprefix(LABEL), since), only)
    if name == f"{STATE}starred":
        return Stream(Among(since=since), "star")
    if name in (f"{STATE}reading-list", ""):
        return Stream(Among(since=since), only)
    raise ValueError(f"unknown stream {name[:80]!r}")


def labels(service: Service) -> dict[str, list[str]]:
    """Return the labels of each source: its collection, and its tags."""
    service.sources.poll()
    return {one.name: list(dict.fromkeys([one.collection, *one.tags])) for one in service.sources.outlines()}


def snapshot_tags(service: Service, pieces: Sequence[Piece]) -> dict[str, tuple[str, ...]]:
    """Return the tags that people gave to changes, by record."""
    notes = SnapshotNotes(service.database).of([piece.record_id for piece in pieces])
    return {record: note.said.tags for record, note in notes.items()}


def items_of(
    service: Service,
    stream: Stream,
    reader: str,
    place: int | None,
    limit: int,
    *,
    has_text: bool = False,
    oldest_first: bool = False,
) -> tuple[list[Piece], int | None]:
    """Return changes of a stream, and the value of `place` for the next ones; None at the end."""
    beginning = _TEXT if has_text else 0
    found: list[Piece] = []
    feed = ChangeFeed(service.database)
    for _ in range(_LOOKS):
        wanted: dict[str, Any] = {"reader": reader, "only": stream.only, "limit": limit - len(found)}
        if oldest_first:
            page = feed.oldest_among(stream.among, after=place, beginning=beginning, **wanted)
        else:
            page = feed.among(stream.among, before=place, beginning=beginning, **wanted)
        found += page.items
        place = page.next
        if place is None or len(found) >= limit:
            break
    return found, place


def chosen_items(service: Service, ids: Sequence[str], reader: str, *, has_text: bool = False) -> tuple[Piece, ...]:
    """Return the changes that a client names. Raises ValueError for an invalid id."""
    beginning = _TEXT if has_text else 0
    return ChangeFeed(service.database).of_ids([number_of(one) for one in ids], reader=reader, beginning=beginning)


def unread_counts(service: Service, reader: str) -> list[dict[str, Any]]:
    """Return how many items each source, each label and everything has that a reader has not read, with some."""
    of_sources = ChangeFeed(service.database).unread(reader=reader, newest=_COUNTED)
    counts: dict[str, tuple[int, datetime]] = {}
    own = labels(service)
    for source, (count, at) in of_sources.items():
        for name in (f"{FEED}{source}", *(f"{LABEL}{label}" for label in own.get(source, ())), f"{STATE}reading-list"):
            before = counts.get(name, (0, at))
            counts[name] = before[0] + count, max(before[1], at)
    return [
        {"id": name, "count": count, "newestItemTimestampUsec": str(int(at.timestamp() * 1_000_000))}
        for name, (count, at) in counts.items()
    ]


def number_of(item: str) -> int:
    """Return the number of an item from its long form, in hexadecimal, or its short one. Raises ValueError."""
    return whole_number(item.removeprefix(_ITEM), 16) if item.startswith(_ITEM) else whole_number(item)


def whole_number(text: str, base: int = 10) -> int:
    """Return a number that a database can hold. Raises ValueError for any other."""
    number = int(text, base)
    if abs(number) > _LARGEST:
        raise ValueError(f"the number {text[:80]!r} is out of range")
    return number


def as_items(service: Service, pieces: Sequence[Piece], home: str) -> list[dict[str, Any]]:
    """Return changes as items. Their labels are those of the source, and the tags that people gave them."""
    of_sources, own = labels(service), snapshot_tags(service, pieces)
    named = [[*of_sources.get(piece.source, ()), *own.get(piece.record_id, ())] for piece in pieces]
    return [_item(service, piece, home, list(dict.fromkeys(one))) for piece, one in zip(pieces, named, strict=True)]


def _item(service: Service, piece: Piece, home: str, own: Sequence[str]) -> dict[str, Any]:
    """Return a change as an item. Its text has no markup of the page."""
    seconds = int(piece.at.timestamp())
    states = [name for name, kind in STATES.items() if kind in piece.marks]
    named = stamp(service, piece.url, piece.at, piece.record_id)
    text = "".join(f"<p>{escape(line)}</p>" for line in piece.beginning.splitlines() if line.strip())
    return {
        "id": f"{_ITEM}{piece.id:016x}",
        "crawlTimeMsec": str(seconds * 1000),
        "timestampUsec": str(seconds * 1_000_000),
        "published": seconds,
        "updated": seconds,
        "title": piece.title or piece.url,
        "author": piece.author or "",
        "canonical": [{"href": link(piece.url)}],
        "alternate": [{"href": home + page_link(piece.url, named), "type": "text/html"}],
        "summary": {"content": text, "direction": "ltr"},
        "categories": [
            f"{STATE}reading-list",
            *(f"{STATE}{name}" for name in states),
            *(f"{LABEL}{name}" for name in own),
        ],
        "origin": {
            "streamId": f"{FEED}{piece.source}",
            "title": piece.source,
            "htmlUrl": f"{home}/sources/{piece.source}",
        },
    }


def _labelled(service: Service, label: str, since: datetime | None) -> Among:
    """Return what has a label: changes in a collection of the name, of the sources with such a tag, and tagged ones."""
    service.sources.poll()
    named = service.sources.outlines().by_tag.get(label)
    tag = label if SnapshotNotes(service.database).has_tag(label) else None
    return Among(sources=named, tag=tag, collection=label, or_collection=True, since=since)


def _without_user(name: str) -> str:
    """Return a name with ``-`` in the place of the number of the user, which some clients fill in."""
    parts = name.split("/", 2)
    return f"user/-/{parts[2]}" if len(parts) == 3 and parts[0] == "user" else name
