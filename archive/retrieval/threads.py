"""Find the pages and captures of forum threads in the index, and join their texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from archive.index.index import Index
from archive.retrieval.captured_text import captured_text
from archive.retrieval.snapshot import Snapshot
from archive.retrieval.thread_history import CapturedPage, MissingPage, WholeThread, joined
from archive.texts.texts import TextRow, Texts
from archive.values.capture import Capture
from archive.values.errors import (
    CaptureNotFound,
    DamagedRecord,
    ObjectNotFound,
    OriginalNotFound,
    SegmentUnknown,
    StoreError,
)
from archive.values.urlkey import Match
from extractor.values.identity import without_tracking

_MOST_PAGES = 2_000
"""Pages of a thread that are put together at most."""
_MOST_CAPTURES = 20_000
"""Captures of a thread that are read at most."""
_NOTHING_THERE = (404, 410)
_LONGEST_QUOTED = 120
"""Characters of a message that are quoted."""


class Threads:
    """Threads. Nothing is stored: each call joins the texts of captures."""

    def __init__(
        self,
        index: Index,
        texts: Texts,
        may_read: Callable[[Capture, TextRow], bool],
        is_message: Callable[[Capture], bool] = lambda _capture: False,
    ) -> None:
        """`may_read` says whether the posts of a capture may be used: those of the others are left out. `is_message`
        says whether the archived page has a message and little else.
        """
        self._may_read = may_read
        self._is_message = is_message
        self._index = index
        self._texts = texts

    def whole(self, url: str, until: datetime | None = None, collection: str | None = None) -> WholeThread | None:
        """Return the thread of a page, as known at a time; None if the page has no posts."""
        own = [
            reading for reading in self._readings(url, "exact", until, collection) if isinstance(reading, CapturedPage)
        ]
        if not own:
            return None
        home = _plain(own[-1].page.home)
        readings: dict[tuple[str, datetime], CapturedPage | MissingPage] = {
            (reading.page.url, reading.at): reading for reading in own
        }
        starts: list[tuple[str, Match]] = [(url, "exact")]
        if home:
            starts.append((home, "prefix"))
        for address, match in starts:
            for reading in self._chain(address, match, until, collection):
                if isinstance(reading, MissingPage):
                    readings.setdefault((reading.url, reading.at), reading)
                elif _plain(reading.page.home) == home:
                    readings.setdefault((reading.page.url, reading.at), reading)
        return joined(readings.values())

    def _chain(
        self, url: str, match: Match, until: datetime | None, collection: str | None
    ) -> Iterator[CapturedPage | MissingPage]:
        """Yield the readings of a page, and of the pages that it links to."""
        asked: set[str] = set()
        ahead = [url]
        while ahead and len(asked) < _MOST_PAGES:
            address = ahead.pop()
            asked.add(address)
            for reading in self._readings(address, match if len(asked) == 1 else "exact", until, collection):
                yield reading
                if isinstance(reading, MissingPage):
                    continue
                asked.add(reading.page.url)
                linked = reading.page.next
                ahead += [url for url in {linked, _plain(linked)} if url and url not in asked]

    def _readings(
        self, url: str, match: Match, until: datetime | None, collection: str | None
    ) -> Iterator[CapturedPage | MissingPage]:
        found = self._index.captures(url, until=until, match=match, collection=collection, limit=_MOST_CAPTURES)
        had_posts: set[str] = set()
        for capture in found:
            row = captured_text(self._index, self._texts, capture)
            if capture.status in _NOTHING_THERE:
                yield MissingPage(capture.at, capture.url, f"status {capture.status}")
            elif row is not None and row.verdict == "soft-404":
                yield MissingPage(capture.at, capture.url, _why(row) if self._may_read(capture, row) else "")
            elif row is not None and (thread := row.thread) is not None and self._may_read(capture, row):
                had_posts.add(capture.url)
                yield CapturedPage(capture.at, thread)
            elif row is not None and capture.url in had_posts and self._is_notice(capture, row):
                why = f'no post, but the message "{" ".join((row.text or "").split())[:_LONGEST_QUOTED]}"'
                yield MissingPage(capture.at, capture.url, why, row.text)

    def _is_notice(self, capture: Capture, row: TextRow) -> bool:
        """Return whether a page that had posts has only a message now. A login, a block or a failure is none."""
        if row.thread is not None or row.verdict is not None or not (row.text or "").strip():
            return False
        return self._may_read(capture, row) and self._is_message(capture)


def _why(row: TextRow) -> str:
    return str(((row.fields or {}).get("verdict") or {}).get("why") or "")


def _plain(url: str | None) -> str | None:
    return without_tracking(url) if url else None


def is_message(opened: Callable[[Capture], Snapshot], capture: Capture) -> bool:
    """Return whether an archived page has neither posts nor a login, and little text: a message in their place.

    A page that can't be opened now is none.
    """
    from extractor.forums.registry import forum_links, read_thread
    from extractor.html.page import Page
    from extractor.links.verdict import of_no_thread

    try:
        with opened(capture) as captured:
            decoded, kind, status = captured.payload(), captured.content_type, captured.status
    except (CaptureNotFound, OriginalNotFound, ObjectNotFound, SegmentUnknown, DamagedRecord, StoreError, OSError):
        return False
    if decoded.error or status not in (200, None):
        return False
    page = Page(capture.url, decoded.body, kind, capture.at)
    verdict = of_no_thread(page)
    if verdict is None or verdict.kind != "soft-404" or read_thread(page) is not None:
        return False
    links = forum_links(page)
    return links is None or not (links.threads or links.boards)
