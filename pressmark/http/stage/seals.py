"""Sign facts in an address so that only we can have written them. We keep no state of them."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from itsdangerous import BadData, TimestampSigner, URLSafeTimedSerializer
from itsdangerous.encoding import base64_decode

LASTS = timedelta(hours=12)


class ClockSigner(TimestampSigner):
    """Signs with SHA-256, and takes the time from a given clock."""

    default_digest_method = staticmethod(hashlib.sha256)
    default_key_derivation = "hmac"

    def __init__(self, *args: Any, now: Callable[[], datetime], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._now = now

    def get_timestamp(self) -> int:
        """Return the seconds since 1970."""
        return int(self._now().timestamp())


class Seal:
    """Signs facts as one segment of a path, valid for twelve hours."""

    def __init__(self, secret: str | None, purpose: str, *, now: Callable[[], datetime]) -> None:
        """Set up the seal.

        Without a secret, signatures are valid while this process runs. Each purpose has its own key.
        """
        key = secret or secrets.token_bytes(32)
        self._facts = URLSafeTimedSerializer(key, purpose, signer=ClockSigner, signer_kwargs={"now": now})

    def close(self, *facts: str) -> str:
        """Return the segment."""
        return self._facts.dumps(facts)

    def open(self, segment: str) -> list[str] | None:
        """Return the facts; None when we did not write the segment, or when it has expired."""
        try:
            facts: list[str] = self._facts.loads(segment, max_age=int(LASTS.total_seconds()))
        except (BadData, UnicodeError):
            return None
        return facts

    def digest(self, facts: bytes) -> bytes:
        """Return 32 bytes that only we can derive from the facts."""
        return base64_decode(self._facts.make_signer().get_signature(facts))
