"""WARC files that are lost with their machine or their spool: a person gives them up, so that purges wait no longer.

Their captures stay in the index, marked as missing, with who gave them up and why. If a machine comes back with such
a file, `archive.intake.returned_files` applies the purges of the meantime to it before anything of it counts again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, delete, func, select, update

from archive.database.engine import Database
from archive.database.schema import captures, damaged, epochs, marks, segments
from archive.database.statements import begins_with, clock_of, insert_or_replace
from archive.index.damage_marks import DamageMarks
from archive.spool.sealed import find_segment
from archive.values.digest import sha256
from archive.values.errors import PurgeRefused

GONE_FOR = timedelta(days=1)
"""How long no worker with a spool must have been seen before its captures count as unreadable, and before its files can
be given up: a machine that restarts, or is repaired, comes back before."""
STATE = "given-up"
"""The state of their segments."""
NOTE = "spool/given-up/"
"""The beginning of the names of the marks that say who gave a file up; the name of the segment follows."""
BACK = "spool/back/"
"""The beginning of the names of marks of files that were given up, and that the store has got whole since: what was
purged meanwhile is still to be purged in them. The name of the segment follows.
"""
_WAITING = ("open", "sealed")


@dataclass(frozen=True, slots=True)
class WaitingFile:
    """A WARC file that is in no store, of a machine."""

    segment: str
    worker: str
    captures: int
    """Those in the index. Its worker may have written more."""
    seen_at: datetime
    """When its spool was last seen in use, or its machine, if that is another one than this."""
    free_at: datetime
    """From when on it can be given up."""
    path: str | None
    """Where this machine can read it: then it is not lost."""

    def is_lost(self, now: datetime) -> bool:
        """Return whether it can be given up."""
        return self.path is None and now >= self.free_at


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A WARC file that a person has given up."""

    segment: str
    host: str
    by: str
    at: datetime
    reason: str
    stays: str = ""
    """Why it could not be taken back, although it is there."""
    deleted: Mapping[str, str] = field(default_factory=dict)
    """Of a file that is back: the records that were deleted in it so far, each with its take-down."""
    is_listed: bool = True
    """Whether the index has the segment: not after its rows were lost."""

    @property
    def sentence(self) -> str:
        return f"its WARC file was given up by {self.by} at {self.at:%Y-%m-%dT%H:%M:%SZ}: {self.reason}"


def waiting_files(database: Database, host: str, *, here: str, spools: Iterable[Path]) -> Sequence[WaitingFile]:
    """Return the WARC files of the machine `host` that are in no store, oldest first. `here` is the name of this one,
    `spools` are those of this home.
    """
    with database.reading() as connection:
        return _waiting(connection, host, here, list(spools), shared=database.is_shared)


def give_up(
    database: Database,
    host: str,
    confirmed: str,
    *,
    here: str,
    now: Callable[[], datetime],
    spools: Iterable[Path],
    by: str,
    reason: str,
) -> Sequence[WaitingFile]:
    """Give up the lost files of a machine, and return them. Nothing is deleted. Raises PurgeRefused if `confirmed` is
    not their token, as one came back since, or is silent long enough now.
    """
    places = list(spools)
    with database.writing() as connection:  # a worker that begins waits for it, or is seen
        at = clock_of(connection, now)
        waiting = _waiting(connection, host, here, places, shared=database.is_shared)
        found = [one for one in waiting if one.is_lost(at)]
        if confirmed.strip() != token_of(found):
            raise PurgeRefused(
                f"nothing was given up: these WARC files are confirmed by {token_of(found)}, not by "
                f"{confirmed.strip()[:40]}; look at the list first"
            )
        note = {"host": host, "by": by, "at": at.isoformat(timespec="seconds"), "reason": reason}
        for one in found:
            this = segments.c.name == one.segment
            connection.execute(update(segments).where(this).values(state=STATE, path=None, problem=None))
            its = select(captures.c.id).join(segments, captures.c.segment_id == segments.c.id).where(this)
            connection.execute(delete(damaged).where(damaged.c.capture_id.in_(its)))  # the new marks say why
            row = {"name": NOTE + one.segment, "value": json.dumps(note)}
            connection.execute(insert_or_replace(connection, marks, "name"), row)
    mark_given_up(database, now)
    return found


def mark_given_up(database: Database, now: Callable[[], datetime]) -> None:
    """Mark the captures of all files that were given up as missing. Repeating it is harmless."""
    damages = DamageMarks(database, now=now)
    for one in given_up(database):
        damages.mark(one.segment, damages.records_of(one.segment), "missing", one.sentence)


def given_up(database: Database) -> Sequence[GivenUp]:
    """Return the files that people have given up and that did not come back, by name."""
    with database.reading() as connection:
        listed = connection.execute(select(segments.c.name).where(segments.c.state == STATE)).scalars().all()
        noted = connection.execute(select(marks.c.name, marks.c.value).where(begins_with(marks.c.name, NOTE))).all()
    notes = {row.name.removeprefix(NOTE): row.value for row in noted}
    known = frozenset(listed)
    return [replace(_read(name, notes.get(name)), is_listed=name in known) for name in sorted(known | notes.keys())]


def given_up_segments() -> Select[Any]:
    """Select the ids of the segments of these files."""
    return select(segments.c.id).where(segments.c.state == STATE)


def is_given_up(database: Database, segment: str) -> bool:
    """Return whether a person has given up the file of a segment, and it did not come back."""
    query = select(segments.c.id).where(segments.c.name == segment, segments.c.state == STATE)
    noted = select(marks.c.name).where(marks.c.name == NOTE + segment)
    with database.reading() as connection:
        return any(connection.execute(each).first() is not None for each in (query, noted))


def names_given_up(database: Database) -> frozenset[str]:
    """Return the names of the segments of these files."""
    return frozenset(one.segment for one in given_up(database))


def files_back(database: Database) -> Sequence[GivenUp]:
    """Return the files that were given up, that the store has whole, and that may have what was purged meanwhile."""
    with database.reading() as connection:
        rows = connection.execute(select(marks).where(begins_with(marks.c.name, BACK)).order_by(marks.c.name)).all()
    return [_read(row.name.removeprefix(BACK), row.value) for row in rows]


def note_stays(database: Database, segment: str, why: str, deleted: Mapping[str, str] | None = None) -> None:
    """Note why a file that is there can't be taken back, or what was purged in it so far, and why not the rest."""
    facts = {"stays": why} if deleted is None else {"stays": why, "deleted": dict(deleted)}
    with database.writing() as connection:
        for name in (NOTE + segment, BACK + segment):
            value = connection.execute(select(marks.c.value).where(marks.c.name == name)).scalar()
            if value is not None:
                noted = json.dumps(json.loads(value) | facts)
                connection.execute(update(marks).where(marks.c.name == name).values(value=noted))


def take_whole(connection: Connection, segment: str) -> None:
    """Let a file that was given up count, as the store has it now: its upload continued, or was over before. What was
    purged meanwhile is to be purged in it. It is a fence: the transaction that commits the file calls this. The note
    counts, too: the index may have lost its rows since.
    """
    here = (segments.c.name == segment, segments.c.state == STATE)
    was_listed = connection.execute(update(segments).where(*here).values(state="open")).rowcount
    note = connection.execute(select(marks.c.value).where(marks.c.name == NOTE + segment)).scalar()
    if note is None and not was_listed:
        return
    connection.execute(delete(marks).where(marks.c.name == NOTE + segment))
    row = {"name": BACK + segment, "value": json.dumps(json.loads(note or "{}") | {"stays": ""})}
    connection.execute(insert_or_replace(connection, marks, "name"), row)


def take_again(connection: Connection, segment: str) -> None:
    """Let a file that came back count as any other of its spool."""
    here = (segments.c.name == segment, segments.c.state == STATE)
    connection.execute(update(segments).where(*here).values(state="open"))
    connection.execute(delete(marks).where(marks.c.name == NOTE + segment))


def token_of(files: Collection[WaitingFile]) -> str:
    """Return what confirms that exactly these files are given up."""
    names = sorted(one.segment for one in files)
    return f"{len(names)}-{sha256(' '.join(names).encode())[:8]}"


def _read(segment: str, value: str | None) -> GivenUp:
    note = json.loads(value or "{}")
    at = datetime.fromisoformat(note["at"]) if "at" in note else datetime(1970, 1, 1, tzinfo=UTC)
    host, by, reason = (note.get(name, "-") for name in ("host", "by", "reason"))
    return GivenUp(segment, host, by, at, reason, note.get("stays", ""), note.get("deleted", {}))


def _waiting(
    connection: Connection, host: str, here: str, spools: Sequence[Path], *, shared: bool
) -> list[WaitingFile]:
    count = select(func.count()).where(captures.c.segment_id == segments.c.id).scalar_subquery()
    its = (segments.c.name, segments.c.path, segments.c.worker, segments.c.opened_at, segments.c.sealed_at)
    query = select(*its, epochs.c.host, epochs.c.spool, count.label("captures"))
    query = query.outerjoin(epochs, epochs.c.id == segments.c.epoch).where(segments.c.state.in_(_WAITING))
    rows = connection.execute(query.order_by(segments.c.id)).all()
    last = func.max(epochs.c.seen_at)
    by_spool = {row[0]: row[1] for row in connection.execute(select(epochs.c.spool, last).group_by(epochs.c.spool))}
    by_host = {row[0]: row[1] for row in connection.execute(select(epochs.c.host, last).group_by(epochs.c.host))}
    found = list[WaitingFile]()
    for row in rows:
        if (row.host or "(unknown)") != host:
            continue
        seen = [row.opened_at, row.sealed_at, by_spool.get(row.spool) if row.spool else by_host.get(row.host)]
        if shared and host != here:  # that machine can read its own files: it says whether they are lost
            seen.append(by_host.get(row.host))
        at = max(each for each in seen if each is not None)
        found.append(
            WaitingFile(row.name, row.worker, row.captures, at, at + GONE_FOR, _readable_at(row.path, row.name, spools))
        )
    return found


def _readable_at(path: str | None, name: str, spools: Iterable[Path]) -> str | None:
    """Return where the file of a segment can be read: at its path, or in one of these spools."""
    if path and Path(path).exists():
        return path
    for place in (*([Path(path)] if path else []), *(spool / "open" / "any" for spool in spools)):
        if there := find_segment(place, name):
            return str(there)
    return None
