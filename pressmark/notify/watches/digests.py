"""Tell people what watches find, by mail or Apprise: at once, daily or weekly; nothing twice, and nothing lost."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from archive.values.errors import DatabaseUnusable
from archive.values.wrong_clocks import is_due, is_over
from config.groups.watches import Watch
from pressmark.notify.apprise import send_by_apprise
from pressmark.notify.channels import channels_of
from pressmark.notify.mail import send_mail
from pressmark.notify.notice import NoticeRefused
from pressmark.notify.watches.digest_message import (
    TEST,
    TEST_TITLE,
    Say,
    end_of,
    html_of,
    mail_of,
    text_of,
    title_of,
    told,
)
from pressmark.notify.watches.machine_shapes import settled, wants_texts
from pressmark.notify.watches.subscription_shapes import NotPossible, home_of, is_same
from pressmark.notify.watches.watch_shapes import hits_shown, watches_of
from pressmark.service.access.reading_without import reading_without
from pressmark.service.access.roles import ANYONE, SETTING, Caller
from pressmark.service.access.rooms import ReadingRooms
from pressmark.service.access.unread_decisions import DecisionsUnread
from pressmark.service.service import Service
from scheduler.notices.watch_hits import WatchHits
from scheduler.notices.watch_subscriptions import Subscription, WatchSubscriptions

_log = logging.getLogger(__name__)
_LOOK_EVERY = 5.0
_AT_ONCE = 100
"""Sentences of one message; the next message has the others."""
_CLAIMED = timedelta(minutes=2)
"""How long no other process sends the message of a subscription: longer than a mail server may take."""
_BETWEEN_TESTS = timedelta(seconds=30)
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
Sayer = Callable[[str], Say]
"""Returns what translates into a language."""


class Digests:
    """Sends what is due for all subscriptions. Several processes may do so on one database."""

    def __init__(self, service: Service, sayer: Sayer) -> None:
        self._service = service
        self._sayer = sayer
        self._hits = WatchHits(service.database)
        self._subscriptions = WatchSubscriptions(service.database)
        self._rooms = ReadingRooms(service.settings.rooms, now=service.now)

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            try:
                await asyncio.to_thread(self.send_due)
            except (DatabaseUnusable, DecisionsUnread) as error:  # the database is unreachable, or is replaced, e.g.
                _log.error("messages about watches could not be sent", extra={"reason": str(error)})
            except Exception:
                _log.exception("messages about watches could not be sent")
            await asyncio.sleep(_LOOK_EVERY)

    def send_due(self) -> int:
        """Send what is due, and return the number of messages. One that fails keeps no other back."""
        now = self._service.now()
        due = [one for one in self._subscriptions.all().values() if _is_due(one, now)]
        watches = watches_of(self._service) if due else {}
        for one in due:
            if one.watch not in watches:
                self._fail(one, f"the watch {one.watch} was removed; remove these messages, too")
        return sum(self._serve(one, watches[one.watch]) for one in due if one.watch in watches)

    def test(self, one: Subscription) -> str | None:
        """Send a test to a subscription. Return why it failed; None if its server accepted it.

        Raises NotPossible if one was sent a moment ago.
        """
        now = self._service.now()
        if one.tested_at is not None and not is_over(one.tested_at, _BETWEEN_TESTS, now):
            raise NotPossible("a test was sent less than 30 seconds ago; wait a little")
        self._subscriptions.change(one, tested_at=now)
        say = self._sayer(one.language)
        title, text = say(TEST_TITLE) % {"watch": one.watch}, say(TEST) % {"watch": one.watch} + "\n"
        try:
            self._send(one, title, text, None, number=int(now.timestamp()))
        except (NoticeRefused, NotPossible, OSError) as error:
            return str(error)
        return None

    def _serve(self, one: Subscription, watch: Watch) -> int:
        """Send the messages of a subscription, which is due; return their number. Raises DatabaseUnusable."""
        now, sent = self._service.now(), 0
        until, waits = self._next(one, watch)
        while until is not None:
            claimed = self._subscriptions.change(one, pending=until, claimed_until=now + _CLAIMED)
            if claimed is None:
                return sent  # another process sends it, or a person ended it
            try:
                sent += self._tell(claimed, until)
            except (DatabaseUnusable, DecisionsUnread):
                raise
            except (NoticeRefused, NotPossible, OSError) as error:
                self._fail(claimed, str(error))
                return sent
            except Exception as error:
                _log.exception("a message about a watch could not be written", extra={"watch": one.watch})
                self._fail(claimed, f"{type(error).__name__}: {error}")
                return sent
            done = self._told(claimed, until)
            if done is None:
                return sent
            one = done
            until, waits = self._next(one, watch)
        if one.due_at is not None and not waits:
            self._subscriptions.change(one, due_at=one.schedule.next_after(now))
        return sent

    def _next(self, one: Subscription, watch: Watch) -> tuple[int | None, bool]:
        """Return the last sentence of the next message, and whether more wait for a language model.

        Without the first, nothing is to be told now. A digest waits for all that was found before its time.
        """
        if one.pending is not None and one.pending > one.cursor:
            return one.pending, False
        numbers = self._hits.numbers(one.watch, one.cursor, _AT_ONCE)
        if not numbers or not wants_texts(watch):
            return (numbers[-1] if numbers else None), False
        hits = self._hits.between(one.watch, one.cursor, numbers[-1])
        ready = settled(self._service, watch, hits)
        waiting = hits[len(ready) :]
        if one.due_at is not None and waiting and waiting[0].found_at <= one.due_at:
            return None, True
        return (ready[-1].id if ready else None), False

    def _tell(self, one: Subscription, until: int) -> int:
        """Send one message about the sentences that the person may read; none if there are none."""
        caller = self._caller(one)
        if caller is None or one.channel == "apprise":  # the services of the operator have readers of their own
            closed = self._rooms.closed()
        else:
            closed = self._rooms.closed_to(caller, "")
        with reading_without(self._service, closed):
            hits = hits_shown(self._service, self._hits.between(one.watch, one.cursor, until))
            if not hits:
                return 0
            home = home_of(self._service, one.channel)
            found, say = told(self._service, home, hits), self._sayer(one.language)
        title, end = title_of(one.watch, len(found), say), end_of(home, one)
        html = html_of(found, say, end, one.language, title)
        text = text_of(found, say, end if one.channel == "mail" else None)
        self._send(one, title, text, html, number=until)
        return 1

    def _caller(self, one: Subscription) -> Caller | None:
        """Return who wants to be told, with the present role; None for who is not a person, once there are people.

        Raises NotPossible for who may not read: a person who was removed or whose access has ended, an invalid token.
        """
        kind, _, name = one.by.partition(" ")
        if kind == "person":
            if not is_same(self._service, one):
                raise NotPossible(f"the person {name}, who asked for these messages, was removed")
            if (caller := self._service.access.people.caller(name)) is None:
                raise NotPossible(f"the person {name}, who asked for these messages, has no access at the moment")
            return caller
        if kind == SETTING.kind:
            return SETTING
        if kind == "token" and self._service.access.tokens.caller_named(name) is None:
            raise NotPossible(f"the access token {name}, which asked for these messages, is not valid any more")
        access = self._service.access
        if kind == ANYONE.kind and not (access.people.count() or access.tokens.count()):
            return ANYONE
        if kind == ANYONE.kind and one.channel == "mail":
            raise NotPossible("nobody was logged in who asked for these messages; remove them, log in, and ask again")
        return None

    def _send(self, one: Subscription, title: str, text: str, html: str | None, *, number: int) -> None:
        """Send a message. Raises NoticeRefused, NotPossible, OSError."""
        notify, home = channels_of(self._service).notify, home_of(self._service, one.channel)
        if one.channel == "apprise":
            send_by_apprise(notify, f"Pressmark: {title}", text)
            return
        send_mail(notify.mail, mail_of(notify.mail, home, one, title=title, text=text, html=html, number=number))

    def _told(self, one: Subscription, until: int) -> Subscription | None:
        facts = {"failing": None, "failing_since": None, "tries": 0, "next_try": None, "claimed_until": None}
        return self._subscriptions.change(one, cursor=until, pending=None, told_at=self._service.now(), **facts)

    def _fail(self, one: Subscription, reason: str) -> None:
        now = self._service.now()
        if one.failing != reason:
            _log.error("a message about a watch could not be sent", extra={"watch": one.watch, "reason": reason})
        pause = min(_FIRST_PAUSE * 2 ** min(one.tries, 10), _LONGEST_PAUSE)
        self._subscriptions.change(
            one,
            failing=reason,
            failing_since=one.failing_since or now,
            tries=one.tries + 1,
            next_try=now + pause,
            claimed_until=None,
        )


def _is_due(one: Subscription, now: datetime) -> bool:
    if one.next_try is not None and not is_due(one.next_try, now, _LONGEST_PAUSE):
        return False
    if one.claimed_until is not None and not is_due(one.claimed_until, now, _CLAIMED):
        return False
    return one.pending is not None or one.due_at is None or is_due(one.due_at, now, one.schedule.longest)
