"""Facts in an address, which only we can have written there: no state is kept of them."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode

_SIGNATURE = 43


class Seal:
    """One segment of a path: a signature, and the facts that it is for."""

    def __init__(self, secret: bytes | None, purpose: str) -> None:
        """Without a secret, what is sealed is good as long as this process. Seals of other purposes don't fit."""
        self._key = hmac.digest(secret or secrets.token_bytes(32), purpose.encode(), hashlib.sha256)

    def close(self, facts: str) -> str:
        octets = facts.encode()
        return self._signature(octets) + urlsafe_b64encode(octets).decode().rstrip("=")

    def open(self, segment: str) -> str | None:
        """The facts; None for what we did not write."""
        signature, written = segment[:_SIGNATURE], segment[_SIGNATURE:]
        try:
            facts = urlsafe_b64decode(written.encode("ascii") + b"=" * (-len(written) % 4))
        except ValueError:
            return None
        if not hmac.compare_digest(signature.encode(), self._signature(facts).encode()):
            return None
        return facts.decode()

    def digest(self, facts: bytes) -> bytes:
        """32 octets that only we can make of them."""
        return hmac.digest(self._key, facts, hashlib.sha256)

    def _signature(self, facts: bytes) -> str:
        return urlsafe_b64encode(self.digest(facts)).decode().rstrip("=")
