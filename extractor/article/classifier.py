"""Which blocks of a page are its text: what the trees say of each, and how sure one may be of the whole.

The model is made by ``benchmarks/reading/train.py``; ``model/blocks.json`` says from which data and how.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from extractor.article.blocks import Blocks
from extractor.article.doubtful_blocks import whole
from extractor.article.features import Known, features, words_of_blocks
from extractor.html.trees import Trees

MODEL = Path(__file__).parent / "model" / "blocks.npz"
_LEAST_ODDS, _MOST_ODDS = 0.2, 0.55
"""Bounds of the probability above which a block is kept."""
_LONG = 60
"""Characters of a text from which on it is not said twice by chance."""
_SURE = 2.5
"""Logarithm of the odds above which what is said twice is the text twice."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The blocks that are the text."""

    kept: tuple[int, ...]
    expected: float
    """The F1 that the probabilities promise, between 0 and 1."""


def choose(blocks: Blocks, known: Known, trees: Trees | None = None) -> Chosen:
    """The blocks that make the best text to be expected, and what belongs to them. `trees` is another model."""
    if not blocks.texts:
        return Chosen((), 0.0)
    rows = features(blocks, known)
    odds = (trees or model()).evaluate(rows)
    chosen = best(odds, words_of_blocks(rows))
    kept = whole(blocks, chosen.kept, chances(odds))
    return Chosen(once(kept, blocks.texts, odds), chosen.expected)


def chances(odds: NDArray[np.float32]) -> NDArray[np.float64]:
    """The probabilities, between 0 and 1, that logarithms of odds tell."""
    chance: NDArray[np.float64] = 1 / (1 + np.exp(-odds.astype(np.float64)))
    return chance


def best(odds: NDArray[np.float32], words: NDArray[np.float32]) -> Chosen:
    """The set of blocks with the highest F1 to be expected, if block i is text with the logarithm of odds `odds[i]`.

    The set is all blocks above some probability: half the F1 that it reaches. So a page that is clear throughout gives
    only what is likelier than not, and one that is doubtful throughout is not cut to nothing.
    """
    chance = chances(odds)
    order = np.argsort(-chance, kind="stable")
    taken, hits = np.cumsum(words[order]), np.cumsum((words * chance)[order])
    expected = 2 * hits / np.maximum(taken + hits[-1], 1e-9)
    highest = float(expected.max())
    kept = np.flatnonzero(chance > min(max(highest / 2, _LEAST_ODDS), _MOST_ODDS))
    return Chosen(tuple(kept.tolist()), highest)


def once(kept: Sequence[int], texts: Sequence[str], odds: NDArray[np.float32]) -> tuple[int, ...]:
    """The blocks that are kept, but of two that say the same only the likelier one, or the first.

    A page that says a text twice shows it at two widths, or in a preview. The text once makes each of the two as likely
    as not, so that both would be kept. Both stay if the model is sure of both, and so does what is said three times.
    """
    saying: dict[str, list[int]] = {}
    for number, text in enumerate(texts):
        if len(text) >= _LONG:
            saying.setdefault(text, []).append(number)
    pairs = (sorted(numbers, key=lambda number: -odds[number]) for numbers in saying.values() if len(numbers) == 2)
    had = frozenset(kept)
    less = {other for first, other in pairs if first in had and odds[other] <= _SURE}
    return tuple(number for number in kept if number not in less)


@cache
def model() -> Trees:
    """Our model: loaded with the first page."""
    return Trees.load(MODEL)


@cache
def model_version() -> str:
    """The first digits of the SHA-256 of the data that the model was made from, and of how it was made."""
    version: str = json.loads(MODEL.with_suffix(".json").read_text("utf-8"))["version"]
    return version
