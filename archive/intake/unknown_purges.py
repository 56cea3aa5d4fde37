"""Note purges of the store that the index does not know, and name what refers to the records that they deleted.

An older copy of the database does not know them, and neither does one whose purge was interrupted.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path

from archive.database.marks import Marks
from archive.index.index import Index
from archive.index.purges.purged_marks import LIST
from archive.intake.listed_files import ListedFiles
from archive.intake.purge_plan import place_of
from archive.shipping.noted_purges import note_purges
from archive.store import ObjectStore
from archive.values.capture import MEDIA, Capture
from archive.values.errors import PurgeUnderWay
from archive.warc.integrity.trust import Trust

logger = logging.getLogger(__name__)
_NAMED = 20
"""Captures that the log names."""


def note_unknown_purges(
    index: Index, store: ObjectStore, trust: Trust, spools: Callable[[], Iterable[Path]] = tuple
) -> Sequence[str]:
    """Note the purges of the store that the index does not know. Return, as sentences, why some can't be noted.

    The log says how many there are. It names the revisits that have lost their bodies: they are marked as unreadable.
    It names the lists of video and audio that name deleted files, and so does `lacking_lists` from then on.
    Raises StoreError, DatabaseUnusable.
    """
    noted = note_purges(index, store, trust)
    if noted.records:
        logger.warning("purges that the database did not know were noted", extra={"records": len(noted.records)})
        _name("captures refer to records that were purged; they are unreadable, and their pages are due", noted.bereft)
        _name("lists of video and audio name files that were purged", _lists(index, store, spools, noted.records))
    return noted.why


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
