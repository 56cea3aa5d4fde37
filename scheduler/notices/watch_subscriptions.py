"""Who gets messages about what a watch finds: by mail or Apprise, at once or as a digest; and what was sent already."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal
from uuid import uuid4
from zoneinfo import ZoneInfo

from archive.database.engine import Database
from archive.database.marks import Marks

Channel = Literal["mail", "apprise"]
Rhythm = Literal["once", "daily", "weekly"]
"""``once``: at once, as soon as something is found; otherwise one message a day or a week."""
_TIMES = ("created_at", "due_at", "claimed_until", "failing_since", "next_try", "told_at", "tested_at")


@dataclass(frozen=True, slots=True)
class Schedule:
    """When messages are sent."""

    rhythm: Rhythm
    hour: int = 8
    """Of a digest, in the time zone."""
    weekday: int = 0
    """Of a weekly digest: 0 is Monday."""
    zone: str = "UTC"

    @property
    def longest(self) -> timedelta:
        """The longest wait for a digest: a clock that is set may add two hours to its day or week."""
        return timedelta(days=7 if self.rhythm == "weekly" else 1, hours=2)

    def next_after(self, now: datetime) -> datetime | None:
        """Return the next time of a digest after `now`; None for messages at once.

        An hour that the clock leaves out counts as the one after it, and one that comes twice as its first.
        """
        if self.rhythm == "once":
            return None
        zone = ZoneInfo(self.zone)
        day = now.astimezone(zone).date()
        for later in range(9):
            at = self._on(day + timedelta(days=later), zone)
            if at > now and (self.rhythm == "daily" or at.astimezone(zone).weekday() == self.weekday):
                return at
        raise AssertionError("a week has each of its days")

    def _on(self, day: date, zone: ZoneInfo) -> datetime:
        return datetime(day.year, day.month, day.day, self.hour, tzinfo=zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Subscription:
    """A wish to be told of what a watch finds, and how far it is fulfilled."""

    id: str
    watch: str
    channel: Channel
    address: str
    """The mail address; empty for Apprise, whose services the settings name."""
    schedule: Schedule
    language: str
    by: str
    """Who wants it, as the audit trail names callers: ``person ada``. What that person may not read is left out."""
    token: str
    """A person who has it can end the subscription without a login."""
    created_at: datetime
    cursor: int
    """The number of the last sentence that was sent, or left out."""
    due_at: datetime | None = None
    """When the next digest is sent."""
    pending: int | None = None
    """The last sentence of the message that is being sent. After a failure, the same one is sent again."""
    claimed_until: datetime | None = None
    """Until when only the process that sends it may do so."""
    told_at: datetime | None = None
    tested_at: datetime | None = None
    failing: str | None = None
    """Why the last attempt failed; None if it succeeded."""
    failing_since: datetime | None = None
    tries: int = 0
    next_try: datetime | None = None
    text: str = field(default="", compare=False)
    """The text that was read from the database."""


class WatchSubscriptions:
    """The subscriptions in a database. Methods raise DatabaseUnusable."""

    def __init__(self, database: Database) -> None:
        self._marks = Marks(database, "watch-subscription/")

    def all(self) -> dict[str, Subscription]:
        """Return the subscriptions by id. One that this version can't read is left out."""
        found = (_read(text) for text in self._marks.all().values())
        return {one.id: one for one in sorted(filter(None, found), key=lambda one: (one.created_at, one.id))}

    def of_watch(self, watch: str) -> list[Subscription]:
        return [one for one in self.all().values() if one.watch == watch]

    def get(self, id_: str) -> Subscription | None:
        text = self._marks.get(id_)
        return None if text is None else _read(text)

    def by_token(self, token: str) -> Subscription | None:
        """Return the subscription of a token; None if it is unknown."""
        given = token.encode("utf-8", "surrogatepass")
        return next((one for one in self.all().values() if secrets.compare_digest(one.token.encode(), given)), None)

    def add(
        self,
        watch: str,
        channel: Channel,
        address: str,
        schedule: Schedule,
        *,
        language: str,
        by: str,
        cursor: int,
        now: datetime,
    ) -> Subscription:
        """Write a new subscription, which gets what is found after `cursor`."""
        made = Subscription(
            id=uuid4().hex,
            watch=watch,
            channel=channel,
            address=address,
            schedule=schedule,
            language=language,
            by=by,
            token=secrets.token_urlsafe(24),
            created_at=now,
            cursor=cursor,
            due_at=schedule.next_after(now),
        )
        self._marks.set(made.id, _written(made))
        return made

    def change(self, before: Subscription, **facts: Any) -> Subscription | None:
        """Change facts of a subscription that was read; None if another process changed or removed it since."""
        after = replace(before, **facts)
        text = _written(after)
        if not self._marks.replace(before.id, before.text, text):
            return None
        return replace(after, text=text)

    def remove(self, id_: str) -> None:
        self._marks.delete(id_)


def _written(one: Subscription) -> str:
    facts = {name: value for name, value in asdict(one).items() if name != "text"}
    for name in _TIMES:
        facts[name] = facts[name] and facts[name].isoformat()
    return json.dumps(facts, ensure_ascii=False)


def _read(text: str) -> Subscription | None:
    try:
        facts: Mapping[str, Any] = json.loads(text)
        times = {name: facts[name] and datetime.fromisoformat(facts[name]) for name in _TIMES}
        return Subscription(**{**facts, **times, "schedule": Schedule(**facts["schedule"])}, text=text)
    except (ValueError, KeyError, TypeError):
        return None
