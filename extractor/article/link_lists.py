"""Tell whether a text is a list of links: the front page of a site, a section, the pages with a tag, cards of a guide.

Such a page has at least three teasers in a row: of one shape, each with a linked heading or the like and little text,
or with a link and a day in one line, and each leads to another page. A row of which a part is text is text as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from extractor.article.blocks import KIND, Blocks
from extractor.values.dates import read_date

_UNITS = frozenset(KIND[tag] for tag in ("div", "article", "section", "li", "p"))
_HEADINGS = frozenset(KIND[f"h{level}"] for level in range(1, 7))
_FEWEST = 3
_MOST_BLOCKS = 6
_LONGEST = 500
"""Characters of the text of a teaser."""
_SHORTEST_LABEL = 8
_LONGEST_DAY = 40
"""Characters of a day beside a link, with its signs."""
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
    within = {number for run in _all_runs(blocks, had) for number in _range_of(run)}
    linked = sum(blocks.linked[number] for number in had - within)
    return linked + sum(len(blocks.texts[number]) for number in had & within) >= letters * _MOST_OF_IT


def with_whole_rows(blocks: Blocks, kept: Sequence[int]) -> tuple[int, ...]:
    """Return the kept blocks with the rest of each row of teasers of which they have a part."""
    had = frozenset(kept)
    rows = map(_range_of, _all_runs(blocks, had))
    return tuple(sorted(had.union(*(row for row in rows if not had.isdisjoint(row)))))


def row_below(blocks: Blocks, kept: Sequence[int]) -> range:
    """Return the row of teasers right below a short text, in the container of its last paragraph, if it says more than
    that text: cards below the introduction of a guide. Empty if there is none.
    """
    if not kept or kept[-1] + 1 >= len(blocks.texts):
        return range(0)
    after, around = kept[-1] + 1, blocks.parent[blocks.holder[kept[-1]]]
    for run in _sibling_runs(blocks, frozenset((after,))):
        row = _range_of(run)
        if row.start == after and blocks.parent[_grid_of(blocks, row)] == around:
            said = sum(len(blocks.texts[number]) for number in row)
            return row if said > sum(len(blocks.texts[number]) for number in kept) else range(0)
    return range(0)


def _grid_of(blocks: Blocks, row: range) -> int:
    """Return the outermost container that has only this row."""
    container = blocks.holder[row.start]
    while blocks.parent[container] >= 0:
        around = blocks.parent[container]
        if blocks.first[around] < row.start or blocks.end[around] > row.stop:
            break
        container = around
    return container


def _all_runs(blocks: Blocks, had: frozenset[int]) -> Iterator[list[_Teaser]]:
    yield from _sibling_runs(blocks, had)
    yield from _heading_runs(blocks)


def _range_of(run: Sequence[_Teaser]) -> range:
    return range(run[0].blocks.start, run[-1].blocks.stop)


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
    """Return a teaser: few blocks with little text, one of the first two a link; or one block of a link and a day."""
    if len(within) == 1:
        return _dated_link(blocks, within)
    if not 1 < len(within) <= _MOST_BLOCKS or sum(len(blocks.texts[number]) for number in within) > _LONGEST:
        return None
    for number in within[:2]:
        length = len(blocks.texts[number])
        if length >= _SHORTEST_LABEL and blocks.linked[number] >= length * _COVERED:
            address = _address(_link_around(blocks.pieces[number][0]))
            return _Teaser(within, address) if address else None
    return None


def _dated_link(blocks: Blocks, within: range) -> _Teaser | None:
    """Return the teaser of a line that is a link and a day."""
    number = within.start
    if not _SHORTEST_LABEL <= blocks.linked[number] < len(blocks.texts[number]) <= _LONGEST:
        return None
    links = {id_: link for piece in blocks.pieces[number] if (link := _link_around(piece)) and (id_ := link.mem_id)}
    beside = " ".join(piece.text_content or "" for piece in blocks.pieces[number] if not _link_around(piece))
    if len(links) != 1 or len(beside) > _LONGEST_DAY or read_date(beside) is None:
        return None
    address = _address(next(iter(links.values())))
    return _Teaser(within, address) if address else None


def _address(link: LexborNode | None) -> str:
    return (link.attributes.get("href") or "").partition("#")[0] if link is not None else ""


def _link_around(piece: LexborNode) -> LexborNode | None:
    around = piece.parent
    while around is not None and around.tag not in ("a", "body"):
        around = around.parent
    return around if around is not None and around.tag == "a" else None
