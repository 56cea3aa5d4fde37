"""Heal the index: a thread of the worker compares it with the store, and adds what it lacks.

It runs beside crawling and answering, at each start and once a day. If it is interrupted, it continues at the next
start: also with the texts of a segment, which follow its captures.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile
from math import inf
from typing import TYPE_CHECKING

from archive.database.statements import batches
from archive.index.row_counts import note_first, uncounted
from archive.intake.compare import ComparisonResult, captures_by_manifest
from archive.shipping.run_texts import RunTexts
from archive.spool.sealed import sealed_in
from archive.values.errors import ArchiveError
from pressmark.processes.retrying_loop import RetryingLoop
from pressmark.service.index_state import IndexState, compared, state_of, write_state
from pressmark.service.service import Service
from pressmark.upkeep.items_back import bring_items_back
from pressmark.upkeep.ledger.decisions_back import bring_decisions_back
from pressmark.upkeep.machines import mark_unreachable

if TYPE_CHECKING:
    from archive.intake.rebuild import Progress, Rebuilt

log = logging.getLogger(__name__)

_EVERY = 24 * 3600.0
_LOOK_EVERY = 3600.0
"""Seconds between two looks for captures that only a machine that is gone has."""
_WRITE_EVERY, _LOG_EVERY = 1.0, 30.0
"""Seconds between two reports of progress, to the other processes and in the log."""
_COUNTED = 100
"""Segments whose first counts are written at once."""
_NAMED = 20
"""The most keys of manifests that are named in the log."""


class IndexRepair(RetryingLoop):
    """Keeps the index of a service complete. The caller holds the spool. It stops after the segment in progress."""

    what = "the index is not compared"

    def __init__(self, service: Service) -> None:
        super().__init__(longest=60)
        self._service = service
        self._written_at = self._logged_at = 0.0
        self._heal_at = -inf

    def turn(self) -> float:
        """Heal, once a day; return the seconds until the next turn."""
        if time.monotonic() >= self._heal_at:
            self._heal()
            self._heal_at = time.monotonic() + _EVERY
        mark_unreachable(self._service)
        return _LOOK_EVERY if self._service.database.is_shared else _EVERY

    def note(self, problem: str | None) -> None:
        """Tell the other processes why the index is not compared; what is compared says so itself."""
        if problem is None:
            return
        try:
            write_state(self._service.database, replace(state_of(self._service.database), problem=problem))
        except ArchiveError:
            log.info("the state of the index can't be written")

    def _heal(self) -> None:
        bring_decisions_back(self._service)  # before the captures that they hide
        self._count_first()
        found = compared(self._service)
        _name_missing(found.missing)
        if found.to_import:
            self._index_missing(found)
        if not self._stopped.is_set():
            bring_items_back(self._service)
            write_state(self._service.database, IndexState(compared_at=self._service.now().isoformat()))

    def _count_first(self) -> None:
        """Count the rows of segments that an earlier version indexed, and compare them with the manifests."""
        database, store = self._service.database, self._service.store
        for batch in batches(uncounted(database).items(), _COUNTED):
            if self._stopped.is_set():
                return
            note_first(database, captures_by_manifest(store, dict(batch)))

    def _index_missing(self, found: ComparisonResult) -> None:
        from archive.intake.rebuild import Rebuild  # it loads the extractor, which is rarely needed

        service, total = self._service, len(found.to_import)
        log.warning("the index is being rebuilt from the store", extra={"segments": total})
        self._report(0, total)
        keys = takewhile(lambda _: not self._stopped.is_set(), found.to_import)
        new = service.settings.reading.run_texts
        rebuild = Rebuild(service.store, service.index, progress=self._progress, run_texts=new)
        rebuilt = rebuild.index_segments(keys, total)
        run_texts = RunTexts(service.database, service.store, new=new)
        for sealed in sealed_in(service.settings.spool_path):  # put while the index lacked other segments of their runs
            run_texts.put(sealed.name)
        _name_found(rebuilt)

    def _progress(self, so_far: Progress) -> None:
        now = time.monotonic()
        if now - self._written_at >= _WRITE_EVERY:
            self._written_at = now
            self._report(so_far.done, so_far.total)
        if now - self._logged_at >= _LOG_EVERY:
            self._logged_at = now
            facts = {"done": so_far.done, "segments": so_far.total, "captures": so_far.captures}
            log.info("the index is being rebuilt from the store", extra=facts)

    def _report(self, done: int, total: int) -> None:
        state = replace(state_of(self._service.database), done=done, total=total, problem=None)
        write_state(self._service.database, state)


def _name_missing(keys: Sequence[str]) -> None:
    if keys:
        facts = {"manifests": len(keys), "first": list(keys[:_NAMED])}
        log.error("the store lacks manifests that the index knows", extra=facts)


def _name_found(rebuilt: Rebuilt) -> None:
    for finding in rebuilt.findings:
        log.error(
            "a segment could not be imported completely", extra={"object": finding.file, "reason": finding.sentence}
        )
    facts = {"segments": rebuilt.segments, "captures": rebuilt.captures, "texts": rebuilt.texts}
    log.info("the index was rebuilt from the store", extra=facts)
