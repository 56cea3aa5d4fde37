"""Write the kept blocks as Markdown: the words of the plain text with the formatting of the page.

It covers headings, lists, quotations, tables, code, links and emphasis. It uses the nodes of the walk over the page, so
that nothing is walked twice. Emphasis is only written where Markdown is unambiguous.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from selectolax.lexbor import LexborNode

from extractor.article.block_context import Place, places_of
from extractor.article.blocks import BLOCKS, KIND, Blocks
from extractor.article.code_language import code_language
from extractor.article.markdown import cell, code, escape, escape_start, fence, formula, link
from extractor.article.rendering import Line
from extractor.html.lines import kept
from extractor.html.notation.tex import DELETED, FORMULA, STRUCK
from extractor.html.regions import vocabulary
from extractor.values.urls import Resolve

_TABLE = KIND["table"]
_LISTS = frozenset((KIND["ul"], KIND["ol"], KIND["menu"]))
_STRONG, _EMPHASIS, _CODE = vocabulary("b strong"), vocabulary("i em cite dfn var"), vocabulary("code kbd samp tt")
_WRITTEN = "$"
"""The mark of what is Markdown as it is: formulas, and the signs around struck words."""
_DEEPEST = 12
"""Maximum number of elements around a text that determine its formatting."""
_LARGEST_NUMBER = 999_999_999


@dataclass(slots=True)
class _Run:
    """Pieces of a line with the same formatting."""

    text: str
    mark: str = ""
    """``**``, ``*``, `````, nothing, or `_WRITTEN`."""
    link: int = 0
    """The element that makes it a link, by its `mem_id`."""
    url: str | None = None


def markdown(blocks: Blocks, lines: Sequence[Line], resolver: Resolve) -> str:
    """Return the lines of `rendering` as Markdown."""
    places = places_of(blocks, [line.blocks[0] for line in lines])
    outer = min((place.quotes for place in places), default=0)  # a page may use a quotation for its margins
    scribe = _LineWriter(blocks)
    for (_, alike), group in groupby(zip(lines, places, strict=True), key=lambda pair: _unit(blocks, *pair)):
        members = list(group)
        place = members[0][1]
        scribe.write(
            _written(blocks, alike, [line for line, _ in members], place, resolver), place, place.quotes - outer
        )
    return "\n".join(scribe.lines)


def _unit(blocks: Blocks, line: Line, place: Place) -> tuple[int, str]:
    """Return the key that groups lines: table for rows, element for preformatted lines; other lines are alone."""
    if len(line.blocks) > 1:
        return _around(blocks, line.blocks[0], _TABLE), "table"
    if place.pre >= 0:
        return place.pre, "pre"
    return line.blocks[0], "line"


def _written(blocks: Blocks, kind: str, lines: list[Line], place: Place, resolver: Resolve) -> list[str]:
    if kind == "pre":
        language = code_language(blocks.nodes[place.pre])
        return fence("\n".join(blocks.texts[line.blocks[0]] for line in lines), language or "")
    if kind == "table":
        return _table([[_inline(blocks, block, resolver, in_cell=True) for block in line.blocks] for line in lines])
    said = _inline(blocks, lines[0].blocks[0], resolver, emphasised=not place.level)
    if not place.level:
        return [escape_start(said)]
    return [f"{'#' * place.level} {said[:-1] + chr(92) + '#' if said.endswith('#') else said}"]


def _table(rows: list[list[str]]) -> list[str]:
    """Return a table. The first row is the head, which Markdown requires."""
    width = max(map(len, rows))
    full = [[*map(cell, row), *[""] * (width - len(row))] for row in rows]
    head, *rest = [f"| {' | '.join(row)} |" for row in full]
    return [head, "|" + " --- |" * width, *rest]


def _around(blocks: Blocks, block: int, kind: int) -> int:
    container = blocks.holder[block]
    while container >= 0 and blocks.kind[container] != kind:
        container = blocks.parent[container]
    return container


class _LineWriter:
    """Writes lines with the prefixes of quotations and lists."""

    def __init__(self, blocks: Blocks) -> None:
        self.lines: list[str] = []
        self._blocks = blocks
        self._open: list[tuple[int, str]] = []
        """The open list items, outermost first, and the prefix of their other lines."""
        self._quotes = 0
        self._numbers: dict[int, int] = {}
        self._list = -1

    def write(self, said: Sequence[str], place: Place, quotes: int) -> None:
        before, same = self._list, quotes == self._quotes
        if not same:
            self._open.clear()
        while self._open and self._open[-1][0] not in place.items:
            self._open.pop()
        starts = bool(place.items) and (not self._open or self._open[-1][0] != place.items[-1])
        self._list = self._list_of(place.items[-1]) if place.items else -1
        quoted = "> " * quotes
        if self.lines and not (starts and same and before == self._list):
            self.lines.append((quoted if same else "").rstrip())
        indent = quoted + "".join(margin for _, margin in self._open)
        first = indent
        if starts:
            marker = self._marker(self._list)
            self._open.append((place.items[-1], " " * len(marker)))
            first, indent = indent + marker, indent + " " * len(marker)
        self._quotes = quotes
        self.lines.append((first + said[0]).rstrip())
        self.lines += [(indent + line).rstrip() for line in said[1:]]

    def _list_of(self, item: int) -> int:
        parent = self._blocks.parent[item]
        return parent if parent >= 0 and self._blocks.kind[parent] in _LISTS else -2

    def _marker(self, around: int) -> str:
        if around < 0 or BLOCKS[self._blocks.kind[around]] != "ol":
            return "- "
        number = self._numbers.get(around, self._start(around))
        self._numbers[around] = number + 1
        return f"{number}. "

    def _start(self, around: int) -> int:
        said = self._blocks.nodes[around].attributes.get("start") or "1"
        return min(int(said), _LARGEST_NUMBER // 2) if said.isascii() and said.isdecimal() and len(said) < 10 else 1


def _inline(blocks: Blocks, block: int, resolver: Resolve, *, emphasised: bool = True, in_cell: bool = False) -> str:
    """Return a block in one line. In a table cell, code with a bar becomes text: Markdown can't represent it."""
    nodes, holder = blocks.pieces[block], blocks.nodes[blocks.holder[block]].mem_id
    if len(nodes) == 1 and nodes[0].parent is not None and nodes[0].parent.mem_id == holder:
        return escape(kept(" ".join(blocks.texts[block].split())))
    runs: list[_Run] = []
    for node in nodes:
        run = _run(node, holder, resolver)
        if run.mark == _WRITTEN:
            run.text = formula(run.text, in_cell=in_cell)
        elif run.mark and (in_cell and "|" in run.text if run.mark == "`" else not emphasised):
            run.mark = ""
        if runs and run.mark != _WRITTEN and runs[-1].mark == run.mark and runs[-1].link == run.link:
            runs[-1].text += run.text
        else:
            runs.append(run)
    if len(runs) == 1 and not (runs[0].mark or runs[0].link):
        return escape(" ".join(runs[0].text.split()))
    written = _LineBuilder()
    for _, group in groupby(runs, key=attrgetter("link")):
        members = list(group)
        if url := members[0].url:
            written.link(members, url)
        else:
            written.all(members)
    return written.text.strip()


def _run(node: LexborNode, holder: int, resolver: Resolve) -> _Run:
    run = _Run(kept(node.text_content or ""))
    around = node.parent
    for _ in range(_DEEPEST):
        if around is None or around.mem_id == holder:
            break
        tag = around.tag or ""
        if tag == FORMULA or (tag in DELETED and run.text == STRUCK):
            run.mark = _WRITTEN
        elif tag == "a":
            run.url = resolver(around.attributes.get("href") or "")
            run.link = around.mem_id if run.url else 0
        elif tag in _CODE and run.mark != _WRITTEN:
            run.mark = "`"
        elif tag in _STRONG and run.mark not in ("`", _WRITTEN):
            run.mark = "**"
        elif tag in _EMPHASIS and not run.mark:
            run.mark = "*"
        around = around.parent
    return run


class _LineBuilder:
    """A line that grows."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._last = " "
        """The last written character; white space at the beginning."""

    @property
    def text(self) -> str:
        return "".join(self._parts)

    def link(self, runs: Sequence[_Run], url: str) -> None:
        """Write a link, with the white space at its ends outside."""
        whole = "".join(run.text for run in runs)
        if not whole.strip():
            self._put(whole)
            return
        inner = _LineBuilder()
        inner.all(runs)
        self._space(whole[0].isspace())
        if self._last == "!":  # before a link, it would turn it into an image
            self._parts.append(self._parts.pop()[:-1] + "\\!")
        self._parts.append(link(inner.text.strip(), url))
        self._last = ")"
        self._space(whole[-1].isspace())

    def all(self, runs: Sequence[_Run]) -> None:
        there = [run for run in runs if run.text]
        after = [*(run.text[0] for run in there[1:]), " "]
        for run, following in zip(there, after, strict=False):
            if run.mark == _WRITTEN:
                self._parts.append(run.text)
                self._last = run.text[-1:] or self._last
            elif run.mark:
                self._mark(run.text, run.mark, following)
            else:
                self._put(run.text)

    def _put(self, text: str) -> None:
        words = text.split()
        self._space(text[:1].isspace())
        if words:
            self._parts.append(escape(" ".join(words)))
            self._last = words[-1][-1]
            self._space(text[-1].isspace())

    def _space(self, wanted: bool) -> None:
        if wanted and self._last != " ":
            self._parts.append(" ")
            self._last = " "

    def _mark(self, text: str, mark: str, following: str) -> None:
        """Write emphasized text, if the marks work there (CommonMark, 6.2: flanking)."""
        words = text.split()
        if not words:
            self._put(text)
            return
        before = " " if text[0].isspace() else self._last
        after = " " if text[-1].isspace() else following
        said = " ".join(words)
        if mark == "`":
            if before == "`" or after == "`":
                self._put(text)
                return
        elif not _flanks(before, said[0]) or not _flanks(after, said[-1]):
            self._put(text)
            return
        self._space(text[0].isspace())
        self._parts.append(code(said) if mark == "`" else f"{mark}{escape(said)}{mark}")
        self._last = mark[-1]
        self._space(text[-1].isspace())


def _flanks(outside: str, inside: str) -> bool:
    """Return whether marks between two characters open or close on the inner side."""
    if outside in "*_":
        return False
    return not _is_punctuation(inside) or outside.isspace() or _is_punctuation(outside)


def _is_punctuation(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"
