"""The words of a text, for searching: what an index holds of it and what a query is made of.

A script that is written without spaces has no words that could be told apart safely, so each of its characters begins a
token of two: 量子计算 is 量子, 子计, 计算 and, at the end of the run, 算. Any piece of a run is then a row of tokens
side by side, whatever its length: of two characters exactly one token, of one character the beginning of one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

UNSPACED = (
    "\u0e00-\u0e7f"  # Thai
    "\u0e80-\u0eff"  # Lao
    "\u1000-\u109f"  # Myanmar
    "\u1780-\u17ff"  # Khmer
    "\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303c"  # iteration marks and numerals
    "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"  # Kana
    "\u3105-\u312f\u31a0-\u31bf"  # Bopomofo
    "\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3"  # Hangul: its words are spaced, and inflected at their ends
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
)
_RUN = re.compile(rf"((?:(?!\W)[{UNSPACED}])+)|([^\W_{UNSPACED}]+)")
_ROUGH = re.compile(rf"(?P<unspaced>[{UNSPACED}\uff66-\uff9f]+)|(?:[^\W_{UNSPACED}\uff66-\uff9f]|[\u0300-\u036f])+")
_ACCENT = re.compile("[\u0300-\u036f]+")


class Run(NamedTuple):
    """A word, or a row of characters of a script without spaces, folded."""

    text: str
    unspaced: bool


class Place(NamedTuple):
    """Where a run lies in a text, with the text as it stands there."""

    run: Run
    start: int
    end: int


def fold(text: str) -> str:
    """`text` without what makes no other word: case, accents, width of characters."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFC", _ACCENT.sub("", unicodedata.normalize("NFD", folded)))


def runs(text: str) -> list[Run]:
    """The runs of a text, in order."""
    return [Run(row or word, bool(row)) for row, word in rows_and_words(text)]


def rows_and_words(text: str) -> list[tuple[str, str]]:
    """The runs of a text, in order: of each pair one is empty, the row of characters or the word."""
    found: list[tuple[str, str]] = _RUN.findall(fold(text))
    return found


def runs_as_they_come(text: str) -> Iterator[tuple[str, str]]:
    """As `rows_and_words`, one after the other: the runs of a long text take much memory."""
    return ((found[1] or "", found[2] or "") for found in _RUN.finditer(fold(text)))


def tokens(text: str) -> list[str]:
    """What the index holds of a text, in order. No token is empty or holds white space or a quotation mark."""
    made: list[str] = []
    for row, word in rows_and_words(text):
        if word:
            made.append(word)
        else:
            made += [row[at : at + 2] for at in range(len(row))]
    return made


def places(text: str, start: int = 0) -> Iterator[Place]:
    """The runs of a text with where they lie in it; a run that folds to several is given as each, at one place.

    With `start`, from the piece on that begins there.
    """
    for found in _ROUGH.finditer(text, start):
        for run in runs_of(found[0]):
            yield Place(run, found.start(), found.end())


def pieces(text: str) -> Iterator[re.Match[str]]:
    """The pieces of a text that runs are made of, each by itself: `runs_of` says of which."""
    return _ROUGH.finditer(text)


@lru_cache(maxsize=1 << 14)
def runs_of(piece: str) -> tuple[Run, ...]:
    return tuple(runs(piece))
