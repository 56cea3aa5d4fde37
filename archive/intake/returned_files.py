"""Files of a spool that were given up and are back: they lose what was purged meanwhile, before they count again.

A record goes as it would have gone in the store: not if people hold it, a spider made items of it, or what stays needs
it. The former file is removed when the rewritten one is durable and the index has it; each step can be repeated.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from archive.index.index import Index
from archive.index.purges.given_up import GivenUp, given_up, note_stays
from archive.index.purges.locks import purging
from archive.index.purges.needs import leaning_on, with_items
from archive.index.purges.spooled_rows import count_again, replace_spooled
from archive.intake.purge_checks import seeing_all
from archive.intake.purge_plan import place_of
from archive.spool import release
from archive.spool.reseal import resealed
from archive.spool.sealed import WARC, Sealed, journal_of, sealed_in
from archive.values.atomic_files import reading, write_whole, writing_whole
from archive.values.capture import Capture, Location
from archive.values.digest import sha256_file
from archive.values.errors import IntegrityError, NothingIntact
from archive.warc import journal
from archive.warc.integrity.verify import verify_file
from archive.warc.journal import Closing, Heading
from archive.warc.purge_names import next_name
from archive.warc.rewriting import copy_without

logger = logging.getLogger(__name__)

PurgedBy = Callable[[datetime], Callable[[Capture], str | None]]
"""Returns what says which take-down has purged a capture since a time; None for one that stays."""


@dataclass(frozen=True, slots=True)
class Returned:
    """A file that came back."""

    given_up: GivenUp
    purged: dict[str, str]
    """The records that were deleted, each with its take-down."""
    left: Sequence[Capture]
    """What stays."""
    kept_back: int
    """Captures that a take-down has purged elsewhere, and that others need, or that have items."""


def take_back(
    index: Index, directory: Path, purged_by: PurgedBy, is_stored: Callable[[Sealed], bool] = lambda _: False
) -> Iterator[Returned]:
    """Let the files of a spool that were given up count again; yield each. The caller holds the lock of the spool, and
    has recovered it. Of a damaged file, what is intact counts. One that `is_stored` is left alone, as its worker died
    before it told the database: the index takes it from the store. Where a file stays given up, the database notes why.
    Raises PurgeUnderWay while a purge runs, which does not know these files; OSError.
    """
    notes = {one.segment: one for one in given_up(index.database)}
    if not notes:
        return
    unfinished = set(map(next_name, notes))
    for each in list(sealed_in(directory)):
        if each.name in unfinished:  # a start that was interrupted has written it, and the index does not have it
            release.remove(each.path)
    here = [each for each in sealed_in(directory) if each.name in notes and not is_stored(each)]
    if not here:
        return
    with purging(index.database), seeing_all():
        here = list(_sound(index, here))
        beside = {each.name: list(journal.read(each.journal)) for each in here}  # all, before the first is changed
        for each in here:
            try:
                by = purged_by(notes[each.name].at)
                stay = [one for name, some in beside.items() if name != each.name for one in some if by(one) is None]
                yield _take_back(index, each, notes[each.name], by, stay)
            except IntegrityError as error:
                _leave(index, each.name, error)


def _sound(index: Index, files: Iterable[Sealed]) -> Iterator[Sealed]:
    """Yield each file itself or, if the disk has damaged it, its intact part, sealed again; nothing if none is intact,
    or if the disk can't read it.
    """
    for each in files:
        try:
            with reading(each.path), each.path.open("rb") as file:
                is_whole = sha256_file(file) == each.sha256
            salvaged = None if is_whole else resealed(each, now=index.now)
        except IntegrityError as error:
            _leave(index, each.name, error)
            continue
        if salvaged is None:
            yield each
            continue
        logger.error("%s is damaged: its intact records are sealed again", each.path)
        if salvaged.lost:
            index.damages.unmark(each.name, [one.location.offset for one in salvaged.lost])  # this says more
            index.damages.lose(salvaged.lost)
        if salvaged.sealed is not None:
            yield salvaged.sealed
        else:
            _leave(index, each.name, NothingIntact(each.path))


def _leave(index: Index, segment: str, error: Exception) -> None:
    logger.error("a file that came back stays given up: %s", error)
    note_stays(index.database, segment, str(error))


def _take_back(
    index: Index, sealed: Sealed, note: GivenUp, purged_by: Callable[[Capture], str | None], beside: Sequence[Capture]
) -> Returned:
    """`beside` are the captures that stay in the other files that come back."""
    captures = list(journal.read(sealed.journal))
    said = {place_of(one): by for one in captures if one.record_id and (by := purged_by(one)) is not None}
    wanted = [one for one in captures if place_of(one) in said]
    gone = list(_without_needed(index, [*captures, *beside], wanted)) if wanted else []
    purged = {one.record_id: said[place_of(one)] for one in gone}
    if gone:
        new, moved = _rewritten(sealed, captures, gone)
        replace_spooled(index.database, sealed.name, next_name(sealed.name), new, purged, moved)
        release.remove(sealed.path)
    else:
        count_again(index.database, sealed.name)
    facts = {"segment": sealed.name, "deleted": len(gone), "kept_back": len(wanted) - len(gone)}
    logger.warning("a file that was given up is back", extra=facts)
    left = [one for one in captures if one.record_id not in purged]
    return Returned(note, purged, left, len(wanted) - len(gone))


def _without_needed(index: Index, captures: Sequence[Capture], wanted: Sequence[Capture]) -> Collection[Capture]:
    """Return those that nothing needs that stays, here or in the archive."""
    items = with_items(index.database, [one.record_id for one in wanted])
    gone = {place_of(one): one for one in wanted if one.record_id not in items}
    leaning = {place_of(one): one for one in leaning_on(index.database, list(gone.values()))} if gone else {}
    needs = {place: {place_of(each) for each in index.payloads.needs(one)} for place, one in leaning.items()}
    for one in captures:  # the index may lack them
        if one.refers_to is not None:
            its = {place for place, each in gone.items() if each.record_id == one.refers_to.record_id}
            needs[place_of(one)] = needs.get(place_of(one), set()) | its
    while needed := {each for place, its in needs.items() if place not in gone for each in its if each in gone}:
        for place in needed:
            del gone[place]
    return gone.values()


def _rewritten(
    sealed: Sealed, captures: Sequence[Capture], gone: Collection[Capture]
) -> tuple[Path | None, dict[int, int]]:
    """Write the file without some captures beside the former one, durably; return its path, and the new offset of each
    record by the old one. Without a capture that stays, there is none. Raises IntegrityError if it is damaged.
    """
    name, lost = next_name(sealed.name), {place_of(one) for one in gone}
    left = [one for one in captures if place_of(one) not in lost]
    if not left:
        return None, {}
    draft = sealed.path.with_name(f"{name}.warc.gz.tmp")  # recovery deletes what is unfinished
    try:
        with sealed.path.open("rb") as file:
            if sha256_file(file) != sealed.sha256:
                raise IntegrityError(f"{sealed.path} is damaged: the next start seals its intact records again")
            file.seek(0)
            with writing_whole(draft) as into:
                moved = copy_without(file, gone, into)
        with draft.open("rb") as file:
            for finding in verify_file(file, draft.name):
                raise IntegrityError(f"{sealed.path} can't be rewritten: {finding.sentence}")
        with draft.open("rb") as file:
            digest = sha256_file(file)
        if any(one.location.offset not in moved for one in left):
            raise IntegrityError(f"{sealed.path} can't be rewritten: a capture that stays would be lost")
        before = journal.load(sealed.journal)
        assert before.heading is not None
        assert before.closing is not None  # as the file is sealed
        heading = Heading(name, sealed.collection, sealed.worker, sealed.epoch, before.heading.opened)
        path = sealed.path.with_name(f"{heading.opened:%Y%m%dT%H%M%SZ}-{digest[:16]}{WARC}")
        kept = [_moved(one, name, moved[one.location.offset]) for one in left]
        kept.sort(key=lambda one: one.location.offset)
        closing = Closing(digest, draft.stat().st_size, before.closing.sealed, len(moved))
        lines = [journal.heading_line(heading), *map(journal.line, kept), journal.closing_line(closing)]
        write_whole(journal_of(path), b"".join(lines))
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return path, moved


def _moved(capture: Capture, segment: str, offset: int) -> Capture:
    return capture._replace(location=Location(segment, offset, capture.location.length))
