"""Decide by position whether doubtful blocks, mostly short ones, belong to the text.

These belong to it: formulas beside a part of the text; a whole list, quotation or code block that follows a part; a
paragraph of complete sentences right after one, in the container of nearly all text; a table of data between two parts,
or after the last one in that container; a warning or note after one; plain markup, code and tables that fill a gap
between two parts. A heading at the end does not, nor do blocks that are mostly links.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from extractor.article.blocks import KIND, LANDMARKS, Blocks
from extractor.html.notation.tex import FORMULA
from extractor.html.regions import classes_of, is_entry_content, vocabulary, words_of

_LEAST, _LEAST_IN_ENTRY = 0.2, 0.05
"""Probability below which no block belongs to the text, and the same in marked entry content and for plain lists,
quotations, code and tables in the container of nearly all text."""
_LEAST_IN_GAP = 0.1
_MOST_LINKS_IN_GAP = 0.3
_SURE = 0.8
"""Probability from which on a last heading stays."""
_LINKS = 0.6
_NEARLY_ALL = 0.9
_NOTE = 100
"""Bytes of a paragraph below which it may be a note about source and rights below the text; not in marked entry
content."""
_ENDS = re.compile('[.!?…。！？”"»」』।؟۔\u0e00-\u0eff]$')
"""The end of a sentence. Thai and Lao have no mark for it."""
_NUMBERED = re.compile(
    r"(第)\s*[一二三四五六七八九十百千零〇两\d]+\s*[条條]|(article|section|art\.|§|статья|articolo|artículo)\s*\d+\.?",
    re.I,
)
_SERIES = 2
"""Minimum numbered headings in the text."""
_PARTS = frozenset(KIND[tag] for tag in ("ul", "ol", "dl", "blockquote", "pre"))
_HEADINGS = frozenset(KIND[f"h{level}"] for level in range(1, 7))
_PARAGRAPH, _QUOTATION, _PREFORMATTED = KIND["p"], KIND["blockquote"], KIND["pre"]
_LISTS = frozenset((KIND["ul"], KIND["ol"]))
_PLAIN = _PARTS | _HEADINGS | frozenset(KIND[tag] for tag in ("p", "li", "dt", "dd", "section"))
"""Kinds of the elements that programs write from Markdown and the like; boxes of themes have others, or classes."""
_SECTIONS = frozenset((KIND["section"], KIND["div"]))
_BOXES = frozenset(KIND[tag] for tag in ("div", "aside", "section"))
_NOTES = vocabulary("admonition admonitionblock callout markdown-alert custom-block theme-admonition starlight-aside")
"""Classes of the warnings and notes that generators of documentation write."""
_DOCUTILS = vocabulary("simple arabic loweralpha upperalpha lowerroman upperroman docutils align-default")
"""Classes that say nothing about the part: docutils writes them on every list and table."""
_EMBEDS = vocabulary("tweet instagram tiktok bluesky mastodon reddit threads")
"""Words of the classes of quotations that the scripts of such services turn into posts."""
_CODE = LANDMARKS["pre"]


def whole(blocks: Blocks, kept: Sequence[int], chance: NDArray[np.float64]) -> tuple[int, ...]:
    """Return the kept blocks with those that belong to them, without a heading of nothing.

    `chance` has the probabilities of all blocks, between 0 and 1.
    """
    found = set(kept)
    for rule in RULES:
        found.update(rule(blocks, found, chance))
    return tuple(_without_last_heading(blocks, sorted(found), chance))


def _following(blocks: Blocks, had: AbstractSet[int], chance: NDArray[np.float64]) -> list[int]:
    """Return the blocks of each list, quotation and code block that follows a part of the text."""
    found: set[int] = set()
    body = _body(blocks, had)
    for number, kind in enumerate(blocks.kind):
        first, end = blocks.first[number], blocks.end[number]
        if kind not in _PARTS or first == end or (first - 1 not in had and first - 1 not in found):
            continue
        if (
            _is_beside(blocks, first - 1, number)
            and chance[first:end].mean() > _least_of_part(blocks, number, body)
            and _linked(blocks, range(first, end)) <= _LINKS
        ):
            found.update(range(first, end))
    return sorted(found)


def _is_beside(blocks: Blocks, before: int, number: int) -> bool:
    """Return whether a container follows a block in the same container, or code, a table or a list that it ends."""
    outer = _outer(blocks, number) if blocks.kind[number] == _PREFORMATTED else number
    if blocks.parent[blocks.holder[before]] in (blocks.parent[number], blocks.parent[outer]):
        return True
    around = _around(blocks, before, blocks.first[number])
    return around == blocks.parent[outer] and _is_plain(blocks, before, around)


def _between(blocks: Blocks, had: AbstractSet[int], chance: NDArray[np.float64]) -> list[int]:
    """Return the blocks of tables of data between two parts of the text, or after one in the container of nearly all of
    it, and of warnings and notes after a part.
    """
    found: list[int] = []
    body = _body(blocks, had)
    for number in range(len(blocks.nodes)):
        first, end = blocks.first[number], blocks.end[number]
        if first == end or first - 1 not in had or had >= set(range(first, end)):
            continue
        is_table = blocks.table[number] == number and (end in had or _is_plain_part(blocks, number, body))
        if not is_table and not (blocks.kind[number] in _BOXES and _is_note(blocks, number)):
            continue
        outer = _outer(blocks, number)
        beside = blocks.parent[blocks.holder[first - 1]]
        while beside > blocks.parent[outer]:
            beside = blocks.parent[beside]
        least = _least_of_part(blocks, number, body) if is_table else _LEAST
        fits = beside == blocks.parent[outer] and chance[first:end].mean() > least
        if fits and _linked(blocks, range(first, end)) <= _LINKS:
            found += range(first, end)
    return found


def _is_note(blocks: Blocks, number: int) -> bool:
    return not _NOTES.isdisjoint(classes_of(blocks.nodes[number]))


def _outer(blocks: Blocks, number: int) -> int:
    """Return the outermost container that holds nothing else."""
    around = blocks.parent[number]
    while around > 0 and (blocks.first[around], blocks.end[around]) == (blocks.first[number], blocks.end[number]):
        number, around = around, blocks.parent[around]
    return number


def _after(blocks: Blocks, had: AbstractSet[int], chance: NDArray[np.float64]) -> list[int]:
    """Return paragraphs that continue the text, in the container of nearly all of it."""
    found: list[int] = []
    body = _body(blocks, had)
    for number in np.flatnonzero(chance > _LEAST).tolist():
        around = blocks.parent[blocks.holder[number]]
        follows = number - 1 in had or number - 1 in found[-1:]
        if number in had or not follows or blocks.first[around] == number or not _is_paragraph(blocks, number):
            continue
        while _is_section(blocks, around, had):
            around = blocks.parent[around]
        if blocks.first[around] <= blocks.first[body] and blocks.end[body] <= blocks.end[around]:
            found.append(number)
    return found


def _is_section(blocks: Blocks, container: int, had: AbstractSet[int]) -> bool:
    """Return whether a container is a plain section of the text, below a heading that is a part of it."""
    first = blocks.first[container]
    begins = first in had and first - 1 in had and blocks.kind[blocks.holder[first]] in _HEADINGS
    return begins and blocks.kind[container] in _SECTIONS and not classes_of(blocks.nodes[container])


def _formulas(blocks: Blocks, had: AbstractSet[int], _: NDArray[np.float64]) -> list[int]:
    """Return the formulas on lines of their own that follow a part of the text, or precede one."""
    lines = [
        number for number, text in enumerate(blocks.texts) if text.startswith("$$") and _is_formula(blocks, number)
    ]
    found: set[int] = set()
    for side, ordered in ((-1, lines), (1, reversed(lines))):
        for number in ordered:
            if number + side in had or number + side in found:
                found.add(number)
    return sorted(found - had)


def _sources(blocks: Blocks, had: AbstractSet[int], _: NDArray[np.float64]) -> list[int]:
    """Return the last lines of embedded posts that are kept: they name author and date, and link to the source."""
    found: list[int] = []
    for number, kind in enumerate(blocks.kind):
        if kind == _QUOTATION and not words_of(blocks.nodes[number]).isdisjoint(_EMBEDS):
            last = blocks.end[number] - 1
            if last not in had and last - 1 in had and blocks.first[number] < last:
                found.append(last)
    return found


def _gaps(blocks: Blocks, had: AbstractSet[int], chance: NDArray[np.float64]) -> list[int]:
    """Return the blocks of each gap between two parts of the text that has only plain markup, code and tables."""
    found: list[int] = []
    kept = sorted(had)
    for before, after in pairwise(kept):
        gap = range(before + 1, after)
        if not gap or chance[gap.start : gap.stop].mean() <= _LEAST_IN_GAP or _linked(blocks, gap) > _MOST_LINKS_IN_GAP:
            continue
        around = _around(blocks, before, after)
        if all(_is_plain(blocks, number, around) for number in gap):
            found += gap
    return found


def _around(blocks: Blocks, one: int, other: int) -> int:
    """Return the innermost container of two blocks, of which `other` is the later one."""
    container = blocks.holder[one]
    while blocks.end[container] <= other:
        container = blocks.parent[container]
    return container


def _is_plain(blocks: Blocks, number: int, around: int) -> bool:
    """Return whether a block is code, in a table of data, or only in plain markup without classes below `around`."""
    container = blocks.holder[number]
    if blocks.table[container] >= 0 or blocks.landmarks[container] & _CODE:
        return True
    while container > around:
        kind = blocks.kind[container]
        if kind not in _PLAIN or (kind not in _LISTS and classes_of(blocks.nodes[container])):
            return False
        container = blocks.parent[container]
    return True


def _is_formula(blocks: Blocks, number: int) -> bool:
    around = blocks.pieces[number][0].parent
    return around is not None and around.tag == FORMULA


def _least_of_part(blocks: Blocks, container: int, body: int) -> float:
    return _LEAST_IN_ENTRY if _is_plain_part(blocks, container, body) else _least(blocks, container)


def _least(blocks: Blocks, container: int) -> float:
    return _LEAST_IN_ENTRY if is_entry_content(blocks.nodes[blocks.parent[container]]) else _LEAST


def _is_paragraph(blocks: Blocks, number: int) -> bool:
    """Return whether a block has complete sentences, and is neither a note nor mostly links."""
    text, holder = blocks.texts[number], blocks.holder[number]
    if not _ENDS.search(text) or not _is_plain_paragraph(blocks, holder):
        return False
    fits = len(text.encode("utf-8", "replace")) >= _NOTE or is_entry_content(blocks.nodes[blocks.parent[holder]])
    return fits and _linked(blocks, range(number, number + 1)) <= _LINKS


def _body(blocks: Blocks, had: AbstractSet[int]) -> int:
    """Return the innermost container of nearly all of the text: it holds the middle of the text."""
    before = [0, *accumulate(len(text) if number in had else 0 for number, text in enumerate(blocks.texts))]
    container = blocks.holder[min(bisect_right(before, before[-1] / 2), len(blocks.holder)) - 1]
    while before[blocks.end[container]] - before[blocks.first[container]] < _NEARLY_ALL * before[-1]:
        container = blocks.parent[container]
    return container


def _series(blocks: Blocks, had: AbstractSet[int], _: NDArray[np.float64]) -> list[int]:
    """Return the headings that are only a word and a number, as of the articles of a law, and continue a series of such
    in the same container, each with the sentence below it; also the first one, if the text begins below it.
    """
    found: list[int] = []
    series: dict[tuple[str, int], list[int]] = {}
    for number, text in enumerate(blocks.texts[:-1]):
        if (said := _NUMBERED.fullmatch(text)) and blocks.kind[holder := blocks.holder[number]] in _HEADINGS:
            around = blocks.parent[holder]
            around = blocks.parent[around] if blocks.first[around] == number else around
            series.setdefault((said[1] or said[2].lower(), around), []).append(number)
    for headings in series.values():
        for number in headings if sum(number in had for number in headings) >= _SERIES else ():
            below = number + 1 in had or _ENDS.search(blocks.texts[number + 1])
            beside = number - 1 in had or number - 1 in found[-1:] or number + 1 in had
            if below and beside and _linked(blocks, range(number, number + 2)) <= _LINKS:
                found += (number, number + 1)
    return found


def _is_plain_part(blocks: Blocks, number: int, body: int) -> bool:
    """Return whether a container is a child of `body`, or of plain sections in it, and has no class that says more."""
    around = blocks.parent[number]
    while around > body and blocks.kind[around] in _SECTIONS and not classes_of(blocks.nodes[around]):
        around = blocks.parent[around]
    return around == body and _DOCUTILS.issuperset(classes_of(blocks.nodes[number]))


def _linked(blocks: Blocks, numbers: range) -> float:
    """Return the fraction of link text in these blocks."""
    return sum(blocks.linked[number] for number in numbers) / sum(len(blocks.texts[number]) for number in numbers)


def _is_plain_paragraph(blocks: Blocks, holder: int) -> bool:
    attributes = blocks.nodes[holder].attributes
    return blocks.kind[holder] == _PARAGRAPH and not (attributes.get("class") or attributes.get("id"))


def _without_last_heading(blocks: Blocks, found: list[int], chance: NDArray[np.float64]) -> list[int]:
    """Remove a heading at the end that is apart from the text."""
    while len(found) > 1 and chance[found[-1]] < _SURE:
        holder = blocks.holder[found[-1]]
        apart = found[-2] < blocks.first[blocks.parent[holder]]
        if not apart or blocks.kind[holder] not in _HEADINGS:
            break
        found.pop()
    return found


RULES = (_following, _between, _after, _formulas, _sources, _gaps, _series)
"""The rules, in the order in which they are applied."""
