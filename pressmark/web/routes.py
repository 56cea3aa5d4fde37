"""All pages, in the order in which their routes are tried."""

from __future__ import annotations

from pressmark.web import (
    adding,
    calendar,
    diff,
    kept,
    login,
    news,
    overview,
    runs,
    search,
    snapshots,
    sources,
    static,
    threads,
    timetable,
    webhooks,
)

PAGES = (
    overview,
    sources,
    adding,
    timetable,
    runs,
    news,
    calendar,
    diff,
    threads,
    snapshots,
    kept,
    webhooks,
    search,
    static,
    login,
)
