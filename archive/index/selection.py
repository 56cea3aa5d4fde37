"""A selection of captures by source, run, collection, URL prefix, time, text, language and media type."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]+/(\*|[\w!#$&^.+-]+)")


class BadMediaType(ValueError):
    def __init__(self, text: str) -> None:
        super().__init__(f"invalid media type {text!r}: write it like text/html, or image/* for all images")


@dataclass(frozen=True, slots=True)
class Selection:
    """Criteria for captures. A field that is None or False selects everything."""

    source: str | None = None
    run: str | None = None
    collection: str | None = None
    url: str | None = None
    """Captures whose key begins like the key of this URL: spellings of it that have one key are one."""
    since: datetime | None = None
    until: datetime | None = None
    """Both ends are included."""
    with_text: bool = False
    """Only captures whose text was extracted; a revisit has the text of its original."""
    latest: bool = False
    """Only the newest of the captures of each URL that the other fields select. A 304 Not Modified answer counts only
    when the URL has no other capture: it has no content."""
    language: str | None = None
    """Only captures whose text is in this language: ``zh`` includes ``zh-CN``."""
    media_type: str | None = None
    """``text/html``, or ``image/*`` for all images; a revisit has the type of its original."""

    def __post_init__(self) -> None:
        """Check the media types. Raises BadMediaType."""
        if self.media_type is not None and not _MEDIA_TYPE.fullmatch(self.media_type):
            raise BadMediaType(self.media_type)

    def words(self) -> str:
        """``source gazette, since 2026-01-31T00:00:00+00:00``; ``everything`` without criteria."""
        return ", ".join(self._limits()) or "everything"

    def _limits(self) -> Iterator[str]:
        for name in ("source", "run", "collection", "url", "since", "until"):
            value = getattr(self, name)
            if value is not None:
                yield f"{name} {value.isoformat() if isinstance(value, datetime) else value}"
        if self.with_text:
            yield "with text"
        if self.latest:
            yield "latest captures"
        if self.language is not None:
            yield f"language {self.language}"
        if self.media_type is not None:
            yield f"type {self.media_type}"
