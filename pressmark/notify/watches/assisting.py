"""Have a language model write the summaries and translations that watches want, one after the other.

What is hidden from readers is never sent: closed collections, what was taken down, and texts that sites reserve.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from archive.index.changes import Changes
from archive.index.records import capture_of_record
from archive.texts.texts import Texts
from archive.values.errors import DatabaseUnusable
from archive.values.wrong_clocks import is_over
from pressmark.discover.drafted_source import user_agent
from pressmark.notify.assistant.endpoint import Answer, Endpoint, Question, summary_of, translation_of
from pressmark.notify.watches.machine_shapes import wants_texts, wishes_of
from pressmark.notify.watches.matching import added_text
from pressmark.service.access.reading_without import reading_without
from pressmark.service.access.rooms import ReadingRooms
from pressmark.service.access.unread_decisions import DecisionsUnread
from pressmark.service.service import Service
from pressmark.views.reserved_texts import ReservedTexts
from scheduler.notices.assistant_state import AssistantState
from scheduler.notices.machine_texts import MachineText, MachineTexts, Wish
from scheduler.notices.page_watches import active_watches
from scheduler.notices.watch_hits import Hit, WatchHits

_log = logging.getLogger(__name__)
_LOOK_EVERY = 3.0
_AT_ONCE = 200
"""Newest sentences of a watch that are looked at."""
_FRESH = timedelta(days=1)
"""Sentences that were found longer ago get no text any more."""
TRIES = 3
"""Requests that are sent for one text."""
_BETWEEN_TRIES = timedelta(minutes=10)
_BETWEEN_PRUNES = timedelta(hours=1)
WITHHELD = "the page is closed to some readers, or was taken down, so its text is not sent"
RESERVED = "the site reserves text and data mining of this page (%(why)s), so its text is not sent"
REPLACED = "the text of the page was replaced since, so what was added is unknown"
SPENT = "the budget of the day is used up"
CUT = " […]"
"""The end of a text that was too long to be sent whole, and of what was made of it."""
ENDED = "the service ended while the language model was asked"


@dataclass(frozen=True, slots=True)
class _Task:
    """A text that is wanted."""

    hit: Hit
    wish: Wish
    before: MachineText | None
    """Its state; None if nothing was tried."""


class Assisting:
    """Writes for all watches. Several processes may do so on one database; none asks what another one asks."""

    def __init__(self, service: Service) -> None:
        """The settings name an endpoint."""
        self._service = service
        self._settings = service.settings.assistant
        agent = user_agent(service.settings)
        self._endpoint = Endpoint(self._settings, agent, figures=service.figures)
        self._hits = WatchHits(service.database)
        self._texts = MachineTexts(service.database)
        self._state = AssistantState(service.database)
        self._rooms = ReadingRooms(service.settings.rooms, now=service.now)
        self._pruned_at: datetime | None = None

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            try:
                await self.assist()
            except (DatabaseUnusable, DecisionsUnread) as error:  # the database is unreachable, or is replaced, e.g.
                _log.error("summaries and translations could not be written", extra={"reason": str(error)})
            except Exception:
                _log.exception("summaries and translations could not be written")
            await asyncio.sleep(_LOOK_EVERY)

    async def assist(self) -> int:
        """Write what is wanted now, and return the number of requests. One text that fails keeps no other back."""
        asked = 0
        for task in await asyncio.to_thread(self._wanted):
            try:
                asked += await self._serve(task)
            except (DatabaseUnusable, DecisionsUnread):
                raise
            except Exception:
                _log.exception("a summary or translation could not be written", extra={"watch": task.hit.watch})
        return asked

    async def _serve(self, task: _Task) -> bool:
        """Write a text. Return whether the model was asked."""
        prepared = await asyncio.to_thread(self._prepared, task)
        if prepared is None:
            return False
        claimed, question = prepared
        answer = await self._endpoint.ask(question)
        if answer.text is not None and question.text.endswith(CUT) and not answer.text.endswith(CUT):
            answer = replace(answer, text=answer.text + CUT)
        await asyncio.to_thread(self._finish, claimed, answer)
        return True

    def _wanted(self) -> list[_Task]:
        now = self._service.now()
        if self._pruned_at is None or is_over(self._pruned_at, _BETWEEN_PRUNES, now):
            self._texts.prune()
            self._pruned_at = now
        watches = active_watches(self._service.webhooks.settings().watches, self._service.database)
        wanting = {name: watch for name, watch in watches.items() if wants_texts(watch)}
        failure = self._state.failure()
        rests = failure is not None and failure.holds(now)
        found: list[_Task] = []
        for name, watch in wanting.items():
            hits = [hit for hit in self._hits.latest(name, limit=_AT_ONCE) if not is_over(hit.found_at, _FRESH, now)]
            known = self._texts.of([hit.id for hit in hits])
            for hit in reversed(hits):
                tasks = (_Task(hit, wish, known.get(hit.id, {}).get(wish)) for wish in wishes_of(watch, hit.language))
                found += (task for task in tasks if self._is_open(task.before, now, rests=rests))
        return found

    def _is_open(self, before: MachineText | None, now: datetime, *, rests: bool) -> bool:
        """Return whether a text is to be tried now. `rests`: whether the endpoint fails, and is left alone."""
        if before is None:
            return True
        if before.state == "asked":  # by a process that ended meanwhile
            return is_over(before.at, self._settings.timeout + timedelta(minutes=1), now)
        if before.state == "spent":
            return not rests and before.at.astimezone(UTC).date() != now.astimezone(UTC).date()
        if before.state == "withheld":  # a take-down may be lifted meanwhile
            return not rests and is_over(before.at, _BETWEEN_TRIES, now)
        if before.state != "failed" or rests or before.tries >= TRIES:
            return False
        return before.tries == 0 or is_over(before.at, _BETWEEN_TRIES, now)

    def _prepared(self, task: _Task) -> tuple[MachineText, Question] | None:
        """Take a text over, and return the question; None if none is asked: then its state says why."""
        after, text = self._decided(task)
        if not self._texts.write(after, task.before) or after.state != "asked":
            return None
        budget = {"requests_a_day": self._settings.requests_a_day, "characters_a_day": self._settings.characters_a_day}
        if not self._state.take(len(text), after.at, **budget):
            self._texts.write(replace(after, state="spent", reason=SPENT, tries=after.tries - 1), after)
            return None
        summarizes = task.wish.kind == "summary"
        return after, (summary_of if summarizes else translation_of)(text, task.wish.language)

    def _decided(self, task: _Task) -> tuple[MachineText, str]:
        """Return the next state of a text, and what is sent for it."""
        now = self._service.now()
        empty = self._empty(task, now)
        if task.before is not None and empty.tries >= TRIES:
            return replace(empty, state="failed", reason=task.before.reason or ENDED), ""
        text, why = self._text_of(task)
        if text is None:
            return replace(empty, state="withheld", reason=why), ""
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        if made := self._texts.made_of(digest, task.wish, empty.model):
            return replace(empty, state="made", digest=digest, text=made), ""
        failure = self._state.failure()
        if failure is not None and failure.holds(now):
            return replace(empty, state="failed", reason=failure.reason), ""
        return replace(empty, state="asked", digest=digest, tries=empty.tries + 1), text

    def _empty(self, task: _Task, now: datetime) -> MachineText:
        return MachineText(
            hit=task.hit.id,
            kind=task.wish.kind,
            language=task.wish.language,
            model=self._settings.model or "",
            digest=None,
            state="asked",
            reason=None,
            text=None,
            at=now,
            tries=task.before.tries if task.before else 0,
        )

    def _text_of(self, task: _Task) -> tuple[str | None, str | None]:
        """Return the text to send, or None and why none is sent: as readers of open collections see the page now."""
        hit = task.hit
        with reading_without(self._service, self._rooms.closed()):
            if not self._hits.between(hit.watch, hit.id - 1, hit.id):
                return None, WITHHELD
            capture = capture_of_record(self._service.database, hit.record_id)
            if capture is None:
                return None, WITHHELD
            text = Texts(self._service.database).of(hit.record_id)
            line = capture, *self._service.index.ancestry(capture)
            if why := ReservedTexts(self._service).why(text, *line):
                return None, RESERVED % {"why": why}
            if task.wish.kind == "translation":
                return self._cut(hit.sentence), None
            change = Changes(self._service.database).of(hit.record_id)
        if change is None or (change.novelty == "changed" and change.before is None):
            return None, REPLACED
        return self._cut(added_text(change.before, change.text)), None

    def _cut(self, text: str) -> str:
        most = self._settings.characters
        return text if len(text) <= most else f"{text[: most - len(CUT)]}{CUT}"

    def _finish(self, claimed: MachineText, answer: Answer) -> None:
        now = self._service.now()
        if answer.text is not None:
            self._state.succeed()
            self._texts.write(replace(claimed, state="made", text=answer.text, at=now), claimed)
            return
        before = self._state.failure()
        after = self._state.fail(answer.problem or "", now, retry_after=answer.retry_after)
        if before is None or before.reason != after.reason:
            _log.error("the language model gives no answers", extra={"reason": after.reason})
        self._texts.write(replace(claimed, state="failed", reason=after.reason, at=now), claimed)
