"""Tell whether a text is a list of links: the front page of a site, a section, the pages with a tag, cards of a guide.

Such a page has at least three teasers in a row: of one shape, each with a linked heading or the like and little text,
and each leads to another page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from extractor.article.blocks import KIND, Blocks

_UNITS = frozenset(KIND[tag] for tag in ("div", "article", "section", "li", "p"))
_HEADINGS = frozenset(KIND[f"h{level}"] for level in range(1, 7))
_FEWEST = 3
_MOST_BLOCKS = 6
_LONGEST = 500
"""Characters of the text of a teaser."""
_SHORTEST_LABEL = 8
_COVERED = 0.9
"""Fraction of a heading that its link covers."""
_MOST_OF_IT = 0.7
"""Fraction of the text that is teasers, from which on it is a list of links."""


class _Teaser(NamedTuple):
    """The blocks of a teaser, and the address of its link."""

    blocks: range
    address: str


def is_list_of_links(blocks: Blocks, kept: Sequence[int]) -> bool:
    """Return whether most of the kept text is teasers, or the names of links."""
    letters = sum(len(blocks.texts[number]) for number in kept)
    if not kept or any(len(blocks.texts[number]) > _LONGEST for number in kept):
        return False
    had = frozenset(kept)
    runs = (*_sibling_runs(blocks, had), *_heading_runs(blocks))
    within = {number for run in runs for number in range(run[0].blocks.start, run[-1].blocks.stop)}
    linked = sum(blocks.linked[number] for number in had - within)
    return linked + sum(len(blocks.texts[number]) for number in had & within) >= letters * _MOST_OF_IT


def _sibling_runs(blocks: Blocks, had: frozenset[int]) -> Iterator[list[_Teaser]]:
    """Yield the runs of siblings of one tag and class that are teasers."""
    siblings: dict[tuple[int, int], list[int]] = {}
    for number, alike in enumerate(blocks.alike):
        said = alike >= _FEWEST and blocks.first[number] < blocks.end[number]
        if said and blocks.kind[number] in _UNITS and blocks.table[number] < 0:
            siblings.setdefault((blocks.parent[number], blocks.style[number]), []).append(number)
    for group in siblings.values():
        if not had.isdisjoint(range(blocks.first[group[0]], blocks.end[group[-1]])):
            yield from _runs(_teaser(blocks, range(blocks.first[number], blocks.end[number])) for number in group)


def _heading_runs(blocks: Blocks) -> Iterator[list[_Teaser]]:
    """Yield the runs of headings in one container that are links, each with the text below it."""
    headings = [number for number, holder in enumerate(blocks.holder) if blocks.kind[holder] in _HEADINGS]
    found: dict[int, list[_Teaser | None]] = {}
    for number, after in zip(headings, (*headings[1:], len(blocks.texts)), strict=False):
        around = blocks.parent[blocks.holder[number]]
        end = min(after, blocks.end[around], number + _MOST_BLOCKS)
        found.setdefault(around, []).append(_teaser(blocks, range(number, end)))
    for listed in found.values():
        yield from _runs(listed)


def _runs(teasers: Iterable[_Teaser | None]) -> Iterator[list[_Teaser]]:
    """Yield the runs of teasers, three at least, that lead to different pages."""
    run: list[_Teaser] = []
    for teaser in (*teasers, None):
        if teaser is not None:
            run.append(teaser)
            continue
        if len(run) >= _FEWEST and len({one.address for one in run}) == len(run):
            yield run
        run = []


def _teaser(blocks: Blocks, within: range) -> _Teaser | None:
    """Return a teaser: few blocks with little text, the first or the second one of them a link."""
    if not 1 < len(within) <= _MOST_BLOCKS or sum(len(blocks.texts[number]) for number in within) > _LONGEST:
        return None
    for number in within[:2]:
        length = len(blocks.texts[number])
        if length >= _SHORTEST_LABEL and blocks.linked[number] >= length * _COVERED:
            link = _link_of(blocks, number)
            address = (link.attributes.get("href") or "").partition("#")[0] if link is not None else ""
            return _Teaser(within, address) if address else None
    return None


def _link_of(blocks: Blocks, number: int) -> LexborNode | None:
    around = blocks.pieces[number][0].parent
    while around is not None and around.tag not in ("a", "body"):
        around = around.parent
    return around if around is not None and around.tag == "a" else None
