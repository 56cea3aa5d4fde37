"""Compare two texts line by line. Noise is separate: relative times, counters, links (see `extractor.links.noise`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from archive.retrieval.difference.sequences import Budget, likeness, matches
from archive.retrieval.difference.words import Piece, pieces, spoken
from extractor.links.noise import Line, lines

Kind = Literal["same", "noise", "changed", "deleted", "inserted"]

_ALIKE = 0.4
"""Two lines with at least this fraction of common words are one changed line."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of one text, or of both. The old sides of all rows are the old text, the new sides the new one."""

    kind: Kind
    """`noise`: the two lines differ only in noise, or a line in one text has only noise."""
    old: str | None
    new: str | None
    pieces: tuple[Piece, ...] = ()
    """Word by word, if both sides exist and differ."""


def compare(old: str | None, new: str | None, budget: Budget | None = None) -> tuple[Row, ...]:
    """Return the lines of two texts side by side; None means no text. Texts with the same gist differ only by noise."""
    one = lines(old) if old is not None else []
    other = lines(new) if new is not None else []
    return tuple(_rows(one, other, budget or Budget()))


def _rows(old: Sequence[Line], new: Sequence[Line], budget: Budget) -> Iterator[Row]:
    # Noise is aligned only after the other lines are: so it never separates lines that belong together.
    one, other = ([at for at, line in enumerate(each) if line.key] for each in (old, new))
    at_one = at_other = 0
    found = matches([old[at].key for at in one], [new[at].key for at in other], budget)
    for match in found:
        for step in range(match.length):
            here, there = one[match.old + step], other[match.new + step]
            yield from _gap(old[at_one:here], new[at_other:there], budget)
            yield _pair(old[here], new[there], budget)
            at_one, at_other = here + 1, there + 1
    yield from _gap(old[at_one:], new[at_other:], budget)


def _gap(old: Sequence[Line], new: Sequence[Line], budget: Budget) -> Iterator[Row]:
    """Yield the rows of the lines between two equal ones."""
    at_one = at_other = 0
    for here, there in [*_pairs(old, new, budget), (len(old), len(new))]:
        yield from (Row("deleted" if line.key else "noise", line.text, None) for line in old[at_one:here])
        yield from (Row("inserted" if line.key else "noise", None, line.text) for line in new[at_other:there])
        if here < len(old):
            yield _pair(old[here], new[there], budget)
        at_one, at_other = here + 1, there + 1


def _pair(old: Line, new: Line, budget: Budget) -> Row:
    if old.text == new.text:
        return Row("same", old.text, new.text)
    kind: Kind = "noise" if old.key == new.key else "changed"
    return Row(kind, old.text, new.text, pieces(old.text, new.text, budget))


def _pairs(old: Sequence[Line], new: Sequence[Line], budget: Budget) -> list[tuple[int, int]]:
    """Return the pairs of lines that are changed versions of each other: the ones with the highest total similarity."""
    if list(map(_identity, old)) == list(map(_identity, new)):
        return [(at, at) for at in range(len(old))]
    if not old or not new:
        return []
    if not budget.takes_pairs(len(old) * len(new)):
        found = matches([_identity(line) for line in old], [_identity(line) for line in new], budget)
        return [(match.old + step, match.new + step) for match in found for step in range(match.length)]
    one, other = ([(line, spoken(line.text)) for line in each] for each in (old, new))
    return _heaviest([[_weight(line, there, budget) for there in other] for line in one])


def _identity(line: Line) -> tuple[str, bool]:
    return line.text, bool(line.key)


def _weight(old: tuple[Line, list[str]], new: tuple[Line, list[str]], budget: Budget) -> float:
    """Return the weight of a pair of lines; 0 if they can't be one. Noise is only paired with noise."""
    (one, its_words), (other, other_words) = old, new
    if bool(one.key) != bool(other.key):
        return 0.0
    if one.text == other.text:
        return 2.0
    like = likeness(its_words, other_words, budget)
    return like if like >= _ALIKE else 0.0


def _heaviest(weights: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """Return the pairs of rows and columns, both ascending, with the highest total weight."""
    width = len(weights[0])
    best = [[0.0] * (width + 1) for _ in range(len(weights) + 1)]
    for at in range(len(weights) - 1, -1, -1):
        for to in range(width - 1, -1, -1):
            paired = best[at + 1][to + 1] + weights[at][to] if weights[at][to] else 0.0
            best[at][to] = max(best[at + 1][to], best[at][to + 1], paired)
    chosen: list[tuple[int, int]] = []
    at = to = 0
    while at < len(weights) and to < width:
        if weights[at][to] and best[at][to] == best[at + 1][to + 1] + weights[at][to]:
            chosen.append((at, to))
            at, to = at + 1, to + 1
        elif best[at][to] == best[at + 1][to]:
            at += 1
        else:
            to += 1
    return chosen
