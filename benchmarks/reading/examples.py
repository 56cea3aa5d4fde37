"""Convert pages to rows of features with labels, the training data of the trees."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.reading.data import Sample
from benchmarks.reading.labels import TEXT, UNKNOWN, label
from extractor.article.article import PageLayout, known_of, lay_out
from extractor.article.blocks import blocks_of
from extractor.article.features import features, words_of_blocks
from extractor.forums.registry import forum_of
from extractor.metadata.metadata import read_metadata

_WEIGHT_OF_VARIANTS = 0.3
"""Weight of pages that are other encodings of existing ones."""
_WEIGHT_OF_IDEOGRAPHS = 2.0
_MOST_WORDS = 200
_OF_LENIENT = 0.3
"""Fraction of a page's weight for its form with menus and the like, which are negative examples. Forum pages have only
the rest of their weight.
"""


@dataclass(frozen=True, slots=True)
class Examples:
    """Parallel arrays, with one entry per labelled block."""

    rows: NDArray[np.float32]
    labels: NDArray[np.int8]
    weights: NDArray[np.float32]
    folds: NDArray[np.int8]


def examples(samples: Iterable[Sample], fold: Callable[[Sample], int]) -> Examples:
    """Return the examples of all pages with a gold text; `fold` is the fold of a page in the cross-validation.

    Each page gives its blocks as it is read, and again with menus and the like, except forums, which use such names for
    everything.
    """
    parts = [part for sample in samples for part in _of(sample, fold(sample))]
    rows, labels, weights, numbers = zip(*parts, strict=True)
    return Examples(np.concatenate(rows), np.concatenate(labels), np.concatenate(weights), np.concatenate(numbers))


def _of(sample: Sample, fold: int) -> Iterator[tuple[NDArray[np.generic], ...]]:
    gold = sample.gold
    if not (gold.get("text") or gold.get("with") or gold.get("without")):
        return
    page = sample.page
    metadata = read_metadata(page)
    laid = lay_out(page, True if forum_of(page) is not None else metadata.thread)
    if laid.blocks.texts:
        yield _rows(sample, laid, metadata.title, fold, 1 - _OF_LENIENT)
    lenient = PageLayout(blocks_of(page, thread=bool(laid.thread), lenient=True), laid.thread)
    if lenient.blocks.texts and gold["type"] != "forum":
        yield _rows(sample, lenient, metadata.title, fold, _OF_LENIENT)


def _rows(
    sample: Sample, laid: PageLayout, title: str | None, fold: int, share: float
) -> tuple[NDArray[np.generic], ...]:
    gold = sample.gold
    rows = features(laid.blocks, known_of(laid, title))
    labels = np.array(label(gold, laid.blocks.texts), dtype=np.int8)
    words = words_of_blocks(rows)
    text = words[labels == TEXT].sum() if gold.get("text") else words.sum() / 2
    weights = (
        share * np.minimum(words + 1.5, _MOST_WORDS) / (text + 60)
    )  # each page has the same weight, whatever its length
    weights *= _WEIGHT_OF_VARIANTS if gold["type"] == "encoding" else 1
    weights *= _WEIGHT_OF_IDEOGRAPHS if (gold.get("lang") or "")[:2] in ("zh", "ja", "ko") else 1
    known = labels != UNKNOWN
    return rows[known], labels[known], weights[known], np.full(int(known.sum()), fold, dtype=np.int8)
