"""What a page said, and what each of its texts is to the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

Novelty = Literal["new", "changed", "noise", "reread"]
"""The first text of its page; another than before; another by noise only, or not the page; another, but read by another
extractor.
"""

NEWS = ("new", "changed")


class Page(NamedTuple):
    """Where a capture belongs: the same URL kept by two sources is two pages."""

    collection: str
    source: str
    urlkey: str


@dataclass(slots=True)
class Wording:
    """One text of a page, once, however often it was captured."""

    page: Page
    key: str
    """Of title and text."""
    gist: str
    """Of what is left of them without noise."""
    reader: str
    """The extractor and its version."""
    url: str
    record_id: str
    """Of the first capture that has it."""
    language: str | None
    first_at: datetime
    last_at: datetime
    superseded_at: datetime | None = None
    """When the page was first seen with another text after `last_at`."""
    novelty: Novelty = "new"
    verdict: str | None = None
    """What it is instead of the page, such as a login; see `extractor.links.verdict`."""
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A page that came to be, or that says what it has not said before."""

    novelty: Novelty
    page: Page
    run: str
    url: str
    at: datetime
    record_id: str
    title: str | None
    language: str | None


def arrange(there: Sequence[Wording]) -> None:
    """Have all wordings of a page say what each is to the others, whichever of them came to be known first.

    What is not the page is no news of it, and takes the place of none of its texts.
    """
    pages = [wording for wording in there if wording.verdict is None]
    for group in (there, pages):
        for wording, at in _superseded(group):
            wording.superseded_at = at
    for wording in there:
        wording.novelty = "noise"
    for wording, novelty in _novelties(pages):
        wording.novelty = novelty


def _superseded(there: Sequence[Wording]) -> Iterator[tuple[Wording, datetime | None]]:
    """When each was first followed by another text: of those seen after it, the one that came first, or came back."""
    earliest: datetime | None = None
    waiting: list[Wording] = []
    for wording in sorted(there, key=lambda wording: wording.last_at, reverse=True):
        if waiting and waiting[0].last_at > wording.last_at:
            earliest = min([*(each.first_at for each in waiting), *([earliest] if earliest else [])])
            waiting = []
        yield wording, max(earliest, wording.last_at) if earliest else None
        waiting.append(wording)


def _novelties(there: Sequence[Wording]) -> Iterator[tuple[Wording, Novelty]]:
    before: Wording | None = None
    for wording in sorted(there, key=lambda wording: (wording.first_at, wording.key)):
        if before is None:
            yield wording, "new"
        elif wording.gist == before.gist:
            yield wording, "noise"
        else:
            yield wording, "changed" if wording.reader == before.reader else "reread"
        before = wording
