"""Send the messages for webhooks: at once, and after failures less and less often, until they are accepted."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

from archive.database.marks import Marks
from archive.values.counters import Figures
from archive.values.errors import DatabaseUnusable
from archive.values.wrong_clocks import is_ahead, is_over
from config.groups.webhooks import Webhook
from pressmark.discover.drafted_source import user_agent
from pressmark.notify.http_post import SECONDS, Poster, PostResult
from pressmark.notify.webhooks.machine_fields import completed
from pressmark.notify.webhooks.message import body_of, written
from pressmark.notify.webhooks.signing import signed
from pressmark.service.access.rooms import ReadingRooms
from pressmark.service.access.unread_decisions import DecisionsUnread
from pressmark.service.service import Service
from scheduler.notices.open_events import Hidden
from scheduler.notices.outbox import Message, Outbox, Subscription

_log = logging.getLogger(__name__)

_LOOK_EVERY = 2.0
_PRUNE_EVERY = timedelta(hours=1)
_NOTE_EVERY = timedelta(minutes=1)
_LOOKED_AT = "looked-at"
PAUSES: tuple[timedelta, ...] = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""Pauses before each further attempt; those of Standard Webhooks."""
JITTER = 0.2
"""Each pause varies by up to this share, so that not all attempts coincide."""
_HELD = timedelta(hours=1)
"""How long a message waits, each time, while its page is taken down. `Outbox.hold` ends that."""
_LOOKS_AGAIN = timedelta(seconds=5)
"""After how long a message that waits for a language model is looked at again."""
_LONGEST_ASKED_FOR = timedelta(days=1)


class Dispatch:
    """Follows the events for all webhooks of the current settings."""

    def __init__(self, service: Service, *, pauses: Sequence[timedelta] = PAUSES, seconds: float | None = None) -> None:
        self._outbox = Outbox(service.database)
        self._hooks = service.webhooks
        self._sender = partial(
            Sender, user_agent=user_agent(service.settings), seconds=seconds or SECONDS, figures=service.figures
        )
        self._body_of = partial(body_of, home=service.settings.public_url or "")
        self._complete = partial(completed, service)
        self._now = service.now
        self._rooms = ReadingRooms(service.settings.rooms, now=service.now)
        self._open_sources = service.open_sources
        self._take_downs = service.take_downs
        self._pauses = pauses
        self._pruned_at: datetime | None = None
        self._marks = Marks(service.database, "webhooks:")
        self._looked_at: datetime | None = None
        """When it last looked what is due."""
        self._noted_at: datetime | None = None
        """When it last noted that time for the next process."""

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            try:
                await self.once()
            except (DatabaseUnusable, DecisionsUnread) as error:  # the database is unreachable, or is replaced, e.g.
                _log.error("webhooks could not be delivered", extra={"reason": str(error)})
            except Exception:
                _log.exception("webhooks could not be delivered")
            await asyncio.sleep(_LOOK_EVERY)

    async def once(self) -> None:
        """Send what is due. No webhook waits for another."""
        webhooks = await asyncio.to_thread(self._hooks.current)
        if webhooks:
            await asyncio.to_thread(self._heed_clock, self._now())
        ended = await asyncio.gather(*map(self._send_due, webhooks, webhooks.values()), return_exceptions=True)
        now = self._now()
        if self._pruned_at is None or is_over(self._pruned_at, _PRUNE_EVERY, now):
            await asyncio.to_thread(self._outbox.prune, now)
            self._pruned_at = now
        for error in ended:
            if error is not None:
                raise error

    def _heed_clock(self, now: datetime) -> None:
        """End all waits if the clock was set back since the last look, which may have been that of another process."""
        last = self._looked_at or self._noted()
        if last is not None and is_ahead(last, now):
            self._outbox.make_due(now)
        self._looked_at = now
        if self._noted_at is None or is_over(self._noted_at, _NOTE_EVERY, now):
            self._marks.set(_LOOKED_AT, now.isoformat())
            self._noted_at = now

    def _noted(self) -> datetime | None:
        noted = self._marks.get(_LOOKED_AT)
        return datetime.fromisoformat(noted) if noted else None

    async def _send_due(self, name: str, webhook: Webhook) -> None:
        wanted = Subscription(name, webhook.events, webhook.sources, webhook.watches)
        await asyncio.to_thread(self._follow, wanted, frozenset(webhook.rooms))
        sender = self._sender(webhook)
        for message in await asyncio.to_thread(self._due, name):
            if (body := await asyncio.to_thread(self._body, message)) is None:
                continue
            answered = await sender.send(message.message, body, self._now())
            await asyncio.to_thread(self._note_result, message, answered)
            if not answered.accepted:
                return  # a receiver that refuses one message is not offered the next immediately

    def _follow(self, wanted: Subscription, rooms: frozenset[str]) -> None:
        """Make messages of new events, without those of collections closed to the webhook."""
        closed = self._rooms.closed() - rooms
        self._outbox.follow(wanted, self._body_of, self._now(), self._hidden(closed))

    def _due(self, name: str) -> list[Message]:
        """Return what is to be sent now. What was taken down since is looked at again later."""
        now = self._now()
        with self._take_downs.hidden():
            due = self._outbox.due(name, now)
            withheld = self._outbox.withheld(due)
        for message in withheld:
            self._outbox.hold(message, now, now + _HELD)
        return [message for message in due if message not in withheld]

    def _body(self, message: Message) -> str | None:
        """Return what is sent; None for a message that waits for a language model. Every attempt sends the same."""
        body = self._complete(message)
        if body is None:
            self._outbox.wait(message, self._now() + _LOOKS_AGAIN)
        elif body != message.body:
            self._outbox.rewrite(message, body)
        return body

    def _hidden(self, closed: frozenset[str]) -> Hidden:
        if not closed:
            return Hidden()
        known, open_sources = self._open_sources(frozenset()), self._open_sources(closed)
        return Hidden(closed, known - open_sources, open_sources)

    def _note_result(self, message: Message, answered: PostResult) -> None:
        now = self._now()
        if answered.accepted:
            self._outbox.delivered(message, now, answered.sentence)
            return
        facts = {"webhook": message.webhook, "webhook_id": message.message, "reason": answered.sentence}
        if answered.gone:
            _log.error("a webhook returned 410 Gone and is disabled", extra=facts)
            self._outbox.put_off(message, now, answered.sentence)
            self._outbox.disable(message.webhook, now, answered.sentence)
        elif message.attempts >= len(self._pauses):
            _log.error("a webhook message was abandoned", extra=facts)
            self._outbox.give_up(message, now, answered.sentence)
        else:
            _log.warning("a webhook message will be retried", extra=facts)
            self._outbox.put_off(message, now + self._pause(message, answered), answered.sentence)

    def _pause(self, message: Message, answered: PostResult) -> timedelta:
        pause = self._pauses[message.attempts] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - no secret
        asked = (answered.retry_after or "").strip()
        if asked.isascii() and asked.isdecimal() and len(asked) < 7:
            pause = max(pause, min(timedelta(seconds=int(asked)), _LONGEST_ASKED_FOR))
        return pause


class Sender:
    """Signs messages to one webhook, and sends each once."""

    def __init__(
        self, webhook: Webhook, *, user_agent: str, seconds: float = SECONDS, figures: Figures | None = None
    ) -> None:
        assert webhook.url and webhook.secret, "the settings see to it"
        self._url = webhook.url.get_secret_value()
        self._secret = webhook.secret.get_secret_value()
        self._poster = Poster(user_agent, allow=webhook.addresses, figures=figures, seconds=seconds)

    async def send(self, message: str, body: str, at: datetime) -> PostResult:
        """Make one attempt, signed with its time."""
        return await self._poster.post(self._url, signed(self._secret, message, at, body), body.encode())

    async def test(self, name: str, at: datetime) -> PostResult:
        """Send a test message to a webhook."""
        return await self.send(f"msg_{uuid4().hex}", written("webhook.test", at, {"webhook": name}), at)
