"""Text versions of a page, and their relations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from archive.values.reservations import is_site_file

Novelty = Literal["new", "changed", "noise", "reread"]
"""The first text of its page; a changed text; a change of noise alone, or not the page; a change by another extractor.
"""

NEWS = ("new", "changed")


class Page(NamedTuple):
    """The page of a capture: the same URL in two sources is two pages."""

    collection: str
    source: str
    urlkey: str


@dataclass(slots=True)
class TextVersion:
    """A text version of a page: one for equal texts, however often captured."""

    page: Page
    key: str
    """Of title and text."""
    gist: str
    """The digest of title and text without noise."""
    reader: str
    """The extractor and its version."""
    url: str
    record_id: str
    """Of the first capture that has it."""
    language: str | None
    first_at: datetime
    last_at: datetime
    superseded_at: datetime | None = None
    """When the page was first captured with another text after `last_at`."""
    novelty: Novelty = "new"
    verdict: str | None = None
    """What it is instead of the page, such as a login; see `extractor.links.verdict`."""
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A new page, or a new text of a page."""

    novelty: Novelty
    page: Page
    run: str
    url: str
    at: datetime
    record_id: str
    title: str | None
    language: str | None


def arrange(there: Sequence[TextVersion]) -> None:
    """Set the relations between all text versions of a page, in whatever order they became known.

    Texts that are not the page, such as block pages, are not news, and supersede no text of it. No text of robots.txt
    or a file beside it is news: some sites answer every address with a page.
    """
    pages = [wording for wording in there if wording.verdict is None]
    for group in (there, pages):
        for wording, at in _superseded(group):
            wording.superseded_at = at
    for wording in there:
        wording.novelty = "noise"
    for wording, novelty in _novelties([wording for wording in pages if not is_site_file(wording.page.urlkey)]):
        wording.novelty = novelty


def _superseded(there: Sequence[TextVersion]) -> Iterator[tuple[TextVersion, datetime | None]]:
    """Yield when each text was first followed by another one, new or returning."""
    earliest: datetime | None = None
    waiting: list[TextVersion] = []
    for wording in sorted(there, key=lambda wording: wording.last_at, reverse=True):
        if waiting and waiting[0].last_at > wording.last_at:
            earliest = min([*(each.first_at for each in waiting), *([earliest] if earliest else [])])
            waiting = []
        yield wording, max(earliest, wording.last_at) if earliest else None
        waiting.append(wording)


def _novelties(there: Sequence[TextVersion]) -> Iterator[tuple[TextVersion, Novelty]]:
    before: TextVersion | None = None
    for wording in sorted(there, key=lambda wording: (wording.first_at, wording.key)):
        if before is None:
            yield wording, "new"
        elif wording.gist == before.gist:
            yield wording, "noise"
        else:
            yield wording, "changed" if wording.reader == before.reader else "reread"
        before = wording
