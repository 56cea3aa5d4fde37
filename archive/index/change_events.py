"""New and changed pages as events."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from archive.texts.text_version import Change
from archive.values.timestamps import timestamp14

if TYPE_CHECKING:
    from archive.warc.manifest import Manifest

PAGE_NEW, PAGE_CHANGED = "page.new", "page.changed"


def committed_event(manifest: Manifest, at: datetime) -> dict[str, Any]:
    """Return the row of the event for a segment that is in the store."""
    facts = {
        "segment": manifest.segment,
        "collection": manifest.collection,
        "manifest": manifest.key,
        "captures": manifest.captures,
        "runs": [run.run for run in manifest.runs],
    }
    return {"at": at, "kind": "segment.committed", "facts": json.dumps(facts)}


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
