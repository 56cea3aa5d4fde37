"""Signatures as Standard Webhooks has them: HMAC-SHA-256 over id, time and body, in base64."""

from __future__ import annotations

import hashlib
import hmac
import os
from base64 import b64encode

from config.webhooks import PREFIX, key_of

_KEY = 32


def new_secret() -> str:
    """A secret that nobody knows yet."""
    return PREFIX + b64encode(os.urandom(_KEY)).decode()


def signed(secret: str, message: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The header fields of a message; `timestamp` is when it is sent, in seconds since 1970."""
    content = b".".join((message.encode(), str(timestamp).encode(), body))
    signature = b64encode(hmac.digest(key_of(secret), content, hashlib.sha256)).decode()
    return {"webhook-id": message, "webhook-timestamp": str(timestamp), "webhook-signature": f"v1,{signature}"}
