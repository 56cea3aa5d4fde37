"""Join articles of several pages: find the parts in the index and join their texts. Nothing is stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from archive.index.index import Index
from archive.retrieval.captured_text import captured_text
from archive.texts.text_as_markdown import markdown_of
from archive.texts.texts import TextRow, Texts
from archive.values.capture import Capture
from archive.values.urlkey import urlkey
from extractor.article.markdown import joined
from extractor.links.continuation import before

_MOST_PARTS = 200
"""Parts of an article that are put together at most."""


@dataclass(frozen=True, slots=True)
class Part:
    """One page of an article, as it was captured."""

    capture: Capture
    row: TextRow

    @property
    def next(self) -> str | None:
        """The address of the next part, by this page."""
        said = (self.row.fields or {}).get("next")
        return str(said) if said else None


@dataclass(frozen=True, slots=True)
class WholeArticle:
    """All archived parts of an article, in order."""

    parts: tuple[Part, ...]
    missing: tuple[str, ...]
    """The address of the missing part; parts after it are unknown."""

    @property
    def complete(self) -> bool:
        return not self.missing

    @property
    def text(self) -> str:
        return "\n".join(part.row.text for part in self.parts if part.row.text)

    @property
    def markdown(self) -> str:
        return joined(markdown_of(part.row) for part in self.parts)


class Articles:
    def __init__(self, index: Index, texts: Texts) -> None:
        self._index = index
        self._texts = texts

    def whole(self, url: str, at: datetime, collection: str | None = None) -> WholeArticle | None:
        """Return the article of a page, from the captures closest to a time; None if the page has no text."""
        asked = self._part(url, at, collection)
        if asked is None:
            return None
        parts = [self._first(asked, collection)]
        missing: tuple[str, ...] = ()
        seen = {parts[0].capture.urlkey}
        for following in self._after(parts[0], collection):
            if isinstance(following, str):
                missing = (following,)
            elif following.capture.urlkey not in seen:
                seen.add(following.capture.urlkey)
                parts.append(following)
                continue
            break
        return WholeArticle(tuple(parts), missing)

    def _first(self, part: Part, collection: str | None) -> Part:
        """Return the first part: earlier parts are recognized by their addresses and their links to this one."""
        seen = {part.capture.urlkey}
        for _ in range(_MOST_PARTS):
            there = (self._part(url, part.capture.at, collection) for url in before(part.capture.url))
            leading = (one for one in there if one and one.next and urlkey(one.next) == part.capture.urlkey)
            found = next(leading, None)
            if found is None or found.capture.urlkey in seen:
                break
            seen.add(found.capture.urlkey)
            part = found
        return part

    def _after(self, part: Part, collection: str | None) -> Iterator[Part | str]:
        """Yield the following parts, and finally the address of a missing one, if any."""
        first = part
        for _ in range(_MOST_PARTS):
            if part.next is None:
                return
            found = self._part(part.next, first.capture.at, collection)
            if found is None:
                yield part.next
                return
            yield found
            part = found

    def _part(self, url: str, at: datetime, collection: str | None) -> Part | None:
        capture = self._index.closest(url, at, collection)
        row = captured_text(self._index, self._texts, capture) if capture else None
        return Part(capture, row) if capture and row and row.text is not None else None
