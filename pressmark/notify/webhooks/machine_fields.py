"""Add what a language model wrote about a sentence to the message of a watch, before it is sent for the first time."""

from __future__ import annotations

import json

from pressmark.notify.watches.machine_shapes import machine_shapes, settled, wants_texts
from pressmark.notify.watches.watch_shapes import watches_of
from pressmark.notify.webhooks.message import as_json
from pressmark.service.service import Service
from scheduler.notices.outbox import Message
from scheduler.notices.watch_hits import MATCHED, WatchHits

_FIELDS = ("kind", "language", "model", "mark", "text")


def completed(service: Service, message: Message) -> str | None:
    """Return the body of a message with these texts; None while it waits for the language model."""
    if message.kind != MATCHED or message.attempts or service.settings.assistant.url is None:
        return message.body
    payload = json.loads(message.body)
    number, watch = payload["data"].get("hit"), watches_of(service).get(payload["data"]["watch"])
    if number is None or watch is None or not wants_texts(watch) or "machine" in payload["data"]:
        return message.body
    hits = WatchHits(service.database).between(payload["data"]["watch"], number - 1, number)
    if not hits:
        return message.body
    if not settled(service, watch, hits):
        return None
    texts = [one for one in machine_shapes(service, hits).get(number, []) if one.text]
    payload["data"]["machine"] = [one.model_dump(mode="json", include=set(_FIELDS)) for one in texts]
    return as_json(payload)
