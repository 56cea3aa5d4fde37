"""Check the names that people give to sources and collections."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable

DEFAULT = "default"
"""The collection of a source without one."""
EVERYTHING = "all"
"""The collection that contains everything."""

RESERVED = frozenset(
    {
        EVERYTHING, "add", "api", "archive", "available", "calendar", "captures", "cdx", "changed", "changes",
        "cite", "clocks", "collections", "collinfo", "compare", "diff", "docs", "events", "exports", "favicon",
        "feed", "feeds", "fixity", "graphql", "healthz", "help", "index", "ingest", "language", "live", "login",
        "logout", "metrics", "new", "openapi", "overview", "pages", "pause", "proxy", "readyz", "record",
        "records", "redoc", "replay", "resume", "robots", "run", "runs", "save", "search", "segments", "service",
        "settings", "snapshot", "snapshots", "source", "sources", "static", "storage", "store", "texts", "thread",
        "threads", "timegate", "timemap", "timetable", "tokens", "unsubscribe", "users", "version", "view", "views",
        "warcs", "watches", "wayback", "web", "webhooks", "wacz",
    }
)  # fmt: skip
"""Forbidden names of collections: a collection is the first part of a path, and these are our own pages and routes.

`/crawler` and `/notes` are ours, too, but nothing that is read below them, and `/subscriptions` only takes forms: homes
have collections of these names, and all their addresses are below.
"""

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")


def check_name(text: str) -> str:
    """Return a source name unchanged. Raises ValueError with a sentence if it is invalid."""
    if not _NAME.fullmatch(text):
        hint = f", e.g. {like!r}" if (like := plain(text)) else ""
        raise ValueError(
            f"invalid name {text!r}: use lowercase letters, digits and hyphens, at most 64 characters{hint}"
        )
    return text


def check_names(what: str, names: Iterable[str], reserved: Container[str] = ()) -> None:
    """Check the names under a key of the settings; `what` says what they name. Raises ValueError with a sentence."""
    for name in names:
        if not _NAME.fullmatch(name) or name in reserved:
            raise ValueError(f"invalid {what} name {name!r}: use lowercase letters, digits and hyphens")


def plain(text: str) -> str:
    """Return the valid name closest to a text; empty if the text has neither Latin letters nor digits."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:64].strip("-")


def check_collection(text: str) -> str:
    """Return a collection name unchanged. Raises ValueError with a sentence if it is invalid."""
    if text in RESERVED:
        raise ValueError(f"a collection can't be named {text!r}: the service uses that path itself")
    return check_name(text)
