"""WARC files that are in no store and in no spool that can be read: a person gives them up.

Their captures may need what a purge would delete, so purges wait for them. Those that were given up need nothing any
more. Their captures stay in the index, marked as missing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from archive.database.marks import Marks
from archive.index.index import Index
from archive.index.unshipped import unshipped_elsewhere
from archive.spool.sealed import find_segment
from archive.spool.spool import known_id_of
from archive.values.digest import sha256
from archive.values.errors import PurgeRefused

_MARKS = "spool/given-up/"
"""The beginning of the names of marks; the name of the segment follows."""


@dataclass(frozen=True, slots=True)
class LostFile:
    """A WARC file that is in no store, and in no spool that can be read."""

    segment: str
    worker: str
    host: str | None
    """The machine of its spool; None for this one, or if that is not known."""
    captures: int
    """Those in the index. Its worker may have written more."""
    seen_at: datetime | None
    """When its worker was last seen alive; None if that is not known."""


def given_up(index: Index, spools: Iterable[Path]) -> frozenset[str]:
    """Return the names of the segments that people have given up, and whose files are still in no store and can't be
    read here. `spools` are those of this home.
    """
    if not (named := Marks(index.database, _MARKS).all()):
        return frozenset()
    here = list(spools)
    rows = (row for row in index.segments("open", "sealed") if row.name in named)
    return frozenset(row.name for row in rows if not is_readable(row.path, row.name, here))


def found_again(index: Index, segments: Iterable[str]) -> None:
    """Note that a worker has these files in its spool: nobody has given them up any more."""
    marks = Marks(index.database, _MARKS)
    for name in marks.all().keys() & set(segments):
        marks.delete(name)


def lost_files(index: Index, lease: timedelta, spools: Iterable[Path]) -> list[LostFile]:
    """Return the WARC files for which a purge waits, and whose workers are not alive. `spools` are those of this home.

    A file that this machine can read is none of them, also in another home.
    """
    here = list(spools)
    known = given_up(index, here)
    if not index.database.is_shared:
        lost = (row for row in index.segments("open", "sealed") if row.name not in known)
        return [
            LostFile(row.name, row.worker, None, len(index.damages.records_of(row.name)), None)
            for row in lost
            if not is_readable(row.path, row.name, here)
        ]
    ids = frozenset(id_ for spool in here if (id_ := known_id_of(spool)))
    paths = {row.name: row.path for row in index.segments("open", "sealed")}
    return [
        LostFile(one.name, one.worker, one.host, one.captures, one.seen_at)
        for one in unshipped_elsewhere(index.database, index.now(), lease, unindexed=True, here=ids)
        if one.is_gone and one.name not in known and not is_readable(paths.get(one.name), one.name, here)
    ]


def is_readable(path: str | None, name: str, spools: Iterable[Path]) -> bool:
    """Return whether the file of a segment is at its path, or in one of these spools."""
    places = [Path(path)] if path else []
    if any(place.exists() for place in places):
        return True
    return any(find_segment(place, name) for place in (*places, *(spool / "open" / "any" for spool in spools)))


def token_of(files: Iterable[LostFile]) -> str:
    """Return what confirms that exactly these files are given up."""
    names = sorted(one.segment for one in files)
    return f"{len(names)}-{sha256(chr(10).join(names).encode())[:8]}"


def give_up(index: Index, files: Sequence[LostFile], confirmed: str, *, by: str, reason: str) -> None:
    """Give up these files. Raises PurgeRefused if `confirmed` is not their token."""
    if confirmed.strip() != token_of(files):
        raise PurgeRefused(
            f"nothing was given up: these WARC files are confirmed by {token_of(files)}, not by "
            f"{confirmed.strip()[:40]}; look at the list first"
        )
    at = index.now().isoformat(timespec="seconds")
    for one in files:
        damages = index.damages
        damages.mark(one.segment, damages.records_of(one.segment), "missing", f"its WARC file was given up by {by}")
        Marks(index.database, _MARKS).set(one.segment, json.dumps({"by": by, "at": at, "reason": reason}))
