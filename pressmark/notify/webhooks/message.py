"""The content of a message: the event, and links for people and programs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pressmark.service.access.source_facts import in_facts
from pressmark.views.diff import PREVIOUS, diff_link
from pressmark.views.links import link
from scheduler.events import Event


def body_of(event: Event, home: str = "") -> str:
    """Return the JSON to send: type, timestamp and data, as in Standard Webhooks.

    Links begin with `home`, the public address of the service; without one they are paths, and the receiver knows how
    to reach it.
    """
    links = {name: f"{home}{path}" for name, path in _links(event).items()}
    data = {"source": event.source, "run": event.run, **in_facts(event.kind, event.facts), **links}
    return written(event.kind, event.at, data)


def written(kind: str, at: datetime, data: Mapping[str, Any]) -> str:
    """Return a message as JSON."""
    return as_json({"type": kind, "timestamp": at.isoformat().replace("+00:00", "Z"), "data": data})


def as_json(payload: Mapping[str, Any]) -> str:
    """Serialise JSON. Characters that HTML or a terminal would interpret are written as escapes."""
    text = json.dumps(payload, default=str)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _links(event: Event) -> dict[str, str]:
    """Return paths of this service."""
    if event.kind.startswith("run."):
        return {"page": f"/runs/{event.run}"}
    url, stamp = str(event.facts.get("url", "")), str(event.facts.get("timestamp", ""))
    match event.facts.get("novelty") if event.kind == "watch.matched" else event.kind:
        case "page.new" | "new":
            return {"page": f"/snapshot/{stamp}/{link(url)}"}
        case "page.changed" | "changed":
            return {"page": f"/snapshot/{stamp}/{link(url)}", "diff": diff_link(url, PREVIOUS, stamp)}
    return {"page": f"/sources/{event.source}"}
