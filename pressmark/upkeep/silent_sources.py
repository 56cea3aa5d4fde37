"""An alarm over all sources, which does not depend on runs: far more of them than usual bring nothing new."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from archive.database.marks import Marks
from archive.database.schema import microseconds, moment
from pressmark.service.service import Service
from pressmark.service.states import Condition, condition
from scheduler.ledger.silences import WITHOUT, silence
from scheduler.pauses import EVERYTHING

_log = logging.getLogger(__name__)
_FIRST_AFTER, _LOOK_EVERY = timedelta(minutes=10), timedelta(hours=1)
"""A service that starts has better things to do."""
_HOLDS = timedelta(hours=3)
"""How long what was seen is reported: who stopped looking says nothing."""
_KEPT, _NAMED = 1_000, 5
"""Sources that are noted, and collections that are named."""
_MARK = "last"


class SilentSources:
    """Looks again and again, and notes what it sees."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def run(self) -> None:
        """Look until cancelled."""
        await asyncio.sleep(_FIRST_AFTER.total_seconds())
        while True:
            try:
                await asyncio.to_thread(note_silence, self._service)
            except Exception as error:
                _log.warning("what sources bring could not be compared", extra={"reason": str(error)})
            await asyncio.sleep(_LOOK_EVERY.total_seconds())


def note_silence(service: Service) -> None:
    """Compare the last day with those before, and note the result. Raises DatabaseUnusable."""
    now, paused = service.epochs.now(), service.pauses.all().keys()
    marks = Marks(service.database, "silence/")
    names = {each.name for each in service.all_sources.outlines()} - paused
    found = silence(service.database, now, names if EVERYTHING not in paused else ())
    if not found.is_strange:
        marks.delete(_MARK)
        return
    before = round(sum(found.before) / len(found.before))
    facts = {"at": microseconds(now), "count": len(found.silent), "all": found.usual, "before": before}
    marks.set(_MARK, json.dumps({**facts, "silent": found.silent[:_KEPT]}))


def silent_sources(service: Service) -> Iterator[Condition]:
    """Yield the alarm, as the last look found it; it names only what the caller may know."""
    if (text := Marks(service.database, "silence/").get(_MARK)) is None:
        return
    facts = json.loads(text)
    at = moment(facts["at"])
    known = list(service.sources.outlines().named(facts["silent"]))
    if known and abs(service.epochs.now() - at) < _HOLDS:
        most = Counter(each.collection for each in known).most_common(_NAMED)
        where = ", ".join(f"{collection} ({count})" for collection, count in most)
        since, first = _minute(at - WITHOUT), known[0].name
        told = {name: facts[name] for name in ("count", "all", "before")}
        yield condition("sources-silent", since=since, first=first, collections=where, **told)


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
