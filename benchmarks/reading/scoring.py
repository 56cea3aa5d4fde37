"""Score texts and posts by words; Chinese, Japanese and Korean by characters."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.reading.fields import date_score, overlap, tokens

_ALIKE = 0.7
"""F1 of words from which on two posts count as equal."""
_MOST_POSTS = 400


@dataclass(frozen=True, slots=True)
class TextMark:
    """Precision, recall and F1 of a text."""

    precision: float
    recall: float
    f1: float


def mark_text(found: str, gold: str) -> TextMark:
    ours, theirs = Counter(tokens(found)), Counter(tokens(gold))
    shared = (ours & theirs).total()
    if not shared:
        return TextMark(0.0, 0.0, 0.0)
    precision, recall = shared / ours.total(), shared / theirs.total()
    return TextMark(precision, recall, 2 * precision * recall / (precision + recall))


@dataclass(frozen=True, slots=True)
class PostMarks:
    """Counts to sum over pages: posts, matching pairs, and their authors and dates."""

    found: int
    gold: int
    same: int
    authors: tuple[int, int]
    """Right, and known."""
    dates: tuple[int, int]


def mark_posts(found: Sequence[Mapping[str, Any]], gold: Sequence[Mapping[str, Any]]) -> PostMarks:
    """Score posts, which have `body`, `author` and `date`; they are paired in order, each at most once."""
    pairs = _pairs([tokens(post.get("body") or "") for post in found[:_MOST_POSTS]],
                   [tokens(post.get("body") or "") for post in gold])  # fmt: skip
    authors = [_same_author(found[i].get("author"), gold[j].get("author")) for i, j in pairs]
    dates = [date_score(str(found[i].get("date") or ""), str(gold[j].get("date") or "")) for i, j in pairs]
    return PostMarks(len(found), len(gold), len(pairs), _counted(authors), _counted(dates))


def _counted(marks: Sequence[float | None]) -> tuple[int, int]:
    known = [mark for mark in marks if mark is not None]
    return int(sum(known)), len(known)


def _pairs(found: Sequence[list[str]], gold: Sequence[list[str]]) -> list[tuple[int, int]]:
    """Return the longest common subsequence, weighted by similarity."""
    alike = [[_likeness(one, other) for other in gold] for one in found]
    best = [[0.0] * (len(gold) + 1) for _ in range(len(found) + 1)]
    for i in range(len(found) - 1, -1, -1):
        for j in range(len(gold) - 1, -1, -1):
            paired = alike[i][j] + best[i + 1][j + 1] if alike[i][j] >= _ALIKE else 0.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], paired)
    pairs, i, j = [], 0, 0
    while i < len(found) and j < len(gold):
        if alike[i][j] >= _ALIKE and best[i][j] == alike[i][j] + best[i + 1][j + 1]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i + 1][j] >= best[i][j + 1]:
            i += 1
        else:
            j += 1
    return pairs


def _likeness(one: list[str], other: list[str]) -> float:
    if not one and not other:
        return 1.0
    short, long = sorted((len(one), len(other)))
    return overlap(one, other) if short > 0.4 * long else 0.0


def _same_author(found: object, gold: object) -> float | None:
    """Return whether two names are equal by their letters.

    Gold may be the address of a profile: then return None if that does not contain the name.
    """
    name, written = _letters(found), str(gold or "")
    if not written:
        return None
    if not name:
        return 0.0
    if "/" in written or "?" in written or "=" in written:
        return 1.0 if name in _letters(written) else None
    return float(name == _letters(written))


def _letters(name: object) -> str:
    return re.sub(r"\W+", "", str(name or "").lower())
