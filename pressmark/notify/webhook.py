"""Notices by an HTTP POST of JSON, signed if a secret is shared."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json

from config.groups.notify import Notify
from pressmark.notify.http_post import Poster
from pressmark.notify.notice import SECONDS, Notice, NoticeRefused, Notifier

SIGNATURE = "X-Pressmark-Signature"


def by_webhook(settings: Notify) -> Notifier | None:
    hook = settings.webhook
    if hook.url is None:
        return None
    url = hook.url.get_secret_value()
    key = hook.secret.get_secret_value().encode() if hook.secret else None
    poster = Poster("Pressmark", allow=hook.addresses, seconds=SECONDS)

    def send(notice: Notice) -> None:
        body = body_of(notice)
        signature = {} if key is None else {SIGNATURE: f"sha256={hmac.new(key, body, hashlib.sha256).hexdigest()}"}
        answered = asyncio.run(poster.post(url, signature, body))
        if not answered.accepted:
            raise NoticeRefused(f"the webhook was not delivered: {answered.sentence}")

    return send


def body_of(notice: Notice) -> bytes:
    """Return the JSON to send: its fields, and ``text`` for services that show only that."""
    fields = {
        "event": f"source.{notice.state}",
        "source": notice.source,
        "state": notice.state,
        "since": notice.since.isoformat(),
        "reason": notice.reason,
        "run": notice.run,
        "text": f"{notice.title}: {notice.reason}",
    }
    return json.dumps(fields, ensure_ascii=False).encode()
