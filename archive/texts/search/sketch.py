"""Estimate the similarity of two texts from small sketches: MinHash over their shingles.

A sketch is a function of the text alone, and is stored: a change of the function needs a new `VERSION`. See
docs/formats/similar.md.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from operator import eq

from archive.texts.search.tokens import runs_as_they_come, spaced_words

VERSION = 1
"""The version of tokens, shingles, seed and slots. The library's algorithm has its own version, and a test has the
expected sketch of a text."""

WORDS, CHARACTERS = 3, 5
"""Length of a shingle in words, and in characters of a script without spaces."""
SHORTEST = 50
"""A text with fewer shingles has no sketch: two similar short notices are not copies."""
BANDS = 20
"""Number of bands per text."""

_AT_ONCE = 2_000
"""Number of shingles hashed at a time; in between, other threads can run."""
_LONG = 1 << 20
"""Characters of a text whose words are not all held at once."""
_SLOTS = 128
_SEED = 20260131
_SKETCH = struct.Struct(f"<{_SLOTS}H")
_BANDS = struct.Struct(f"<{BANDS}q")
"""A band is four slots of 16 bits, as one number."""


def sketch(text: str, words: Sequence[str] | None = None, runs: Iterable[tuple[str, str]] = ()) -> bytes | None:
    """Return 128 slots of 16 bits, little-endian; None if the text is too short.

    `words` are what `spaced_words` returns of the text, and `runs` what `rows_and_words` returns, if one is known.
    """
    from rensa import RMinHash  # 1 MB that a service without new texts does not need

    made, few = RMinHash(_SLOTS, _SEED), set[str]()
    rest = _shingles(text, words, runs)
    while some := list(islice(rest, _AT_ONCE)):
        made.update(some)  # a repeated shingle changes nothing
        for at in range(0, len(some), SHORTEST):
            if len(few) >= SHORTEST:  # mostly after the first ones, and the others are many
                break
            few.update(some[at : at + SHORTEST])
    if len(few) < SHORTEST:
        return None
    return _SKETCH.pack(*(slot & 0xFFFF for slot in made.digest()))


def shingles(text: str) -> set[str]:
    """Return the shingles of a text. White space, punctuation, case and accents are ignored."""
    return set(_shingles(text))


def _shingles(text: str, words: Sequence[str] | None = None, runs: Iterable[tuple[str, str]] = ()) -> Iterator[str]:
    """Yield the shingles of a text, with repetitions: a set of all would need much memory for a long text."""
    return chain.from_iterable(_shingles_of_parts(text, words, runs))


def _shingles_of_parts(
    text: str, there: Sequence[str] | None, known: Iterable[tuple[str, str]]
) -> Iterator[Iterable[str]]:
    """Yield the shingles of one part of a text after another: those of words, then those of characters."""
    if there is None and not known and len(text) <= _LONG:
        there = spaced_words(text)
    if there is not None:
        for at in range(0, len(there), _AT_ONCE):
            yield _of_words(there[at : at + _AT_ONCE + WORDS - 1])
        return
    words, row, runs = list[str](), "", iter(known or runs_as_they_come(text))
    while some := list(islice(runs, _AT_ONCE)):
        words = words[1 - WORDS :] + [word for _, word in some if word]
        row = row[1 - CHARACTERS :] + "".join([piece for piece, _ in some])
        yield _of_words(words)
        yield [row[at : at + CHARACTERS] for at in range(len(row) - CHARACTERS + 1)]


def _of_words(words: Sequence[str]) -> Iterable[str]:
    return map(" ".join, zip(*(words[at:] for at in range(WORDS)), strict=False))


def bands(of: bytes) -> Sequence[int]:
    """Return bands. Similar texts share at least one, at the same position, with the probability in
    docs/formats/similar.md.
    """
    return _BANDS.unpack_from(of)


def likeness(one: bytes, other: bytes) -> float:
    """Estimate the fraction of shingles that two texts share, from their sketches: 0 to 1."""
    same: int = sum(map(eq, _SKETCH.unpack(one), _SKETCH.unpack(other)))
    return same / _SLOTS
