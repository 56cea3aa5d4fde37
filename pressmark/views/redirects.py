"""The targets of archived redirects within the archive."""

from __future__ import annotations

from datetime import datetime

from archive.retrieval.snapshot import Snapshot
from extractor.values.urls import resolve
from pressmark.service.service import Service


def redirect_of(service: Service, found: Snapshot, at: datetime, collection: str | None) -> str | None:
    """Return the target of an archived redirect.

    None when it is the page itself, as with another spelling of its URL.
    """
    if not 300 <= (found.status or 200) < 400:
        return None
    location = next((value for name, value in found.headers if name.lower() == "location"), "")
    leads = resolve(location, found.capture.url)
    if leads is None:
        return None
    following = service.index.closest(leads, at, collection)
    return None if following and following.record_id == found.capture.record_id else leads
