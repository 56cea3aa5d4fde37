"""The files that a spool has when its worker starts: of an earlier process, or given up and back."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from archive.index.purges.given_up import given_up, names_given_up, note_stays
from archive.index.purges.locks import purging
from archive.index.purges.purged_marks import is_purged, purged_among
from archive.shipping.noted_purges import mark_bereft
from archive.shipping.upload import key_of_manifest
from archive.spool import release
from archive.spool.sealed import Sealed, sealed_in
from archive.values.errors import PurgeUnderWay, StoreError
from archive.warc import journal
from archive.warc.purge_names import next_name
from pressmark.processes.indexer import Indexer
from pressmark.service.access.files_back import note_back
from pressmark.service.index_state import state_of
from pressmark.service.service import Service
from pressmark.service.threads import in_thread

log = logging.getLogger(__name__)

SHIPPED = frozenset({"committed", "releasing", "released"})
_AGAIN = 60.0
"""Seconds until files that came back are looked at again, if a purge was running."""
_ENDS_WITHIN = 15.0


@contextmanager
def adding_recovered(service: Service, indexer: Indexer, spool: Path, *, adopting: bool) -> Iterator[None]:
    """Index and ship what earlier processes left in a spool. Files that people have given up wait until what was purged
    meanwhile is purged in them: while a purge runs, until it has ended. With `adopting`, that raises PurgeUnderWay.
    """
    lost = _given_up_in(service, spool)
    try:
        _take_back(service, spool, lost)
    except (PurgeUnderWay, StoreError):
        if adopting:
            raise
    _add(service, indexer, sealed_in(spool))
    if not _given_up_in(service, spool):
        yield
        return
    over = threading.Event()

    def run() -> None:
        while (late := _given_up_in(service, spool)) and not over.wait(_AGAIN):
            try:
                _take_back(service, spool, late)
            except (PurgeUnderWay, StoreError):
                log.info(
                    "files that came back wait for the end of a purge, or for the store", extra={"count": len(late)}
                )
            except Exception:
                log.exception("files that came back could not be taken in; they stay given up until the next try")
            names = {*late, *map(next_name, late)}
            _add(service, indexer, [one for one in sealed_in(spool) if one.name in names])

    with in_thread("returned", run, over.set, ends_within=_ENDS_WITHIN):
        yield


def _given_up_in(service: Service, spool: Path) -> frozenset[str]:
    """Return the names of the files of a spool that people have given up."""
    lost = names_given_up(service.database)
    return lost & {one.name for one in sealed_in(spool)} if lost else lost


def _take_back(service: Service, spool: Path, lost: frozenset[str]) -> None:
    """Let files that were given up count again. Raises PurgeUnderWay."""
    if not lost:
        return
    if any(not one.is_listed for one in given_up(service.database)) and state_of(service.database).incomplete:
        log.info("files that came back wait until the index is built again", extra={"count": len(lost)})
        return
    from archive.intake.returned_files import take_back  # it loads the extractor
    from pressmark.service.access.purged_since import purged_since

    for one in take_back(service.index, spool, partial(purged_since, service), partial(_is_stored, service)):
        note_back(service, one.given_up, one.purged, one.kept_back, one.left)
    _index_stored(service, spool, lost)


def _index_stored(service: Service, spool: Path, lost: frozenset[str]) -> None:
    """Index the files that their worker had uploaded before it died: a purge deletes in the store what is to go."""
    from archive.intake.rebuild import Rebuild

    stored = [one for one in sealed_in(spool) if one.name in lost and _is_stored(service, one)]
    if not stored:
        return
    with purging(service.database):  # none runs, so that this waits for nothing
        rebuild = Rebuild(service.store, service.index, trust=service.keys.trust)
        done = rebuild.index_segments(map(key_of_manifest, stored), len(stored))
    left = names_given_up(service.database)
    for one in stored:
        if one.name in left:
            why = "; ".join(each.sentence for each in done.findings) or "its manifest in the store could not be indexed"
            log.error("a file that came back stays given up: %s", why)
            note_stays(service.database, one.name, why)


def _is_stored(service: Service, sealed: Sealed) -> bool:
    """Return whether the store has the manifest of a file. Raises StoreError."""
    return service.store.size(key_of_manifest(sealed)) is not None


def _add(service: Service, indexer: Indexer, files: Iterable[Sealed]) -> None:
    lost = names_given_up(service.database)
    for sealed in files:
        if sealed.name not in lost and not _is_former(service, sealed):
            _add_recovered(service, indexer, sealed)


def _is_former(service: Service, sealed: Sealed) -> bool:
    """Return whether a file of the spool is the former one of a segment that was purged, and remove it.

    It came back from a copy of the spool.
    """
    if not is_purged(service.database, sealed.name):
        return False
    release.remove(sealed.path)
    log.warning("a file of the spool was purged, and is removed", extra={"segment": sealed.name})
    return True


def _add_recovered(service: Service, indexer: Indexer, sealed: Sealed) -> None:
    """Index and ship a segment of an earlier process, whose captures may be missing in both."""
    indexer.sealed(sealed)
    row = service.index.segment(sealed.name)
    if row is None or row.state not in SHIPPED:
        captures = list(journal.read(sealed.journal))
        indexer.add(captures)
        if sealed.name in service.index.damages.segments():  # while nobody could reach this spool
            indexer.then(partial(service.index.damages.unmark, sealed.name, [one.location.offset for one in captures]))
        if gone := purged_among(service.database, [one.refers_to.record_id for one in captures if one.refers_to]):
            indexer.then(partial(mark_bereft, service.index, frozenset(gone)))
