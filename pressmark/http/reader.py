"""The reader of a page: language, time zone, current time, and how lists look. Templates use it."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pressmark.http.catalog import translator
from pressmark.http.words import CAPTURE_WORDS, ERROR_STATUS, LOOKS
from pressmark.service.access.roles import Role


@dataclass(frozen=True, slots=True)
class Reader:
    language: str = "en"
    zone: str = "UTC"
    """The zone of the site, in which times are shown."""
    now: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    role: Role | None = None
    """What the reader may do; None where that is not known, such as before a login."""


reader: ContextVar[Reader] = ContextVar("reader", default=Reader())  # noqa: B039 (it is frozen)


def say(text: str, **values: Any) -> Any:
    """Translate `_("…")` of templates into the reader's language, anywhere, including in macros."""
    return translator(reader.get().language)(text, **values)


def capture_word(name: str) -> str:
    """Return what people call the kind of a capture, or what a website sent instead of the page: a name or a status."""
    return str(say(ERROR_STATUS, status=name) if name.isdigit() else say(CAPTURE_WORDS.get(name, name)))


def look_cookie(what: str) -> str:
    """Return the name of the cookie that remembers how lists look: `what` is a key of `LOOKS`."""
    return f"pressmark_{what}"


def looks_in(cookies: Mapping[str, str]) -> dict[str, str]:
    """Return how a reader wants lists to look. Without a cookie, or with an unknown value, the first choice counts."""
    chosen = {what: cookies.get(look_cookie(what), "") for what in LOOKS}
    return {what: chosen[what] if chosen[what] in values else next(iter(values)) for what, values in LOOKS.items()}
