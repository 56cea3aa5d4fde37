"""How much a language model was asked today, and since when its endpoint fails: shared by all processes."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from archive.database.engine import Database
from archive.database.marks import Marks
from archive.values.wrong_clocks import is_due

_TODAY, _FAILURE, _SPENT = "today", "failure", "spent"
_FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Used:
    """What was sent on a day."""

    day: str
    """The date in UTC: ``2026-11-29``."""
    requests: int = 0
    characters: int = 0


@dataclass(frozen=True, slots=True)
class EndpointFailure:
    """Why the endpoint gives no answers, and until when it is not asked again."""

    reason: str
    since: datetime
    until: datetime
    count: int
    """Failures in a row."""

    def holds(self, now: datetime) -> bool:
        """Return whether the endpoint is left alone now."""
        return not is_due(self.until, now, LONGEST_PAUSE)


class AssistantState:
    """The state in a database. Methods raise DatabaseUnusable."""

    def __init__(self, database: Database) -> None:
        self._marks = Marks(database, "assistant/")

    def used(self, now: datetime) -> Used:
        """Return what was sent today."""
        return _used(self._marks.get(_TODAY), now)

    def take(self, characters: int, now: datetime, *, requests_a_day: int, characters_a_day: int) -> bool:
        """Take a request with so many characters from the budget of the day. Return False if it is used up.

        It is taken before the request is sent, so that no crash makes room for another one.
        """
        while True:
            text = self._marks.get(_TODAY)
            before = _used(text, now)
            after = replace(before, requests=before.requests + 1, characters=before.characters + characters)
            if after.requests > requests_a_day or after.characters > characters_a_day:
                self._marks.set(_SPENT, after.day)
                return False
            written = json.dumps([after.day, after.requests, after.characters])
            if text is None:
                if self._marks.put(_TODAY, written) == written:
                    return True
            elif self._marks.replace(_TODAY, text, written):
                return True

    def is_spent(self, now: datetime) -> bool:
        """Return whether a request did not fit into the budget of today."""
        return self._marks.get(_SPENT) == _used(None, now).day

    def failure(self) -> EndpointFailure | None:
        """Return why the endpoint fails; None if its last answer was good."""
        text = self._marks.get(_FAILURE)
        return None if text is None else _failure(text)

    def fail(self, reason: str, now: datetime, *, retry_after: timedelta = timedelta(0)) -> EndpointFailure:
        """Note a failure: the endpoint is asked again after a pause, which grows from failure to failure."""
        before = self.failure()
        count = before.count + 1 if before else 1
        pause = min(max(_FIRST_PAUSE * 2 ** min(count - 1, 10), retry_after), LONGEST_PAUSE)
        after = EndpointFailure(reason, before.since if before else now, now + pause, count)
        facts = [after.reason, after.since.isoformat(), after.until.isoformat(), after.count]
        self._marks.set(_FAILURE, json.dumps(facts, ensure_ascii=False))
        return after

    def succeed(self) -> None:
        """Note a good answer."""
        self._marks.delete(_FAILURE)


def _used(text: str | None, now: datetime) -> Used:
    today = now.astimezone(UTC).date().isoformat()
    try:
        day, requests, characters = json.loads(text or "[]")
    except (ValueError, TypeError):
        return Used(today)
    return Used(today, int(requests), int(characters)) if day == today else Used(today)


def _failure(text: str) -> EndpointFailure | None:
    try:
        reason, since, until, count = json.loads(text)
        return EndpointFailure(reason, datetime.fromisoformat(since), datetime.fromisoformat(until), int(count))
    except (ValueError, TypeError):
        return None
