"""For whom a page is made: in which language and zone, and when. Filters and macros of the templates ask here."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pressmark.http.catalog import translator


@dataclass(frozen=True, slots=True)
class Reader:
    language: str = "en"
    zone: str = "UTC"
    """That of the site, in which times are shown."""
    now: datetime = datetime(1970, 1, 1, tzinfo=UTC)


reader: ContextVar[Reader] = ContextVar("reader", default=Reader())  # noqa: B039 (it is frozen)


def say(text: str, **values: Any) -> Any:
    """What templates write `_("…")`: in the reader's language, wherever they are, macros among them."""
    return translator(reader.get().language)(text, **values)
