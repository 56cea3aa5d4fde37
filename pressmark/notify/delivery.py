"""Delivers the alarms of sources, each change once by each notifier."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from archive.values.errors import DatabaseUnusable
from pressmark.notify import notifiers_of
from pressmark.notify.channels import channels_of
from pressmark.notify.notice import Notice, NoticeRefused, Notifier, attempt
from pressmark.service.access.source_facts import in_text
from pressmark.service.service import Service
from scheduler.notices.alarms import Alarm, Alarms

_log = logging.getLogger(__name__)
_LOOK_EVERY = 5.0
"""Seconds between two looks for notices."""
_LONGEST_PAUSE = 600.0
"""Maximum seconds between two attempts to send a notice."""
LOG = "log"
"""The notifier that is always there."""


class Delivery:
    """Notifies people by the configured notifiers, and by the log in any case."""

    def __init__(self, service: Service) -> None:
        self._alarms = Alarms(service.database)
        self._service = service

    def deliver(self) -> bool:
        """Deliver new alarms. Return False when a notifier failed: its alarms wait for the next call."""
        self.log()
        channels = channels_of(self._service)
        notifiers = notifiers_of(channels.notify) | {name: _failing(why) for name, why in channels.problems.items()}
        failed = [name for name, send in notifiers.items() if not self._send(name, _passing(send))]
        return not failed

    def log(self) -> None:
        """Write new alarms into the log."""
        self._alarms.send_pending(LOG, _write)

    async def run(self) -> None:
        """Deliver until cancelled; while a notifier fails, less and less often."""
        pause = _LOOK_EVERY
        while True:
            await asyncio.sleep(pause)
            try:
                done = await asyncio.to_thread(self.deliver)
            except DatabaseUnusable as error:  # the database is unreachable, or is replaced at the moment
                _log.error("alarms could not be sent", extra={"reason": str(error)})
                done = False
            except Exception:
                _log.exception("alarms could not be sent")
                done = False
            pause = _LOOK_EVERY if done else min(pause * 2, _LONGEST_PAUSE)

    def _send(self, name: str, send: Callable[[Alarm], None]) -> bool:
        try:
            self._alarms.send_pending(name, send)
        except (NoticeRefused, OSError) as error:
            _log.error("a notification could not be sent", extra={"notifier": name, "reason": str(error)})
            return False
        return True


def _passing(send: Notifier) -> Callable[[Alarm], None]:
    return lambda alarm: attempt(lambda: send(_notice(alarm)))


def _failing(why: str) -> Notifier:
    """Return the notifier of a channel by which nothing can be sent: its alarms wait."""

    def refuse(_: Notice) -> None:
        raise NoticeRefused(why)

    return refuse


def _notice(alarm: Alarm) -> Notice:
    return Notice(alarm.source, alarm.state, alarm.since, in_text(alarm.reason), alarm.run)


def _write(alarm: Alarm) -> None:
    facts = {"source": alarm.source, "since": alarm.since, "reason": in_text(alarm.reason), "run": alarm.run}
    if alarm.state == "blocked":
        _log.warning("a source became blocked", extra=facts)
    else:
        _log.info("a source is no longer blocked", extra=facts)
