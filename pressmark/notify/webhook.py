"""Notices by an HTTP POST of JSON, signed if a secret is shared."""

from __future__ import annotations

import hashlib
import hmac
import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from config.notify import Notify
from pressmark.notify.notice import SECONDS, Notice, NoticeRefused, Notifier

SIGNATURE = "X-Pressmark-Signature"


def by_webhook(settings: Notify) -> Notifier | None:
    hook = settings.webhook
    if hook.url is None:
        return None
    url = hook.url.get_secret_value()
    key = hook.secret.get_secret_value().encode() if hook.secret else None

    def send(notice: Notice) -> None:
        body = body_of(notice)
        headers = {"Content-Type": "application/json", "User-Agent": "Pressmark"}
        if key is not None:
            headers[SIGNATURE] = f"sha256={hmac.new(key, body, hashlib.sha256).hexdigest()}"
        _post(url, body, headers)

    return send


def body_of(notice: Notice) -> bytes:
    """The JSON that is sent: its fields, and ``text`` for services that show only that."""
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


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A notice goes where it was sent, and nowhere else."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _post(url: str, body: bytes, headers: dict[str, str]) -> None:
    """Raises NoticeRefused, whose sentence names the host only: the path may be a secret."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise NoticeRefused("the URL of the webhook is no http or https URL")
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")  # noqa: S310 - checked above
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=SECONDS):
            return
    except urllib.error.HTTPError as error:
        with error:
            raise NoticeRefused(f"the webhook at {parts.hostname} answered {error.code}") from None
    except (urllib.error.URLError, TimeoutError) as error:
        why = error.reason if isinstance(error, urllib.error.URLError) else "it took too long"
        raise NoticeRefused(f"the webhook at {parts.hostname} could not be reached: {why}") from None
