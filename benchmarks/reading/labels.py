"""Label the blocks of a page as text or not, from the gold text.

The gold text is found in the blocks; then blocks are added and removed while the set agrees better with it. So text
that occurs twice on the page and once in the gold is learnt as text once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from benchmarks.reading.choice import Choice
from benchmarks.reading.fields import tokens

TEXT, NO_TEXT, UNKNOWN = 1, 0, -1
_SHORT = 6
_SHARE = 0.6
_REACH = 60
"""Maximum words in the gold text between a short block and its long neighbour on the page."""


def label(gold: dict[str, Any], blocks: Sequence[str]) -> list[int]:
    """Return for each block whether it is text. If the annotation has only snippets, most blocks are unknown."""
    if not gold.get("text"):
        return [_by_snippets(_folded(block), gold) for block in blocks]
    choice = first_choice(gold["text"], blocks)
    choice.improve()
    return [TEXT if number in choice.kept else NO_TEXT for number in range(len(blocks))]


def first_choice(gold: str, blocks: Sequence[str]) -> Choice:
    """Return the blocks in which the gold text is found."""
    words = [tokens(block) for block in blocks]
    return Choice(list(map(Counter, words)), Counter(tokens(gold)), _found(tokens(gold), words))


def _by_snippets(block: str, gold: dict[str, Any]) -> int:
    if any(_folded(snippet) in block for snippet in gold.get("without") or ()):
        return NO_TEXT
    return TEXT if any(_folded(snippet) in block for snippet in gold.get("with") or ()) else UNKNOWN


def _folded(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _found(gold: list[str], blocks: list[list[str]]) -> list[int]:
    """Find the blocks in the gold text.

    Long blocks are found by the fraction of their word triples in it; short ones if it has them unchanged, near the
    same neighbours.
    """
    places = _places(gold, blocks)
    begins: dict[str, list[int]] = {}
    for place, word in enumerate(gold):
        begins.setdefault(word, []).append(place)
    found: list[int] = []
    for number, words in enumerate(blocks):
        if places[number] is not None:
            found.append(number)
        elif 0 < len(words) < _SHORT:
            said = [place for place in begins.get(words[0], ()) if gold[place : place + len(words)] == words]
            if said and _is_near(said, number, places, len(gold)):
                found.append(number)
    return found


def _places(gold: list[str], blocks: list[list[str]]) -> list[int | None]:
    """Return the position of each long block's middle in the gold text; None if it is missing."""
    first: dict[tuple[str, ...], int] = {}
    for place, triple in enumerate(zip(gold, gold[1:], gold[2:], strict=False)):
        first.setdefault(triple, place)
    places: list[int | None] = []
    for words in blocks:
        triples = list(zip(words, words[1:], words[2:], strict=False)) if len(words) >= _SHORT else []
        found = sorted(first[triple] for triple in triples if triple in first)
        places.append(found[len(found) // 2] if found and len(found) >= len(triples) * _SHARE else None)
    return places


def _is_near(found: list[int], number: int, places: list[int | None], end: int) -> bool:
    before = next((place for place in reversed(places[:number]) if place is not None), None)
    after = next((place for place in places[number + 1 :] if place is not None), None)
    low, high = 0 if before is None else before, end if after is None else after
    return any(min(low, high) - _REACH <= place <= max(low, high) + _REACH for place in found)
