"""Leave to look: the origin of replay has no log-in, so an address there begins with one that only we can write."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from config.names import EVERYTHING

LASTS = timedelta(hours=12)
_SIGNATURE = 43


@dataclass(frozen=True, slots=True)
class Grant:
    """For whom we wrote an address."""

    home: str
    """The origin of our own pages, as the browser calls them: who may frame what is shown."""
    until: datetime
    place: str = EVERYTHING
    """The collection that it is in, by the name that programs call it."""


class Grants:
    """Writes grants and reads them. No state: a signature under the token, or under what this process made up."""

    def __init__(self, token: str | None, *, now: Callable[[], datetime]) -> None:
        secret = token.encode() if token else secrets.token_bytes(32)
        self._key = hmac.digest(secret, b"pressmark replay", hashlib.sha256)
        self._now = now

    def write(self, home: str, place: str = EVERYTHING) -> str:
        """One segment of a path, good for half a day."""
        facts = f"{int((self._now() + LASTS).timestamp())} {place} {home}".encode()
        return self._signature(facts) + urlsafe_b64encode(facts).decode().rstrip("=")

    def read(self, segment: str) -> Grant | None:
        """None for what we did not write, and for what is no longer good."""
        signature, written = segment[:_SIGNATURE], segment[_SIGNATURE:]
        try:
            facts = urlsafe_b64decode(written.encode("ascii") + b"=" * (-len(written) % 4))
        except ValueError:
            return None
        if not hmac.compare_digest(signature.encode(), self._signature(facts).encode()):
            return None
        seconds, place, home = facts.decode().split(" ", 2)
        grant = Grant(home, datetime.fromtimestamp(int(seconds), self._now().tzinfo), place)
        return grant if grant.until > self._now() else None

    def _signature(self, facts: bytes) -> str:
        return urlsafe_b64encode(hmac.digest(self._key, facts, hashlib.sha256)).decode().rstrip("=")
