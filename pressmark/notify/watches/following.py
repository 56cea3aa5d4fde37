"""Follow the events of new and changed pages, and note what the watches find in what was added."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from threading import Event

from archive.index.change_events import PAGE_CHANGED, PAGE_NEW
from archive.index.changes import Changes, PageChange
from archive.values.errors import ArchiveError
from config.groups.watches import Watch
from pressmark.notify.watches.machine_shapes import main_language
from pressmark.notify.watches.matching import matches
from pressmark.notify.watches.writers import Writers
from pressmark.service.service import Service
from scheduler.events import Event as PageEvent
from scheduler.notices.page_watches import active_watches
from scheduler.notices.watch_failures import WatchFailure, WatchFailures
from scheduler.notices.watch_hits import Hit, WatchHits

_log = logging.getLogger(__name__)
_LOOK_EVERY = 3.0
_AT_ONCE = 200
"""Events that are processed in one transaction."""


class Following:
    """Follows the events for all watches of the current settings and of the pages.

    A new watch, and one that was paused, gets what is archived from then on.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._hits = WatchHits(service.database)
        self._failures = WatchFailures(service.database)
        self._changes = Changes(service.database)
        self._stopped = Event()
        self._logged = defaultdict[str, set[str]](set)
        """What was logged about each watch since it last succeeded."""

    async def run(self) -> None:
        """Follow until cancelled; then the work in progress ends with the next event."""
        try:
            while True:
                await asyncio.to_thread(self.follow)
                await asyncio.sleep(_LOOK_EVERY)
        finally:
            self._stopped.set()

    def follow(self) -> int:
        """Process all events up to now, and return the number of hits.

        A watch that fails keeps no other from its work, and no failure ends the service: lost tables, which the
        service restores, must not.
        """
        try:
            watches = active_watches(self._service.webhooks.settings().watches, self._service.database)
            self._hits.keep_only(watches)
            noted = self._failures.all()
            for gone in noted.keys() - watches.keys():
                self._failures.clear(gone)
                self._logged.pop(gone, None)
        except Exception as error:
            self._fail("", error)
            return 0
        self._logged.pop("", None)
        return sum(self._try(name, watch, noted.get(name)) for name, watch in watches.items())

    def _try(self, name: str, watch: Watch, noted: WatchFailure | None) -> int:
        """Follow a watch. `noted` is its last failure, maybe in another process."""
        try:
            found = self._follow(name, watch)
            if noted:
                self._failures.clear(name)
        except Exception as error:
            self._fail(name, error, noted)
            return 0
        self._logged.pop(name, None)
        return found

    def _fail(self, name: str, error: Exception, noted: WatchFailure | None = None) -> None:
        """Log a failure, and note it for readers unless it is noted."""
        self._log_once(name, "a watch could not be followed", error)
        reason = _reason(error)
        if not name or (noted is not None and noted.reason == reason):
            return
        try:
            self._failures.note(name, reason, self._service.now())
        except Exception as unwritten:  # lost tables are a state of the database, which is reported
            self._log_once(name, "the failure of a watch is not noted", unwritten)

    def _log_once(self, name: str, what: str, error: Exception) -> None:
        """Log a sentence about a watch, once until it succeeds."""
        if what in self._logged[name]:
            return
        self._logged[name].add(what)
        unexpected = None if isinstance(error, ArchiveError) else error
        _log.error(what, extra={"watch": name, "reason": _reason(error)}, exc_info=unexpected)

    def _follow(self, name: str, watch: Watch) -> int:
        count = 0
        since = self._hits.cursor(name)
        while events := self._service.events.after(since, limit=_AT_ONCE):
            found: list[Hit] = []
            for event in events:
                if self._stopped.is_set():
                    return count
                found += self._found(name, watch, event)
            if not self._hits.add(name, (since, events[-1].id), found):
                return count  # another service on this database follows it, too
            since, count = events[-1].id, count + len(found)
        return count

    def _found(self, name: str, watch: Watch, event: PageEvent) -> Iterator[Hit]:
        language = event.facts.get("language")
        if event.kind not in (PAGE_NEW, PAGE_CHANGED) or not is_watched(watch, event.source, language):
            return
        change = self._changes.of(str(event.facts.get("record_id")))
        if change is None:
            return
        if change.novelty == "changed" and change.before is None:
            _log.error("what was added is unknown: the former text of a page can't be read", extra={"url": change.url})
            return
        yield from hits_of(name, watch, change, event=event.id, found_at=self._service.now())


def _reason(error: Exception) -> str:
    """Return what went wrong, without the statement and the texts that errors of databases have below it."""
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"


def hits_of(name: str, watch: Watch, change: PageChange, *, event: int, found_at: datetime) -> Iterator[Hit]:
    """Yield the hits of a watch in a change."""
    found = matches(watch, change.before, change.text)
    if watch.authors and found:
        writers = Writers(watch, change)
        found = [match for match in found if writers.wrote(match.sentence)]
    for number, match in enumerate(found):
        yield Hit(
            watch=name,
            event=event,
            number=number,
            found_at=found_at,
            at=change.at,
            source=change.source,
            url=change.url,
            record_id=change.record_id,
            title=change.title,
            language=change.language,
            novelty=change.novelty,
            phrase=match.phrase,
            sentence=match.sentence,
        )


def is_watched(watch: Watch, source: str | None, language: str | None) -> bool:
    """Return whether a watch is for pages of a source in a language. `zh` is for all kinds of Chinese."""
    if watch.sources and source not in watch.sources:
        return False
    return not watch.languages or main_language(language) in map(main_language, watch.languages)
