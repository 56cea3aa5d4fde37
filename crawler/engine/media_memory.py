"""What became of files of video and audio: before this run for a page, and in this run for all pages."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from weakref import WeakValueDictionary

from archive.values.media import MediaFile, Medium
from crawler.media.messages import DASH, Format
from crawler.policy.revisit import Captures
from crawler.policy.shared import Lost

Key = tuple[tuple[str, str], ...]
"""The tracks and the requested URL of each file of a medium."""
_MOST_PIECES = 100_000
"""Pieces of files that are remembered: some 30 MB."""
_NAMED_BY_PAGE = ("Generic", "HTML5MediaEmbed", "html5", "generic")
"""The finders whose ids are those of the page, or numbers on it: another file may have the same."""


def asked_for(one: Format) -> str:
    """Return the URL that names a form; forms of DASH share that of their manifest, so that of the last segment."""
    return one.fragments[-1] if one.protocol in DASH and one.fragments else one.url


class MediaMemory:
    """What is archived already, or would fail again in the same way."""

    def __init__(self, lost: Lost = lambda _: ()) -> None:
        """`lost` is that of `Parts`."""
        self._lost = lost
        self._results: OrderedDict[Key, Medium] = OrderedDict()
        self._pieces = 0
        self._turns: WeakValueDictionary[Key, asyncio.Lock] = WeakValueDictionary()

    async def once(
        self, found: Medium, key: Key, before: Sequence[Medium], fetch: Callable[[], Awaitable[tuple[Medium, bool]]]
    ) -> Medium:
        """Return a medium as the former list of its page or this run knows it; else fetch it, one page at a time.

        `fetch` returns what became of it, and whether that is so for all pages of the run.
        """
        turn = self._turns.setdefault(key, asyncio.Lock())
        async with turn:
            known = await asyncio.to_thread(self._intact, _former(found, key, before), self._results.get(key))
            made, lasts = (known, True) if known is not None else await fetch()
            if lasts:
                self._remember(key, made)
            return replace(found, state=made.state, reason=made.reason, files=made.files)

    def _intact(self, *known: Medium | None) -> Medium | None:
        """Return the first whose files may be referred to. Raises DatabaseUnusable."""
        return next((one for one in known if one is not None and not self._lost(records_of(one))), None)

    def _remember(self, key: Key, made: Medium) -> None:
        if key in self._results:
            self._pieces -= _size(self._results.pop(key))
        self._results[key] = made
        self._pieces += _size(made)
        while self._pieces > _MOST_PIECES:
            self._pieces -= _size(self._results.popitem(last=False)[1])


def _former(found: Medium, key: Key, before: Sequence[Medium]) -> Medium | None:
    """Return the medium of the former list with the same files.

    They have the same URLs; or the site itself names the medium, whose files may have other URLs at each request.
    """
    kept = [one for one in before if one.state == "kept"]
    for one in kept:
        if tuple((file.tracks, _asked(file)) for file in one.files) == key:
            return one
    if found.extractor in _NAMED_BY_PAGE or found.duration is None:
        return None
    wanted = [tracks for tracks, _ in key]
    for one in kept:
        same = (one.key, one.title, one.duration) == (found.key, found.title, found.duration)
        if same and [file.tracks for file in one.files] == wanted:
            return one
    return None


def _asked(file: MediaFile) -> str:
    """Return the URL that was requested for a file. Older lists have only those of its pieces."""
    return file.asked or (file.pieces[0].url if len(file.pieces) == 1 else "")


def records_of(one: Medium) -> list[str]:
    """Return the records that have the files of a medium."""
    return [piece.record for file in one.files for piece in file.pieces]


def with_files(index: Captures, media: Iterable[Medium]) -> tuple[Medium, ...]:
    """Return the media of a former list; those whose files the archive does not have any more count as failed.

    Raises DatabaseUnusable.
    """
    return tuple(one if _has_files(index, one) else gone(one) for one in media)


def gone(one: Medium) -> Medium:
    """Return a medium without its files."""
    return replace(one, state="failed", reason="its files were deleted; the next run fetches them again", files=())


def _has_files(index: Captures, one: Medium) -> bool:
    pieces = [piece for file in one.files for piece in file.pieces]
    there = {
        (capture.record_id, capture.payload_length)
        for url in {piece.url for piece in pieces}
        for capture in index.captures(url)
        if not capture.damaged
    }
    return all((piece.record, piece.length) in there for piece in pieces)


def _size(one: Medium) -> int:
    return 1 + sum(len(file.pieces) for file in one.files)
