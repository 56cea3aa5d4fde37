"""Split texts into tokens for the index and for queries.

Words can't be separated reliably in a script without spaces, so each of its characters begins a token of two: 量子计算
gives 量子, 子计, 计算 and, at the end of the run, 算. So any part of a run is a sequence of adjacent tokens: two
characters are exactly one token, one character is the prefix of one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from operator import add
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
_USUAL = (
    "\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fa5\uac00-\ud7a3"  # all of them letters: a run of these needs no look at each
)
_RUN = re.compile(rf"((?:[{_USUAL}]+|(?!\W)[{UNSPACED}])+)|([^\W_{UNSPACED}]+)")
_UNSPACED = re.compile(f"[{UNSPACED}]")
_SPACED_WORD = re.compile(r"[^\W_]+")
_NO_WORD_IN_ASCII = {code: " " for code in range(128) if not chr(code).isalnum()}
_ROW = rf"[{UNSPACED}\uff66-\uff9f]"
_NO_ROW = rf"_{UNSPACED}\uff66-\uff9f"
_LETTER = rf"(?:[^\W{_NO_ROW}]|[\u0300-\u036f])"
_ROUGH = re.compile(rf"{_ROW}+|{_LETTER}+")
_ONE_LETTER = re.compile(_LETTER)
_ACCENT = re.compile("[\u0300-\u036f]+")


class Run(NamedTuple):
    """A folded word, or a folded sequence of characters of a script without spaces."""

    text: str
    unspaced: bool


class Place(NamedTuple):
    """The place of a run in a text, with the original text."""

    run: Run
    start: int
    end: int


def fold(text: str) -> str:
    """Remove differences of case, accents and character width from a text."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFC", _ACCENT.sub("", unicodedata.normalize("NFD", folded)))


def runs(text: str) -> list[Run]:
    """Return the runs of a text, in order."""
    return [Run(row or word, bool(row)) for row, word in rows_and_words(text)]


def rows_and_words(text: str) -> list[tuple[str, str]]:
    """Return the runs of a text, in order, as pairs of characters and word, one of which is empty."""
    found: list[tuple[str, str]] = _RUN.findall(fold(text))
    return found


def runs_as_they_come(text: str) -> Iterator[tuple[str, str]]:
    """Yield what `rows_and_words` returns: the runs of a long text take much memory."""
    return ((found[1] or "", found[2] or "") for found in _RUN.finditer(fold(text)))


def spaced_words(text: str) -> list[str] | None:
    """Return the folded words of a text, in order; None if it has characters of a script without spaces.

    This takes a fifth of the time of `rows_and_words`.
    """
    if not text.isascii() and _UNSPACED.search(text):  # to fold such a text costs more
        return None
    folded = fold(text)
    if folded.isascii():
        return folded.translate(_NO_WORD_IN_ASCII).split()
    return None if _UNSPACED.search(folded) else _SPACED_WORD.findall(folded)


def tokens(text: str) -> list[str]:
    """Return the tokens of a text, in order. No token is empty or contains white space or a quotation mark."""
    words = spaced_words(text)
    return tokens_of(rows_and_words(text)) if words is None else words


def tokens_of(found: Iterable[tuple[str, str]]) -> list[str]:
    """Return the tokens of a text of which `rows_and_words` returned this."""
    made: list[str] = []
    for row, word in found:
        if word:
            made.append(word)
        else:
            made += map(add, row, row[1:])
            made.append(row[-1])
    return made


def places(text: str, start: int = 0) -> Iterator[Place]:
    """Yield the runs of a text with their places. A run that folds to several gives each of them, at the same place.

    `start` is the beginning of the first piece.
    """
    for found in _ROUGH.finditer(text, start):
        for run in runs_of(found[0]):
            yield Place(run, found.start(), found.end())


def pieces(text: str) -> Iterator[re.Match[str]]:
    """Yield the pieces of a text; `runs_of` returns the runs of a piece."""
    return _ROUGH.finditer(text)


class PiecesLike:
    """Finds the pieces of a text that fold to one of some words, or begin with one, and few others.

    ASCII folds to ASCII alone, so most pieces need not be folded; every piece that is not ASCII is yielded, whatever it
    says. Only the pattern for ASCII is made for the words: one with the scripts without spaces takes 6 ms to compile.
    """

    def __init__(self, words: Iterable[str], beginnings: Iterable[str]) -> None:
        """Both are folded."""
        self._alike = frozenset(word for word in words if word.isascii())
        self._begun = tuple(word for word in beginnings if word.isascii())
        some = [f"(?:{'|'.join(map(re.escape, self._alike))})"] if self._alike else []
        some += [f"(?:{'|'.join(map(re.escape, self._begun))})[a-z0-9]*"] if self._begun else []
        among = "|".join(some) or "(?!)"
        self._in_ascii = re.compile(rf"(?<![a-z0-9])(?:{among})(?![a-z0-9])", re.IGNORECASE | re.ASCII)

    def among(self, text: str) -> Iterator[re.Match[str]]:
        """Yield them in order."""
        if text.isascii():
            return self._in_ascii.finditer(text)
        return (piece for piece in pieces(text) if self._may_be(piece[0]))

    def _may_be(self, piece: str) -> bool:
        if not piece.isascii():
            return True
        word = piece.lower()
        return word in self._alike or word.startswith(self._begun)


@lru_cache(maxsize=1 << 12)
def is_letter(character: str) -> bool:
    """Return whether a character continues a word of a script with spaces: a letter, a digit or an accent."""
    return _ONE_LETTER.fullmatch(character) is not None


@lru_cache(maxsize=1 << 14)
def runs_of(piece: str) -> tuple[Run, ...]:
    return tuple(runs(piece))
