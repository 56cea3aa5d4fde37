"""New and changed pages as events."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from archive.texts.text_version import Change
from archive.values.timestamps import timestamp14

PAGE_NEW, PAGE_CHANGED = "page.new", "page.changed"


def event_of(change: Change, at: datetime) -> dict[str, Any]:
    """Return the row of the event for a change."""
    facts = {
        "url": change.url,
        "collection": change.page.collection,
        "timestamp": timestamp14(change.at),
        "record_id": change.record_id,
        "title": change.title,
        "language": change.language,
    }
    kind = PAGE_NEW if change.novelty == "new" else PAGE_CHANGED
    values = {"at": at, "kind": kind, "source": change.page.source, "run": change.run}
    return {**values, "facts": json.dumps(facts, ensure_ascii=False)}
