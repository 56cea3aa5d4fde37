"""EDGI's `wayback`, asked about our server instead of web.archive.org. Run by its own environment; prints JSON."""

from __future__ import annotations

import base64
import json
import re
import sys
from datetime import UTC, datetime

import wayback
from wayback import _client, _utils

ours, url, moved, gone, nothing = sys.argv[1:]
_client.CDX_SEARCH_URL = f"{ours}/cdx/search/cdx"
_utils.MEMENTO_URL_PATTERN = re.compile(rf"^{re.escape(ours)}/web/(\d+)(\w\w_)?/(.+)$")
_utils.MEMENTO_URL_TEMPLATE = ours + "/web/{timestamp}{mode}/{url}"
session = wayback.WaybackSession(retries=0, search_calls_per_second=0, memento_calls_per_second=0)
client = wayback.WaybackClient(session)


def shown(memento: wayback.Memento) -> dict[str, object]:
    return {
        "at": memento.timestamp.isoformat(),
        "url": memento.url,
        "body": base64.b64encode(memento.content).decode(),
        "ok": memento.ok,
        "headers": dict(memento.headers),
        "history": [one.url for one in memento.history],
    }


records = list(client.search(url, limit=2))
try:
    client.get_memento(nothing, timestamp="20260131120000")
    missing = "found"
except wayback.exceptions.MementoPlaybackError as error:
    missing = type(error).__name__
at = datetime(2026, 1, 31, 13, 20, tzinfo=UTC)
print(
    json.dumps(
        {
            "records": [
                [r.urlkey, r.timestamp.isoformat(), r.original, r.mimetype, r.statuscode, r.digest] for r in records
            ],
            "exact": shown(client.get_memento(records[0])),
            "near": shown(client.get_memento(url, timestamp=at, exact=False)),
            "moved": shown(client.get_memento(moved, timestamp="20260131120200", follow_redirects=True, exact=False)),
            "gone": shown(client.get_memento(gone, timestamp="20260131120300")),
            "missing": missing,
        }
    )
)
