"""A service with a webhook, whose clock a test moves."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from pressmark.notify.webhooks.dispatch import Dispatch
from pressmark.service.service import Service

SECRET = "whsec_" + b64encode(b"a key of these tests, and no other").decode()
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
LOOPBACK = {"addresses": ["127.0.0.0/8"]}

Open = Callable[..., Service]
"""Makes the service; the facts are settings of the webhook."""


class Clock:
    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at


def tell(service: Service, **facts: Any) -> None:
    asyncio.run(Dispatch(service, **facts).once())
