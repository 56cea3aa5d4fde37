"""Note purges of the store that the index does not know, and name what refers to the records that they deleted.

An older copy of the database does not know them, and neither does one whose purge was interrupted.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from archive.database.marks import Marks
from archive.index.index import Index
from archive.index.purges.needs import captures_of_ids, leaning_on, revisits_of
from archive.index.purges.purged_marks import LIST, purged_records, unpurged
from archive.intake.listed_files import ListedFiles
from archive.intake.purge_plan import place_of
from archive.shipping.purge_chains import Successions
from archive.shipping.purged import BEREFT, note_purges
from archive.store import ObjectStore
from archive.values.capture import MEDIA, Capture
from archive.values.errors import IntegrityError, ObjectNotFound, PurgeUnderWay, StoreError
from archive.warc.integrity.trust import Trust

logger = logging.getLogger(__name__)
_NAMED = 20
"""Captures that the log names."""


def note_unknown_purges(
    index: Index, store: ObjectStore, trust: Trust, spools: Callable[[], Iterable[Path]] = tuple
) -> list[str]:
    """Note the purges of the store that the index does not know. Return, as sentences, why some can't be noted.

    The log says how many there are. It names the revisits that have lost their bodies: they are marked as unreadable.
    It names the lists of video and audio that name deleted files, and so does `lacking_lists` from then on.
    Raises StoreError, DatabaseUnusable.
    """
    before, gone = purged_records(index.database), list[Capture]()
    with suppress(StoreError):  # `note_purges` raises it
        gone = list(captures_of_ids(index.database, _unknown(index, store)))
    why = note_purges(index, store, trust)
    if new := purged_records(index.database) - before:
        logger.warning("purges that the database did not know were noted", extra={"records": len(new)})
        bereft = _bereft(index, gone, new)
        _name("captures refer to records that were purged; they are unreadable, and their pages are due", bereft)
        _name("lists of video and audio name files that were purged", _lists(index, store, spools, new))
    return why


def _unknown(index: Index, store: ObjectStore) -> set[str]:
    """Return the ids of records that purges deleted, as far as the index does not know. Raises StoreError."""
    known, found = Successions(store), set[str]()
    keys = set(unpurged(index.database, [one.key for one in known.formers]))
    for former in known.formers:
        with suppress(IntegrityError, ObjectNotFound):
            if former.key in keys and (purge := known.of(former)) is not None:
                found |= purge.purged.keys()
    return found


def _bereft(index: Index, gone: Collection[Capture], new: Collection[str]) -> list[Capture]:
    """Return the revisits that have lost their bodies, after marking those that name a purged record by its URL and
    date alone, or by nothing.
    """
    left = [one for one in gone if one.record_id in new]
    near = {place_of(one): one for one in (*revisits_of(index.database, new), *leaning_on(index.database, left))}
    found = [one for one in near.values() if index.original_of(one) is None]
    for one in found:
        index.damages.mark(one.location.segment, [one.location.offset], "original", BEREFT)
    return found


def _lists(
    index: Index, store: ObjectStore, spools: Callable[[], Iterable[Path]], gone: Collection[str]
) -> list[Capture]:
    try:
        found = ListedFiles(index, store, spools).with_any(gone)
    except PurgeUnderWay as error:
        logger.warning("the lists of video and audio could not all be read", extra={"reason": str(error)})
        return []
    if found:
        Marks(index.database, LIST).set_all({one.record_id: one.url.removeprefix(MEDIA) for one in found})
    return found


def _name(sentence: str, some: Collection[Capture]) -> None:
    if some:
        urls = sorted({one.url for one in some})
        logger.error(sentence, extra={"captures": len(some), "urls": urls[:_NAMED]})


def lacking_lists(index: Index) -> Iterator[Capture]:
    """Yield the lists of video and audio that name purged files and are the newest of their pages: a run that reads
    the page again writes a newer one.
    """
    for record, page in Marks(index.database, LIST).all().items():
        lists = list(index.captures(MEDIA + page))
        newest = max(lists, key=lambda one: (one.at, place_of(one)), default=None)
        if newest is not None and newest.record_id == record:
            yield newest
