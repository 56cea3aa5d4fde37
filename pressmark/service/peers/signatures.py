"""Signatures of requests between the machines of one database: who can read its key may read all of it anyway."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from archive.database.engine import Database
from archive.database.marks import Marks

HEADER = "Pressmark-Signature"
"""The time in whole seconds and the HMAC-SHA256 (RFC 2104), in hexadecimal digits, with a colon between."""
SIZE = "Pressmark-Segment-Size"
"""The size of the whole file in bytes, in the answer."""
_VALID = timedelta(seconds=60)


class Signatures:
    """Signs and verifies with a key that the first machine makes. `now` is the clock that the machines share."""

    def __init__(self, database: Database, *, now: Callable[[], datetime]) -> None:
        self._marks, self._now = Marks(database, "spool-key"), now

    def sign(self, segment: str, offset: int, length: int) -> str:
        """Return the value of the header for a request of a part of a segment. Raises DatabaseUnusable."""
        key = self._marks.get("") or self._marks.put("", secrets.token_hex(32))
        at = int(self._now().timestamp())
        return f"{at}:{_mac(key, segment, offset, length, at)}"

    def is_signed(self, segment: str, offset: int, length: int, value: str) -> bool:
        """Return whether a machine of this database signed that within the last minute. Raises DatabaseUnusable."""
        told, _, mac = value.partition(":")
        if not (told.isascii() and told.isdigit() and len(told) < 15 and mac.isascii()):
            return False
        at, key = int(told), self._marks.get("")
        if key is None or abs(self._now().timestamp() - at) > _VALID.total_seconds():
            return False
        return hmac.compare_digest(mac, _mac(key, segment, offset, length, at))


def _mac(key: str, segment: str, offset: int, length: int, at: int) -> str:
    return hmac.new(bytes.fromhex(key), f"{segment}\n{offset}\n{length}\n{at}".encode(), "sha256").hexdigest()
