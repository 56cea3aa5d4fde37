"""Select the blocks of a page that are its text, by a tree model for each block and the certainty of the whole.

``benchmarks/reading/train.py`` makes the model; ``model/blocks.json`` describes its data and training.
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
from extractor.article.features import PageContext, features, words_of_blocks
from extractor.article.footnotes import with_notes
from extractor.article.whole_tables import with_whole_tables
from extractor.html.trees import Trees

MODEL = Path(__file__).parent / "model" / "blocks.npz"
_LEAST_ODDS, _MOST_ODDS = 0.2, 0.55
"""Limits of the threshold above which a block is kept."""
_LONG = 60
"""Characters from which on a repeated text is not a coincidence."""
_SURE = 2.5
"""Log odds above which a repeated text is kept twice."""


@dataclass(frozen=True, slots=True)
class ChosenBlocks:
    """The blocks that are the text."""

    kept: tuple[int, ...]
    expected: float
    """The expected F1, between 0 and 1."""


def choose(blocks: Blocks, known: PageContext, trees: Trees | None = None) -> ChosenBlocks:
    """Return the blocks with the best expected text, and those that belong to them. `trees` replaces the model."""
    if not blocks.texts:
        return ChosenBlocks((), 0.0)
    rows = features(blocks, known)
    odds = (trees or model()).evaluate(rows)
    chosen = best(odds, words_of_blocks(rows))
    kept = whole(blocks, chosen.kept, chances(odds))
    single = once(kept, blocks.texts, odds)
    return ChosenBlocks(with_notes(blocks, with_whole_tables(blocks, single, frozenset(kept))), chosen.expected)


def chances(odds: NDArray[np.float32]) -> NDArray[np.float64]:
    """Convert log odds to probabilities between 0 and 1."""
    chance: NDArray[np.float64] = 1 / (1 + np.exp(-odds.astype(np.float64)))
    return chance


def best(odds: NDArray[np.float32], words: NDArray[np.float32]) -> ChosenBlocks:
    """Return the set of blocks with the highest expected F1, if block i is text with the log odds `odds[i]`.

    The set is all blocks above a threshold: half the F1 that it reaches. So a clear page gives only blocks that are
    more likely text than not, and a doubtful page is not reduced to nothing.
    """
    chance = chances(odds)
    order = np.argsort(-chance, kind="stable")
    taken, hits = np.cumsum(words[order]), np.cumsum((words * chance)[order])
    expected = 2 * hits / np.maximum(taken + hits[-1], 1e-9)
    highest = float(expected.max())
    kept = np.flatnonzero(chance > min(max(highest / 2, _LEAST_ODDS), _MOST_ODDS))
    return ChosenBlocks(tuple(kept.tolist()), highest)


def once(kept: Sequence[int], texts: Sequence[str], odds: NDArray[np.float32]) -> tuple[int, ...]:
    """Return the kept blocks, but only the likelier (or first) of two with the same text.

    A page has a text twice for two screen widths, or in a preview. The model then gives each of the two about 50 %, so
    both would be kept. Both stay if the model is sure of both, and so does text that occurs three times.
    """
    saying: dict[str, list[int]] = {}
    for number, text in enumerate(texts):
        if len(text) >= _LONG and not text.startswith("$$"):  # a formula may be written twice
            saying.setdefault(text, []).append(number)
    pairs = (sorted(numbers, key=lambda number: -odds[number]) for numbers in saying.values() if len(numbers) == 2)
    had = frozenset(kept)
    less = {other for first, other in pairs if first in had and odds[other] <= _SURE}
    return tuple(number for number in kept if number not in less)


@cache
def model() -> Trees:
    """Return the default model, loaded at the first page."""
    return Trees.load(MODEL)


@cache
def model_version() -> str:
    """Return the first digits of the SHA-256 of the model's data and training parameters."""
    version: str = json.loads(MODEL.with_suffix(".json").read_text("utf-8"))["version"]
    return version
