"""Messages for webhooks, kept until they are delivered.

An event is written in the transaction of the change that it reports, so nothing is lost before it is in the table of
events. Each webhook has a cursor in that table; the transaction that moves the cursor also writes the message. A
message waits, through any crash, until its receiver accepts it. It may therefore be sent twice, always under the same
id.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import uuid4

from sqlalchemy import Connection, Select, case, delete, func, insert, select, update

from archive.database.closed_collections import OF_PAGES, TakenDown, hiding, taken_down
from archive.database.engine import Database
from archive.database.schema import events, messages, texts, webhooks
from archive.database.writers import retried
from archive.values.wrong_clocks import is_due
from scheduler.events import Event, newest, of_row
from scheduler.notices.open_events import Hidden, open_events
from scheduler.notices.watch_hits import MATCHED

State = Literal["waiting", "delivered", "given-up", "withheld"]

NOTHING = Hidden()
_AT_ONCE = 500
"""Events that are processed in one transaction."""
LONGEST_WAIT = timedelta(hours=29)
"""The longest time for which a message may be put off: a day, and a fifth more by chance."""
KEPT = timedelta(days=7)
"""How long messages that no longer wait are kept, and how long one is held at most while its page is taken down."""


@dataclass(frozen=True, slots=True)
class Message:
    """One event, for one webhook."""

    id: int
    webhook: str
    event: int
    message: str
    """Its webhook-id header."""
    kind: str
    body: str
    state: State
    attempts: int
    """The number of failed attempts."""
    next_at: datetime
    noted_at: datetime
    ended_at: datetime | None
    """When it ended; of one that waits, since when its page is taken down."""
    answer: str | None


@dataclass(frozen=True, slots=True)
class WebhookState:
    """The state of a webhook."""

    disabled_at: datetime | None
    reason: str | None
    waiting: int
    delivered: int
    given_up: int
    delivered_at: datetime | None
    """When it last accepted a message; None when that is longer ago than messages are kept."""
    answer: str | None
    """The result of the last attempt with the newest message."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """Which events a webhook wants."""

    name: str
    kinds: Collection[str]
    sources: Collection[str] = ()
    """None means all."""
    watches: Collection[str] = ()
    """The watches of which it wants events; none means all."""


class Outbox:
    def __init__(self, database: Database) -> None:
        self._database = database

    def follow(
        self, wanted: Subscription, body_of: Callable[[Event], str], now: datetime, hidden: Hidden = NOTHING
    ) -> int:
        """Make messages of the events since the last call, but those that are `hidden`, and return their number.

        Of what is taken down, too: the message waits (see `withheld`) until that is lifted, at most for `KEPT`. A new
        webhook gets events from now on. A disabled one gets no messages; it continues from there when it is enabled.
        """
        made = 0
        while (cursor := self._cursor_of(wanted.name)) is not None:
            last, told = self._since(cursor, wanted, hidden)
            if last == cursor:
                return made
            values = [_values(wanted.name, event, body_of(event), now) for event in told]
            made += self._add(wanted.name, cursor, last, values)
        return made

    def _cursor_of(self, name: str) -> int | None:
        """Return the last event that was processed for a webhook; None for a disabled one."""
        with self._database.reading() as connection:
            row = connection.execute(_state_of(name)).one_or_none()
        if row is not None:
            return None if row.disabled_at else int(row.cursor)
        with self._database.writing() as connection:
            return _cursor(connection, name)

    def _since(self, cursor: int, wanted: Subscription, hidden: Hidden) -> tuple[int, list[Event]]:
        """Return the number of the last event of a batch after `cursor`, and those of the batch that are to be sent.

        Nobody waits meanwhile: what is closed is looked up in the captures of many runs.
        """
        query = select(events).where(events.c.id > cursor).order_by(events.c.id).limit(_AT_ONCE)
        with hiding(TakenDown()), self._database.reading() as connection:
            rows = connection.execute(query).all()
            told = open_events(connection, [row for row in rows if _is_wanted(row, wanted)], hidden)
        return rows[-1].id if rows else cursor, [of_row(row) for row in told]

    @retried
    def _add(self, name: str, cursor: int, last: int, values: list[dict[str, Any]]) -> int:
        """Add messages and move the cursor, unless it was moved or the webhook disabled; return how many were added."""
        unmoved = (webhooks.c.name == name, webhooks.c.cursor == cursor, webhooks.c.disabled_at.is_(None))
        with self._database.beside(f"webhook {name}") as connection:
            if not connection.execute(update(webhooks).where(*unmoved).values(cursor=last)).rowcount:
                return 0
            if values:
                connection.execute(insert(messages), values)
        return len(values)

    def due(self, webhook: str, now: datetime, limit: int = 20) -> list[Message]:
        """Return what is to be sent now, oldest first.

        A message that was put off while the clock was ahead waits no longer than `LONGEST_WAIT`.
        """
        query = (
            select(messages)
            .join(webhooks, webhooks.c.name == messages.c.webhook)
            .where(messages.c.webhook == webhook, messages.c.state == "waiting")
            .where(is_due(messages.c.next_at, now, LONGEST_WAIT), webhooks.c.disabled_at.is_(None))
            .order_by(messages.c.id)
            .limit(limit)
        )
        return self._messages(query)

    def withheld(self, due: Iterable[Message]) -> list[Message]:
        """Return those of some messages that are of what is taken down in this context.

        The record of a page decides, as its event may have been deleted. If its text is gone, too, the message is held.
        """
        if not taken_down():
            return []
        records = {message: _record_of(message) for message in due if message.kind in OF_PAGES}
        if not records:
            return []
        query = select(texts.c.record_id).where(texts.c.record_id.in_(set(records.values())))
        with self._database.reading() as connection:
            shown = set(connection.scalars(query))
        return [message for message, record in records.items() if record not in shown]

    def hold(self, message: Message, now: datetime, until: datetime) -> None:
        """Have a message wait: no attempt was made. One that was held for `KEPT` ends, and is never sent."""
        since = message.ended_at or now
        if now - since > KEPT:
            self._write(message, state="withheld", ended_at=now)
        else:
            self._write(message, next_at=until, ended_at=since)

    def latest(self, webhook: str, limit: int = 20) -> list[Message]:
        """Return the newest messages, whatever their state."""
        query = select(messages).where(messages.c.webhook == webhook).order_by(messages.c.id.desc()).limit(limit)
        return self._messages(query)

    def delivered(self, message: Message, now: datetime, answer: str) -> None:
        self._write(message, state="delivered", ended_at=now, answer=answer)

    def put_off(self, message: Message, until: datetime, answer: str) -> None:
        """Note that sending failed, and when to send again."""
        self._write(message, attempts=message.attempts + 1, next_at=until, ended_at=None, answer=answer)

    def wait(self, message: Message, until: datetime) -> None:
        """Have a message wait for what it is to say: no attempt was made."""
        self._write(message, next_at=until)

    def rewrite(self, message: Message, body: str) -> None:
        """Replace the body of a message that was not sent yet."""
        self._write(message, body=body)

    def make_due(self, now: datetime) -> None:
        """End the wait of all messages: the clock was set back, so their times are too late."""
        with self._database.writing() as connection:
            waiting = (messages.c.state == "waiting", messages.c.next_at > now)
            connection.execute(update(messages).where(*waiting).values(next_at=now))

    def give_up(self, message: Message, now: datetime, answer: str) -> None:
        self._write(message, attempts=message.attempts + 1, state="given-up", ended_at=now, answer=answer)

    def disable(self, webhook: str, now: datetime, reason: str) -> None:
        """Send this webhook nothing more, until it is enabled."""
        with self._database.writing() as connection:
            _cursor(connection, webhook)
            where = webhooks.c.name == webhook
            connection.execute(update(webhooks).where(where).values(disabled_at=now, reason=reason))

    def enable(self, webhook: str, now: datetime) -> None:
        """Enable a webhook: what waits and what was given up is sent now, then the events since."""
        given_up = {"state": "waiting", "attempts": 0, "next_at": now, "ended_at": None}
        with self._database.writing() as connection:
            where = webhooks.c.name == webhook
            connection.execute(update(webhooks).where(where).values(disabled_at=None, reason=None))
            waits = (messages.c.webhook == webhook, messages.c.state.in_(("waiting", "given-up")))
            connection.execute(update(messages).where(*waits).values(**given_up))

    def standing(self, webhook: str) -> WebhookState:
        states = (
            func.sum(case((messages.c.state == state, 1), else_=0)) for state in ("waiting", "delivered", "given-up")
        )
        of_it = messages.c.webhook == webhook
        taken = select(func.max(messages.c.ended_at)).where(of_it, messages.c.state == "delivered")
        sent = select(messages.c.answer).where(of_it, messages.c.answer.is_not(None))
        with self._database.reading() as connection:
            row = connection.execute(_state_of(webhook)).one_or_none()
            counts = connection.execute(select(*states).where(of_it)).one()
            delivered_at = connection.execute(taken).scalar_one()
            answer = connection.execute(sent.order_by(messages.c.id.desc()).limit(1)).scalar_one_or_none()
        disabled_at, reason = (row.disabled_at, row.reason) if row else (None, None)
        waiting, delivered, given_up = (int(count or 0) for count in counts)
        return WebhookState(disabled_at, reason, waiting, delivered, given_up, delivered_at, answer)

    def prune(self, now: datetime) -> int:
        """Delete messages that ended long ago, and return their number."""
        over = (messages.c.state != "waiting", messages.c.ended_at < now - KEPT)
        with self._database.writing() as connection:
            return int(connection.execute(delete(messages).where(*over)).rowcount)

    def _messages(self, query: Any) -> list[Message]:
        with self._database.reading() as connection:
            rows = [row._asdict() for row in connection.execute(query)]
        return [Message(**{name: row[name] for name in Message.__slots__}) for row in rows]

    @retried
    def _write(self, message: Message, **values: Any) -> None:
        with self._database.beside() as connection:
            connection.execute(update(messages).where(messages.c.id == message.id).values(**values))


def _state_of(name: str) -> Select[Any]:
    return select(webhooks).where(webhooks.c.name == name)


def _cursor(connection: Connection, name: str) -> int | None:
    """Return the last event that was processed for a webhook; None for a disabled one."""
    row = connection.execute(_state_of(name)).one_or_none()
    if row is not None:
        return None if row.disabled_at else int(row.cursor)
    cursor = newest(connection)
    connection.execute(insert(webhooks).values(name=name, cursor=cursor))
    return cursor


def begin(connection: Connection, webhook: str, *, fresh: bool) -> None:
    """Set the place of a webhook among the events to the newest one, unless it has a place.

    With `fresh`, delete its place and the messages of that name first.
    """
    if fresh:
        connection.execute(delete(messages).where(messages.c.webhook == webhook))
        connection.execute(delete(webhooks).where(webhooks.c.name == webhook))
    _cursor(connection, webhook)


def _record_of(message: Message) -> str:
    return str(json.loads(message.body)["data"].get("record_id"))


def _is_wanted(row: Any, wanted: Subscription) -> bool:
    if row.kind not in wanted.kinds or (wanted.sources and row.source not in wanted.sources):
        return False
    return row.kind != MATCHED or not wanted.watches or json.loads(row.facts)["watch"] in wanted.watches


def _values(webhook: str, event: Event, body: str, now: datetime) -> dict[str, Any]:
    known = {"webhook": webhook, "event": event.id, "message": f"msg_{uuid4().hex}", "kind": event.kind, "body": body}
    return {**known, "state": "waiting", "attempts": 0, "next_at": now, "noted_at": now}
