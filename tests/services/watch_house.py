"""A service with a watch, its mail server and a clock that tests set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.message import Message
from pathlib import Path
from typing import Any

from services.mail_server import Letters
from specimens.versions import Version, keep

from config.settings import Settings
from pressmark.http.catalog import translator
from pressmark.notify.watches.digests import Digests
from pressmark.notify.watches.following import Following
from pressmark.notify.watches.subscription_shapes import subscribe
from pressmark.service.access.roles import ANYONE, Caller
from pressmark.service.service import Service
from pressmark.upkeep.conditions import conditions
from scheduler.notices.watch_subscriptions import Schedule

HOME = "https://archive.example"
FORM = "application/x-www-form-urlencoded"
FIRST = "The Ministry of Science said no."
SECOND = f"{FIRST} Then the Ministry of Science said “yes” & <more>."
ONCE = Schedule("once")


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.at = datetime(2026, 2, 2, 6, 30, tzinfo=UTC)  # a Monday

    def __call__(self) -> datetime:
        return self.at

    def later(self, **spans: int) -> None:
        self.at += timedelta(**spans)


class House:
    """A service with a watch, its mail server, and a clock."""

    def __init__(self, service: Service, clock: Clock, letters: Letters, warcs: Path) -> None:
        self.service, self.clock, self.letters, self.warcs = service, clock, letters, warcs
        self._minute = 0

    def archive(self, text: str, **facts: Any) -> None:
        """Archive another version of a page, and let the watch read it."""
        self._minute += 1
        keep(self.service, self.warcs, Version(text, minute=self._minute, **facts))
        Following(self.service).follow()

    def send(self) -> int:
        return Digests(self.service, translator).send_due()

    def subscribe(
        self, schedule: Schedule = ONCE, by: Caller = ANYONE, language: str = "en", to: str = "a@x.org"
    ) -> str:
        asked = {"channel": "mail", "address": to, "schedule": schedule, "language": language, "by": by}
        return subscribe(self.service, "ministry", **asked).id  # type: ignore[arg-type]

    @property
    def states(self) -> list[str]:
        return [found.state for found in conditions(self.service) if found.state and found.state.startswith("watch")]


def settings_of(home: Path, port: int, **facts: Any) -> Settings:
    mail = {"server": "127.0.0.1", "port": port, "tls": "none", "sender": "p@example.org", "to": "op@x.org"}
    watches = {"ministry": {"phrases": ["Ministry of Science"]}}
    known = {"home": home, "public_url": HOME, "watches": watches, "notify": {"mail": mail}, "spool": {"ballast": 0}}
    return Settings.model_validate(known | facts)


def parts(letter: Message) -> tuple[str, str]:
    plain, html = (part.get_payload(decode=True) for part in letter.get_payload())  # type: ignore[union-attr]
    assert isinstance(plain, bytes) and isinstance(html, bytes)
    return plain.decode().replace("\r\n", "\n"), html.decode()
