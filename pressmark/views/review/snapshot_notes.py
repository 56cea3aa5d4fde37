"""Give snapshots tags and notes, which all readers of the archive see; list and count them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from pydantic import TypeAdapter, ValidationError

from archive.database.columns import microseconds, moment
from archive.index.records import capture_of_record
from archive.retrieval.snapshot import Snapshot
from archive.texts.snapshot_notes import Said, SnapshotNote, SnapshotNotes, note_on
from archive.values.capture import Capture
from archive.values.csv_cells import inert
from archive.values.errors import CaptureNotFound
from config.values.source_values import Tags
from pressmark.service.service import Service
from pressmark.views.capture_choice import stamps
from pressmark.views.describe_captures import page_link
from pressmark.views.shapes import Listing, Shape
from scheduler.ledger.snapshot_notes import change_notes

LONGEST_NOTE = 2000
"""Characters of a note."""
MOST_TAGS = 20
"""Tags of a snapshot."""
MOST_AT_ONCE = 200
"""Snapshots whose tags are changed together."""
_TAGS = TypeAdapter[tuple[str, ...]](Tags)


class SnapshotNoteShape(Shape):
    """The tags and the note of a snapshot."""

    record_id: str
    url: str
    at: datetime
    """The time of the capture."""
    source: str
    collection: str
    tags: list[str]
    note: str
    by: str
    """Who wrote them."""
    noted_at: datetime
    former_tags: list[str] | None = None
    """The tags before the last change; null if there was none."""
    former_note: str | None = None
    seen: str
    """Names this state of it: a change may be made of this one only."""
    page: str
    """The path of the archived page."""


class TagShape(Shape):
    """A tag, and how many snapshots have it."""

    tag: str
    snapshots: int


class NoteChanged(Exception):
    """Another person changed the note meanwhile."""

    def __init__(self) -> None:
        super().__init__("another person changed the tags or the note at the same time; open the page again")


def annotate(
    service: Service, found: Snapshot, tags: Iterable[str], note: str, *, by: str, seen: str | None = None
) -> SnapshotNoteShape:
    """Write the tags and the note of a snapshot, instead of those before. `seen` names what a person began to edit.

    Raises ValueError for a tag or note that can't be, NoteChanged if `seen` was replaced meanwhile.
    """
    said = Said(_checked(tags), note.replace("\r\n", "\n").strip())
    if len(said.note) > LONGEST_NOTE:
        raise ValueError(f"a note has at most {LONGEST_NOTE} characters")
    record, now = found.capture.record_id, service.now()

    def change(present: Mapping[str, SnapshotNote]) -> list[SnapshotNote]:
        known = present.get(record)
        if seen is not None and seen != seen_as(known):
            raise NoteChanged
        if known is not None and known.said == said:
            return []
        former = known.said if known else None
        return [note_on(found.capture, found.original, said, by=by, now=_after(known, now), former=former)]

    written = change_notes(service.database, [record], change)
    shown = written[0] if written else SnapshotNotes(service.database).of([record])[record]
    return note_shape(service, shown)


def _after(known: SnapshotNote | None, now: datetime) -> datetime:
    """Return the time of a change; later than that of the one before, because `seen` names a note by its time."""
    return now if known is None else max(now, known.noted_at + timedelta(microseconds=1))


def seen_as(known: SnapshotNote | None) -> str:
    """Return what names the present state of a note; empty for none."""
    return "" if known is None else str(microseconds(known.noted_at))


def undo_note(service: Service, found: Snapshot, *, by: str, seen: str | None = None) -> SnapshotNoteShape | None:
    """Write what was there before the last change of the tags and the note; None if nothing was ever changed."""
    known = SnapshotNotes(service.database).get(found.capture.record_id)
    if known is None:
        return None
    former = known.former or Said()
    return annotate(service, found, former.tags, former.note, by=by, seen=seen)


def change_tags(
    service: Service, records: Sequence[str], added: Iterable[str], removed: Iterable[str], *, by: str
) -> list[SnapshotNoteShape]:
    """Add tags to several snapshots and remove others, of all or of none. Return those that changed.

    Raises ValueError for an invalid tag, too many records or too many tags, CaptureNotFound for an unknown record.
    """
    if len(records) > MOST_AT_ONCE:
        raise ValueError(f"the tags of at most {MOST_AT_ONCE} snapshots can be changed together")
    more, less = _checked(added), frozenset(_checked(removed))
    named, now = list(dict.fromkeys(records)), service.now()
    captures = [_capture(service, record) for record in named]
    originals = [service.index.original_of(capture) or capture for capture in captures]

    def change(present: Mapping[str, SnapshotNote]) -> list[SnapshotNote]:
        written = list[SnapshotNote]()
        for record, capture, original in zip(named, captures, originals, strict=True):
            known = present.get(record)
            before = known.said if known else Said()
            tags = _checked([*(tag for tag in before.tags if tag not in less), *more])
            if tags != before.tags:
                said = Said(tags, before.note)
                written.append(note_on(capture, original, said, by=by, now=_after(known, now), former=before))
        return written

    changed = change_notes(service.database, named, change)
    return _note_shapes(service, changed)


def _capture(service: Service, record: str) -> Capture:
    """Return the capture of a record. Raises CaptureNotFound."""
    if (capture := capture_of_record(service.database, record)) is None:
        raise CaptureNotFound(record)
    return capture


def note_of(service: Service, record: str) -> SnapshotNoteShape | None:
    """Return the tags and the note of a capture, empty if they were removed; None if it never had any."""
    found = SnapshotNotes(service.database).get(record)
    return None if found is None else note_shape(service, found)


def list_notes(
    service: Service,
    *,
    tag: str | None = None,
    source: str | None = None,
    collection: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Listing[SnapshotNoteShape]:
    """Return a page of the notes, those that were written last first. Raises ValueError for an invalid cursor."""
    found = SnapshotNotes(service.database).latest(
        tag=tag or None,
        source=source or None,
        collection=collection or None,
        before=_place(cursor) if cursor else None,
        limit=limit + 1,
    )
    shown = found[:limit]
    following = f"{microseconds(shown[-1].noted_at)}_{shown[-1].record_id}" if len(found) > limit else None
    return Listing(items=_note_shapes(service, shown), next=following)


def tag_counts(service: Service, chosen: str | None = None) -> list[TagShape]:
    """Return the tags of snapshots with their numbers, by name; a `chosen` one also after the first thousand."""
    found = SnapshotNotes(service.database).offered(chosen)
    return [TagShape(tag=tag, snapshots=count) for tag, count in found.items()]


def note_shape(service: Service, note: SnapshotNote) -> SnapshotNoteShape:
    [shape] = _note_shapes(service, [note])
    return shape


def _note_shapes(service: Service, notes: Sequence[SnapshotNote]) -> list[SnapshotNoteShape]:
    named = stamps(service, [(one.url, one.at, one.record_id) for one in notes])
    return [_note_shape(one, stamp) for one, stamp in zip(notes, named, strict=True)]


def _note_shape(note: SnapshotNote, stamp: str) -> SnapshotNoteShape:
    return SnapshotNoteShape(
        record_id=note.record_id,
        url=note.url,
        at=note.at,
        source=note.source,
        collection=note.collection,
        tags=list(note.said.tags),
        note=note.said.note,
        by=note.by,
        noted_at=note.noted_at,
        former_tags=None if note.former is None else list(note.former.tags),
        former_note=None if note.former is None else note.former.note,
        seen=seen_as(note),
        page=page_link(note.url, stamp),
    )


def said_now(shape: SnapshotNoteShape) -> dict[str, object]:
    """Return, for the audit trail, what a note says."""
    return {"tags": shape.tags, "note": shape.note}


def said_before(shape: SnapshotNoteShape) -> dict[str, object] | None:
    """Return the same of what was there before it; None if nothing was."""
    return None if shape.former_tags is None else {"tags": shape.former_tags, "note": shape.former_note}


_COLUMNS = ("url", "at", "record_id", "source", "collection", "tags", "note", "by", "noted_at")


def notes_csv(notes: Iterable[SnapshotNoteShape]) -> str:
    """Return notes as a table in CSV (RFC 4180); commas separate the tags of one. No field begins a formula."""
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(_COLUMNS)
    for one in notes:
        facts = one.model_dump(mode="json") | {"tags": ", ".join(one.tags)}
        writer.writerow([inert(str(facts[name])) for name in _COLUMNS])
    return table.getvalue()


def _checked(tags: Iterable[str]) -> tuple[str, ...]:
    """Return tags without spaces around them, each once. Raises ValueError."""
    try:
        found = _TAGS.validate_python(tuple(tags))
    except ValidationError as error:
        raise ValueError(str(error.errors()[0]["ctx"]["error"])) from None
    if len(found) > MOST_TAGS:
        raise ValueError(f"a snapshot has at most {MOST_TAGS} tags")
    return found


def _place(cursor: str) -> tuple[datetime, str]:
    at, _, record = cursor.partition("_")
    try:
        return moment(int(at)), record
    except (ValueError, OverflowError):
        raise ValueError(f"invalid cursor {cursor[:80]!r}: use the one returned with the previous page") from None
