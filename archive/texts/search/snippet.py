"""Cut a snippet out of a text around the matches, and mark them. The text itself is not changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, product

from archive.texts.search.literal import literals
from archive.texts.search.query import Phrase, Query
from archive.texts.search.tokens import PiecesLike, Place, Run, is_letter, places, runs_of

_LENGTH = 200
"""Approximate characters of a snippet."""
_BEFORE = 40
_LOOKED_AT = 100_000
"""Maximum characters of a text that are searched for the best place."""
_MOST_HITS = 400
_HITS = 3
"""Hits of a single phrase after which a place is good enough."""
_AROUND = 100
"""Characters before a snippet among which the beginning of its first word is looked for."""
_GAP = re.compile("[^\\w\u0300-\u036f]")
_NEITHER: tuple[Sequence[int], Sequence[int]] = ((), ())
_REMEMBERED = 20_000
"""Maximum different pieces of texts that are cached for a query."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a snippet, marked or not."""

    text: str
    marked: bool = False
    """Whether it matches the query."""


Snippet = tuple[Piece, ...]
Span = tuple[int, int]


def snippet(text: str, query: Query, length: int = _LENGTH) -> Snippet:
    """Return about `length` characters with the most different phrases; the beginning if there are none.

    Joined, the pieces are the text with single spaces as white space, and … where it continues.
    """
    looked_at = text[:_LOOKED_AT]
    found = literals(query).among(looked_at)
    if found is None:
        found = ((at, number) for at, _, number in _hits(looked_at, query))
    start = _best_start(islice(found, _MOST_HITS), len(query.wanted), length - _BEFORE)
    start = min(start, max(0, len(text) - length))
    start, end = _at_spaces(text, start, min(len(text), start + length))
    spans = _spans_within(text, start, end, query)
    pieces = [_piece(text[a:b], marked=marked) for a, b, marked in _cut(start, end, _merged(spans))]
    before = [Piece("…")] if start else []
    after = [Piece("…")] if end < len(text) else []
    return tuple(piece for piece in (*before, *pieces, *after) if piece.text)


def _spans_within(text: str, start: int, end: int, query: Query) -> list[Span]:
    """Return the matches in a part of a text. A word that begins before it, or continues after it, is none."""
    first = least = start
    if start and is_letter(text[start - 1]) and is_letter(text[start]):
        gap = _GAP.search(text, max(0, start - _AROUND), start)
        first, least = (gap.start(), start) if gap else (start, start + 1)
    spans = ((first + at, first + to) for at, to, _ in _hits(text[first : end + 1], query))
    return [(at, to) for at, to in spans if least <= at and to <= end]


def marked(text: str, query: Query) -> Snippet:
    """Mark matches in all of a short text, such as a title."""
    spans = _merged([(at, to) for at, to, _ in _hits(text, query)])
    return tuple(Piece(text[a:b], marked) for a, b, marked in _cut(0, len(text), spans))


def _hits(text: str, query: Query) -> Iterator[tuple[int, int, int]]:
    """Yield the number of each matching phrase, with its start and end in characters."""
    beginnings = _beginnings(query)
    longest = max((len(phrase.runs) for phrase in query.wanted), default=0)
    for found in beginnings.like.among(text):
        whole, more = beginnings[found[0]]
        for number in whole:
            yield found.start(), found.end(), number
        if more:
            here = len(runs_of(found[0]))
            there = list(islice(places(text, found.start()), here + longest))
            some = product(range(here), more)
            yield from sorted((*span, n) for at, n in some for span in _spans(there, at, query.wanted[n]))


class _PhraseStarts(dict[str, tuple[Sequence[int], Sequence[int]]]):
    """Caches which phrases equal a piece of text, and which others may begin in it, by number.

    Most pieces are neither. Texts repeat the same words, so each word is examined once.
    """

    def __init__(self, query: Query) -> None:
        firsts = [(number, phrase.runs[0]) for number, phrase in enumerate(query.wanted)]
        words = {n for n, first in firsts if len(query.wanted[n].runs) == 1 and not first.unspaced}
        folded = [(phrase.runs[0].text, phrase.prefix and n in words) for n, phrase in enumerate(query.wanted)]
        self.like = PiecesLike(
            [word for word, prefix in folded if not prefix], [word for word, prefix in folded if prefix]
        )
        self._words = [(n, first.text, query.wanted[n].prefix) for n, first in firsts if n in words]
        self._others = [(n, first) for n, first in firsts if n not in words]

    def __missing__(self, piece: str) -> tuple[Sequence[int], Sequence[int]]:
        whole: list[int] = []
        more: list[int] = []
        for run in (Run(piece.lower(), False),) if piece.isascii() else runs_of(piece):
            whole += [n for n, word, prefix in self._words if _is(run, word, prefix=prefix)]
            more += [n for n, first in self._others if _holds(run, first)]
        found = (whole, more) if whole or more else _NEITHER
        if len(self) < _REMEMBERED:
            self[piece] = found
        return found


_beginnings = lru_cache(maxsize=16)(_PhraseStarts)


def _is(run: Run, word: str, *, prefix: bool) -> bool:
    return not run.unspaced and (run.text.startswith(word) if prefix else run.text == word)


def _holds(run: Run, first: Run) -> bool:
    return run.unspaced == first.unspaced and (first.text in run.text if run.unspaced else run == first)


def _spans(there: Sequence[Place], at: int, phrase: Phrase) -> Iterator[Span]:
    """Yield the matches of a phrase of several words that begins in the run at `at`.

    In a run without spaces, it may begin and end at any character.
    """
    *before, last = phrase.runs
    end = at + len(before)
    if end >= len(there) or any(there[at + n].run != run for n, run in enumerate(before) if n):
        return
    place = there[at]
    if before and not (place.run.text.endswith(before[0].text) if before[0].unspaced else place.run == before[0]):
        return
    if before:
        if _begins(there[end].run, last, prefix=phrase.prefix):
            yield _part(place, len(place.run.text) - len(before[0].text), None)[0], _head(there[end], last)
    else:
        found = place.run.text.find(last.text)
        while found >= 0:
            yield _part(place, found, found + len(last.text))
            found = place.run.text.find(last.text, found + len(last.text))


def _begins(run: Run, wanted: Run, *, prefix: bool) -> bool:
    return run.text.startswith(wanted.text) if prefix or wanted.unspaced else run == wanted


def _head(place: Place, wanted: Run) -> int:
    """Return where the marked part of the last run of a phrase ends."""
    return _part(place, 0, len(wanted.text))[1] if wanted.unspaced else place.end


def _part(place: Place, start: int, end: int | None) -> Span:
    """Convert positions in a run to positions in the text; the whole run if folding changed its length."""
    if len(place.run.text) != place.end - place.start:
        return place.start, place.end
    return place.start + start, place.start + (len(place.run.text) if end is None else end)


def _best_start(hits: Iterator[tuple[int, int]], phrases: int, reach: int) -> int:
    """Return the start of the first window with the most different phrases; of one phrase, with the most hits.

    `hits` have their start and the number of their phrase, in order. No more are examined than needed.
    """
    best, most = 0, 0
    there: dict[int, int] = {}  # where each phrase, or each of the last hits of a single one, was last
    for number, (at, phrase) in enumerate(hits):
        there[phrase if phrases > 1 else number % _HITS] = at
        if len(there) <= most:
            continue  # no more of them can be together than there were
        inside = [one for one in there.values() if one > at - reach]
        if len(inside) > most:
            best, most = min(inside), len(inside)
            if most == (phrases if phrases > 1 else _HITS):
                break
    return max(0, best - _BEFORE)


def _at_spaces(text: str, start: int, end: int) -> Span:
    """Move both ends to a space, if one is near."""
    if start and (space := text.find(" ", start, start + _BEFORE // 2)) >= 0:
        start = space + 1
    if end < len(text) and (space := text.rfind(" ", end - _BEFORE // 2, end)) > start:
        end = space
    return start, end


def _merged(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _cut(start: int, end: int, spans: list[Span]) -> Iterator[tuple[int, int, bool]]:
    at = start
    for a, b in spans:
        yield from [(at, a, False)] if at < a else []
        yield a, b, True
        at = b
    yield from [(at, end, False)] if at < end else []


def _piece(text: str, *, marked: bool) -> Piece:
    return Piece(text.replace("\n", " "), marked)
