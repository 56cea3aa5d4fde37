"""Write the kept blocks as Markdown: the words of the plain text with the formatting of the page.

It covers headings, lists, quotations, tables, code, links and emphasis. It uses the nodes of the walk over the page, so
that nothing is walked twice. Emphasis is only written where Markdown is unambiguous.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from selectolax.lexbor import LexborNode

from extractor.article.block_context import Place, places_of
from extractor.article.blocks import LANDMARKS, Blocks
from extractor.article.footnotes import Notes, find_notes, without_stop
from extractor.article.line_writer import LineWriter
from extractor.article.markdown import address, broken, code, escape, escape_start, fence, formula, link
from extractor.article.rendering import Line
from extractor.article.table_cells import find_tables
from extractor.article.table_writing import Writers, apart, code_html, linked_html, marked_html, table_lines
from extractor.article.verses import verses
from extractor.html.lines import storable
from extractor.html.notation.code_language import code_language
from extractor.html.notation.tex import DELETED, FORMULA, STRUCK, TASK
from extractor.html.regions import vocabulary
from extractor.values.urls import Resolve

_STRONG, _EMPHASIS, _CODE = vocabulary("b strong"), vocabulary("i em cite dfn var"), vocabulary("code kbd samp tt")
_WRITTEN = "$"
"""The mark of what is Markdown as it is: formulas, and the signs around struck words."""
_DEEPEST = 12
"""Maximum number of elements around a text that determine its formatting."""
_NOTE = "[^]"
"""The mark of a reference to a note."""


_ALONE = (_NOTE, _WRITTEN)
"""Runs with these marks are never joined."""


NO_NOTES = Notes()


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
    notes = find_notes(blocks, [block for line in lines for block in line.blocks])
    places = [
        place._replace(items=()) if line.blocks[0] in notes.notes or line.blocks[0] in notes.further else place
        for line, place in zip(lines, places_of(blocks, [line.blocks[0] for line in lines]), strict=True)
    ]
    outer = min((place.quotes for place in places), default=0)  # a page may use a quotation for its margins
    writer = LineWriter(blocks)
    first_lines = verses(blocks, lines, places, notes.further)
    for _, group in groupby(zip(lines, places, strict=True), key=lambda pair: _unit(pair[0], pair[1], first_lines)):
        members = list(group)
        place = members[0][1]
        writer.write(
            _written(blocks, [line for line, _ in members], place, resolver, notes), place, place.quotes - outer
        )
    return "\n".join(writer.lines)


def _unit(line: Line, place: Place, first_lines: Mapping[int, int]) -> tuple[int, str]:
    """Return the key that groups lines: element for preformatted lines, first line for verses; others are alone."""
    if line.table >= 0:
        return line.table, "table"
    if place.pre >= 0:
        return place.pre, "pre"
    return first_lines.get(line.blocks[0], line.blocks[0]), "line"


def _written(blocks: Blocks, lines: list[Line], place: Place, resolver: Resolve, notes: Notes) -> list[str]:
    if lines[0].table >= 0:
        return _table(blocks, lines[0].table, resolver)
    if place.pre >= 0:
        language = code_language(blocks.nodes[place.pre])
        return fence("\n".join(blocks.texts[line.blocks[0]] for line in lines), language or "")
    if len(lines) > 1:
        return broken(_inline(blocks, line.blocks[0], resolver, notes) for line in lines)
    block = lines[0].blocks[0]
    said = _inline(blocks, block, resolver, notes, emphasised=not place.level)
    if block in notes.notes:
        return [f"[^{notes.notes[block]}]: {without_stop(said)}"]
    if block in notes.further or not place.level:
        return [("    " if block in notes.further else "") + escape_start(said)]
    return [f"{'#' * place.level} {said[:-1] + chr(92) + '#' if said.endswith('#') else said}"]


def _table(blocks: Blocks, table: int, resolver: Resolve) -> list[str]:
    writers = Writers(
        lambda block: _inline(blocks, block, resolver, in_cell=True),
        lambda block: _inline(blocks, block, resolver, emphasised=False, in_cell=True),
        lambda block: _html(blocks, block, resolver),
    )
    said: list[list[str]] = []
    for found in find_tables(blocks, table):
        nested = any("\n" in blocks.texts[block] for block in found.blocks)
        said.append(table_lines(found.marked(), writers, nested=nested))
    return apart(said)


def _inline(
    blocks: Blocks,
    block: int,
    resolver: Resolve,
    notes: Notes = NO_NOTES,
    *,
    emphasised: bool = True,
    in_cell: bool = False,
) -> str:
    """Return a block in one line. In a table cell, code with a bar becomes text: Markdown can't represent it."""
    nodes, holder = blocks.pieces[block], blocks.nodes[blocks.holder[block]].mem_id
    if len(nodes) == 1 and nodes[0].parent is not None and nodes[0].parent.mem_id == holder:
        said = blocks.texts[block]
        preformatted = blocks.landmarks[blocks.holder[block]] & LANDMARKS["pre"]
        return escape(storable(" ".join(said.split()) if preformatted else said))
    runs = _runs(blocks, block, resolver, notes, emphasised=emphasised, in_cell=in_cell)
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


def _runs(
    blocks: Blocks,
    block: int,
    resolver: Resolve,
    notes: Notes = NO_NOTES,
    *,
    emphasised: bool = True,
    in_cell: bool = False,
) -> list[_Run]:
    holder = blocks.nodes[blocks.holder[block]].mem_id
    runs: list[_Run] = []
    texts: list[list[str]] = []
    """The pieces of each run, joined at the end: appending to a text copies it."""
    for node in blocks.pieces[block]:
        label = notes.said.get(node.mem_id)
        run = _run(node, holder, resolver) if label is None else _Run(label, _NOTE if label else "")
        if run.mark == _WRITTEN:
            run.text = formula(run.text, in_cell=in_cell)
        elif run.mark and run.mark != _NOTE and (in_cell and "|" in run.text if run.mark == "`" else not emphasised):
            run.mark = ""
        if runs and runs[-1].mark == run.mark and run.mark not in _ALONE and runs[-1].link == run.link:
            texts[-1].append(run.text)
        else:
            runs.append(run)
            texts.append([run.text])
    for run, pieces in zip(runs, texts, strict=True):
        run.text = "".join(pieces)
    return runs


def _html(blocks: Blocks, block: int, resolver: Resolve) -> str:
    """Return a block of a table in one line of HTML."""
    if "\n" in blocks.texts[block]:
        return code_html(storable(blocks.texts[block]))
    parts: list[str] = []
    for _, group in groupby(_runs(blocks, block, resolver), key=attrgetter("link")):
        runs = list(group)
        said = "".join(marked_html(run.text, "" if run.mark == _WRITTEN else run.mark) for run in runs)
        parts.append(linked_html(said, address(url)) if (url := runs[0].url) and said.strip() else said)
    return " ".join("".join(parts).split())


def _run(node: LexborNode, holder: int, resolver: Resolve) -> _Run:
    run = _Run(storable(node.text_content or ""))
    around = node.parent
    for _ in range(_DEEPEST):
        if around is None or around.mem_id == holder:
            break
        tag = around.tag or ""
        if tag in (FORMULA, TASK) or (tag in DELETED and run.text == STRUCK):
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
            if run.mark == _NOTE:
                self._parts.append(f"[^{run.text}]")
                self._last = "]"
            elif run.mark == _WRITTEN:
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
