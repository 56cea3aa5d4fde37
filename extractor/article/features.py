"""Compute the features of each block, the columns for the trees of `extractor.html.trees`.

All features are counts: lengths, links, punctuation, tags, class words, of the block, its containers, its neighbours
and the page. None depends on the words of a block, so no language has an advantage.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from extractor.article.blocks import KIND, LANDMARKS, Blocks
from extractor.article.text_counts import IDEOGRAPH, WEIGHT_OF_IDEOGRAPH, TextCounts
from extractor.html import class_words as classwords

Floats = NDArray[np.float32]
Whole = NDArray[np.int64]

_Columns = Mapping[str, NDArray[np.generic]] | Mapping[tuple[str, ...], NDArray[np.generic]]
"""Columns by name, or rows of columns by their names: one step of numpy for several of them costs no more than for one.
"""

_LENGTH, _IDEOGRAPHS = 0, 10
_ANCESTORS = 4
_HIGHEST = 8
_FAR = 60
_SHORT_KINDS = [KIND[tag] for tag in ("li", "h1", "h2", "h3", "h4", "figcaption", "td", "th", "dt")]
_HEADINGS = [KIND[tag] for tag in ("h1", "h2", "h3", "h4", "h5", "h6")]
_IS_SHORT = np.isin(np.arange(len(KIND)), _SHORT_KINDS)
_IS_HEADING = np.isin(np.arange(len(KIND)), _HEADINGS)
_IS_HIGH_HEADING = np.isin(np.arange(len(KIND)), _HEADINGS[:2])
_WORDS = {
    "apparatus": classwords.APPARATUS,
    "aside": classwords.ASIDE,
    "body": classwords.BODY,
    "about": classwords.ABOUT,
    "comments": classwords.COMMENTS,
    "thread": classwords.THREAD,
    "control": classwords.CONTROL,
    "caption": classwords.CAPTION,
}


_LANDMARK_BITS = np.array(list(LANDMARKS.values()), np.int16)[:, np.newaxis]


@dataclass(frozen=True, slots=True)
class PageContext:
    """Facts of the page apart from its blocks."""

    title: str | None = None
    thread: bool | None = None


def features(blocks: Blocks, known: PageContext) -> Floats:
    """Return one row per block; `names` returns the names of the columns."""
    turned = np.empty((len(names()), len(blocks.texts)), dtype=np.float32)  # column by column, as the trees read them
    number = 0
    for columns in _columns(blocks, known):  # one group after the other: those of a large page take much memory
        for name, column in columns.items():
            if isinstance(name, str):
                turned[number] = column
                number += 1
            else:
                turned[number : number + len(name)] = column
                number += len(name)
    return turned.T


@cache
def names() -> tuple[str, ...]:
    """Return the names of the columns of `features`, in order."""
    one = Blocks(["a"], [0], [0], [], [-1], [0], [0], [0], [0], [0], [1], [1])
    groups = (group for columns in _columns(one, PageContext()) for group in columns)
    return tuple(name for group in groups for name in ([group] if isinstance(group, str) else group))


def words_of_blocks(rows: Floats) -> Floats:
    """Return the approximate number of words of each block: an ideograph is one, and so are six letters."""
    letters = rows[:, _LENGTH] / (1 + rows[:, _IDEOGRAPHS] * (WEIGHT_OF_IDEOGRAPH - 1))
    words = letters * (rows[:, _IDEOGRAPHS] + (1 - rows[:, _IDEOGRAPHS]) / 6)
    return words.astype(np.float32)


def _columns(blocks: Blocks, known: PageContext) -> Iterator[_Columns]:
    texts = TextCounts(blocks)
    tree = _Tree(blocks, texts)
    yield texts.columns()
    yield from tree.columns()
    yield _around(blocks, texts)
    yield _page(blocks, texts, tree, known)


class _Tree:
    """Sums over containers, and the features derived from them."""

    def __init__(self, blocks: Blocks, texts: TextCounts) -> None:
        self._blocks, self._texts = blocks, texts
        self.holder = np.array(blocks.holder)
        self.parent = np.array(blocks.parent)
        self.parent[0] = 0
        self.first, self.end = np.array(blocks.first), np.array(blocks.end)
        self.kind, self.named, self.alike = np.array(blocks.kind), np.array(blocks.named), np.array(blocks.alike)
        self.letters = self.over(texts.weight)
        self.linked = self.over(texts.weight * texts.linked) / np.maximum(self.letters, 1)
        self.count = self.end - self.first
        self.paths = self._paths()
        self.top = self._top()

    def over(self, values: NDArray[np.generic]) -> NDArray[np.float64]:
        """Return the sum of a value of blocks for each container."""
        sums = np.concatenate(([0.0], np.cumsum(values, dtype=np.float64)))
        within: NDArray[np.float64] = sums[self.end] - sums[self.first]
        return within

    def _paths(self) -> Whole:
        """Return, for each block, its containers up to the page: one row per level."""
        paths = np.empty((_HIGHEST, len(self.holder)), dtype=np.int64)
        paths[0] = self.holder
        for level in range(1, _HIGHEST):
            paths[level] = self.parent[paths[level - 1]]
        return paths

    def _top(self) -> int:
        """Return the smallest container with most of the running text."""
        texts = self._texts
        kinds = self.kind[self.holder]
        value = 1 + np.minimum(texts.weight / 100, 3) + texts.signs * 0.4
        value = np.where(_IS_SHORT[kinds], value * 0.3, value)
        value = np.where((texts.weight < 25) | (texts.linked > 0.4), 0, value)
        score = np.zeros(len(self.parent))
        share = 1.0
        for around in self.paths[1:5]:
            score += np.bincount(around, value * share, len(self.parent))
            share *= 0.62
        against = (self.named & classwords.APPARATUS) > 0
        score *= (1 - self.linked) * np.where(against, 0.7, 1)
        self.score = score / max(float(score.max()), 1e-9)
        return int(score.argmax())

    def columns(self) -> Iterator[_Columns]:
        total = max(float(self._texts.weight.sum()), 1.0)
        yield {"kind": self.kind[self.holder]}
        yield {tuple(LANDMARKS): np.array(self._blocks.landmarks, np.int16)[self.holder] & _LANDMARK_BITS > 0}
        around = self.named[self.paths]
        for name, bits in _WORDS.items():
            yield {f"{name} words": np.add.reduce((around & bits) > 0, axis=0)}
        for level, path in enumerate(self.paths[:_ANCESTORS]):
            letters = self.letters[path]
            yield {
                f"share of page {level}": letters / total,
                f"link density {level}": self.linked[path],
                f"letters per block {level}": letters / np.maximum(self.count[path], 1),
            }
        alike = np.where(self.letters > 60, self.alike, 1)
        yield {
            "blocks 1": self.count[self.paths[1]],
            "blocks 2": self.count[self.paths[2]],
            "alike": np.maximum.reduce(alike[self.paths[:6]], axis=0),
            "siblings": self.alike[self.holder],
        }
        yield self._near_top()
        yield self._of_same_style()

    def _of_same_style(self) -> dict[str, NDArray[np.generic]]:
        """Return how much running text has the same style: the paragraphs of an article do, teasers differ."""
        style = np.array(self._blocks.style)
        running = self._texts.weight * (self._texts.linked < 0.4) * (self._texts.weight > 60)
        columns: dict[str, NDArray[np.generic]] = {}
        looks = style[self.holder]
        for level in range(3):
            looks = looks * len(style) + style[self.paths[level + 1]]
            numbers: dict[object, int] = {}  # faster than sorting so few values
            number = np.array([numbers.setdefault(look, len(numbers)) for look in looks.tolist()])
            letters = np.bincount(number, running)
            columns[f"text of style {level}"] = (letters / max(float(letters.sum()), 1.0))[number]
            columns[f"style is the main one {level}"] = letters[number] >= letters.max()
        return columns

    def _with(self, number: int) -> dict[str, NDArray[np.generic]]:
        """Return level and size of the smallest container that also holds the block `number`."""
        holds = ((self.first <= number) & (number < self.end))[self.paths]
        found, lowest = holds.any(axis=0), holds.argmax(axis=0)
        level = np.where(found, lowest, _HIGHEST)
        letters = np.where(found, self.letters[self.paths[lowest, np.arange(len(lowest))]], self.letters[0])
        return {"levels to title": level, "share with title": letters / max(float(self.letters[0]), 1.0)}

    def _near_top(self) -> dict[str, NDArray[np.generic]]:
        first, end = self.first[self.top], self.end[self.top]
        numbers = np.arange(len(self.holder))
        within = (numbers >= first) & (numbers < end)
        outer = self.parent[self.top]
        return {
            "in top": within,
            "in parent of top": (numbers >= self.first[outer]) & (numbers < self.end[outer]),
            "after begin of top": _near(numbers - first),
            "before end of top": _near(end - numbers),
            "score": self.score[self.holder],
            "score 1": self.score[self.paths[1]],
            "depth below top": np.add.reduce(self.paths != self.top, axis=0) * within,
        }


def _near(distance: Whole) -> Whole:
    """Return distances of at most so many blocks; `np.clip` takes three times as long."""
    return np.minimum(np.maximum(distance, -_FAR), _FAR)


def _around(blocks: Blocks, texts: TextCounts) -> dict[str, NDArray[np.generic]]:
    """Return features of the neighbours."""
    length, linked = np.minimum(texts.weight, 2000), texts.linked
    heading = _IS_HEADING[np.array(blocks.kind)[np.array(blocks.holder)]]
    return {
        "length before": _shifted(length, 1),
        "length before that": _shifted(length, 2),
        "length after": _shifted(length, -1),
        "length after that": _shifted(length, -2),
        "link density before": _shifted(linked, 1),
        "link density after": _shifted(linked, -1),
        "heading before": _shifted(heading, 1),
        "letters about": np.convolve(length * (1 - linked), np.ones(9) / 9)[4:-4],
    }


def _shifted(values: NDArray[np.generic], by: int) -> NDArray[np.generic]:
    shifted = np.zeros_like(values)
    if len(values) > abs(by):
        if by > 0:
            shifted[by:] = values[:-by]
        else:
            shifted[:by] = values[-by:]
    return shifted


def _page(blocks: Blocks, texts: TextCounts, tree: _Tree, known: PageContext) -> dict[str, NDArray[np.generic]]:
    count = len(blocks.texts)
    numbers = np.arange(count)
    total = float(texts.weight.sum())
    titled = [number for number, text in enumerate(blocks.texts) if text == known.title] if known.title else []
    heading = titled[0] if titled else _first_heading(tree)
    is_title = np.zeros(count, dtype=np.bool_)
    is_title[titled] = True
    before = np.cumsum(texts.weight) - texts.weight
    seen: dict[str, int] = {}
    for text in blocks.texts:
        seen[text] = seen.get(text, 0) + 1
    same = np.fromiter((seen[text] for text in blocks.texts), np.int64, count)
    thread = 0.5 if known.thread is None else float(known.thread)
    everywhere = {
        "letters of page": total,
        "blocks of page": count,
        "link density of page": tree.linked[0],
        "ideographs of page": float(texts.count[IDEOGRAPH].sum()) / float(texts.length.sum()),
        "a thread": thread,
        "thread words of page": float(((tree.named & classwords.THREAD) > 0).sum()),
        "share of top": tree.letters[tree.top] / max(total, 1.0),
        "link density of top": tree.linked[tree.top],
        "blocks of top": float(tree.count[tree.top]),
    }
    return (
        tree._with(heading)
        | {
            "headings since title": np.cumsum(_IS_HIGH_HEADING[tree.kind[tree.holder]] & (numbers > heading)),
            "is title": is_title,
            "after heading": _near(numbers - heading),
            "place": numbers / count,
            "letters before": before / max(total, 1.0),
            "said again": same,
        }
        | everywhere
    )


def _first_heading(tree: _Tree) -> int:
    found = np.flatnonzero(tree.kind[tree.holder] == KIND["h1"])
    return int(found[0]) if len(found) else 0
