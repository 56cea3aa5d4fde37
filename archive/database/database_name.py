"""Name a database in messages, without the secrets of its URL."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import URL, make_url

_TOLD = ("host", "port", "service")


def where(url: str | URL) -> str:
    """Return the file, or the URL without its password and its options, which may contain one."""
    url = make_url(url)
    if url.get_backend_name() == "sqlite":
        return url.database or ""
    told = {name: value for name, value in url.query.items() if name in _TOLD}
    return url.set(query=told).render_as_string(hide_password=True)


def file_of(url: str | URL) -> Path | None:
    """Return the file of an SQLite database; None for a server or memory."""
    parsed = make_url(url)
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None


def password_of(url: str) -> str | None:
    parsed = make_url(url)
    found = parsed.password or parsed.query.get("password")
    return found if isinstance(found, str) else None
