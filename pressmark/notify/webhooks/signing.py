"""Sign messages as Standard Webhooks defines it."""

from __future__ import annotations

import os
from base64 import b64encode
from datetime import UTC, datetime

from standardwebhooks import Webhook

from config.groups.webhooks import PREFIX

_KEY = 32


def new_secret() -> str:
    """Return a new random secret."""
    return PREFIX + b64encode(os.urandom(_KEY)).decode()


def signed(secret: str, message: str, at: datetime, body: str) -> dict[str, str]:
    """Return the header fields of a message; `at` is when it is sent."""
    # The library reads the time of any zone as UTC.
    signature = Webhook(secret).sign(message, at.astimezone(UTC), body)
    return {"webhook-id": message, "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signature}
