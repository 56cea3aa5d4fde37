"""Read the tables back from our Markdown: those with bars and those in HTML, as `table_writing` writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from html import unescape
from html.parser import HTMLParser

from extractor.values.table import Cell, Slot, Table, Within

_PREFIX = re.compile(r"(?:> ?| {1,}|- |\d{1,9}\. )*")
_RULER = re.compile(r"\|(?: --- \|)+")
_FENCE = re.compile(r"`{3,}")
_BAR = re.compile(r"((?:\\.|[^\\|])*)\|")
_CAPTION = re.compile(r"\*(?!\*)((?:\\.|[^\\*])+)\*")
_INLINE = re.compile(
    r"\\(?P<plain>[!-/:-@\[-`{-~])|(?P<ticks>`+)(?P<code>.+?)(?<!`)(?P=ticks)(?!`)|\]\([^()\s]*\)|\*{1,2}|\[|<br>|(?P<entity>&#?\w+;)"
)
_HEAD = re.compile(r"\*\*(?:\\.|[^\\*])*\*\*(?:<br>\*\*(?:\\.|[^\\*])*\*\*)*")


def tables_of(marked: str) -> Iterator[Table]:
    """Yield the tables of our Markdown, in order; those in cells of a table follow it."""
    before = 0
    for tables in _groups(marked):
        for table in tables:
            within = table.within
            yield table if within is None else replace(table, within=within._replace(table=within.table + before))
        before += len(tables)


def _groups(marked: str) -> Iterator[Sequence[Table]]:
    """Yield each table, with those in its cells."""
    lines = [line[match.end() :] if (match := _PREFIX.match(line)) else line for line in marked.split("\n")]
    fence, number = "", 0
    while number < len(lines):
        line = lines[number]
        if fence:
            fence = "" if line == fence else fence
        elif found := _FENCE.match(line):
            fence = found[0]
        elif line == "<table>":
            end = next((at for at in range(number, len(lines)) if lines[at] == "</table>"), len(lines))
            yield _from_html(lines[number:end])
            number = end
        elif line.startswith("|") and number + 1 < len(lines) and _RULER.fullmatch(lines[number + 1]):
            end = next((at for at in range(number, len(lines)) if not lines[at].startswith("|")), len(lines))
            yield [_from_bars(lines[number:end], _caption(lines, number))]
            number = end - 1
        number += 1


def plain(marked: str) -> str:
    """Return our Markdown in one line without its marks."""
    return " ".join(_INLINE.sub(_unmarked, marked).split())


def _unmarked(found: re.Match[str]) -> str:
    if found["plain"] is not None:
        return found["plain"]
    if found["code"] is not None:
        return unescape(found["code"]) if "&#124;" in found["code"] else found["code"]
    if found["entity"] is not None:
        return unescape(found["entity"])
    return " " if found[0] == "<br>" else ""


def _from_bars(lines: Sequence[str], caption: str) -> Table:
    head, body = _cells(lines[0]), [_cells(line) for line in lines[2:]]
    rows = [tuple(Cell(plain(text), _HEAD.fullmatch(text) is not None) for text in cells) for cells in body]
    named = tuple(Cell(plain(text), head=True) for text in head)
    return Table((named, *rows), caption, 1) if any(head) else Table(tuple(rows), caption, 0)


def _cells(line: str) -> list[str]:
    return [text.strip() for text in _BAR.findall(line)[1:]]


def _caption(lines: Sequence[str], number: int) -> str:
    """Return the caption above a table: an emphasized paragraph."""
    said = lines[number - 2] if number > 1 and not lines[number - 1] else ""
    return plain(said) if _CAPTION.fullmatch(said) else ""


def _from_html(lines: Sequence[str]) -> Sequence[Table]:
    reader = _Reader()
    reader.feed("\n".join(lines))
    reader.close()
    tables = [Table(tuple(map(tuple, part.rows)), part.caption, part.heads) for part in reader.parts]
    slots = {number: tables[number].slots for number in {part.around for part in reader.parts} if number >= 0}
    return [
        table if part.around < 0 else replace(table, within=_within(part, slots[part.around]))
        for table, part in zip(tables, reader.parts, strict=True)
    ]


def _within(part: _Part, around: Sequence[Sequence[Slot]]) -> Within:
    row, place = part.cell
    found = around[row] if row < len(around) else ()
    return Within(part.around, row, found.index(part.cell) if part.cell in found else place)


@dataclass(slots=True)
class _Part:
    """A table that is read."""

    around: int = -1
    """The number of the table around it; -1 if there is none."""
    cell: tuple[int, int] = (0, 0)
    """The row and the place in it of the cell that it is in."""
    rows: list[list[Cell]] = field(default_factory=list)
    caption: str = ""
    heads: int = 0
    said: list[str] = field(default_factory=list)
    span: tuple[int, int] = (1, 1)


class _Reader(HTMLParser):
    """Reads one table, and those in its cells."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[_Part] = []
        self._open: list[int] = []
        """The numbers of the tables that are not at their ends, outermost first."""

    @property
    def _part(self) -> _Part:
        return self.parts[self._open[-1]] if self._open else _Part()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        part = self._part
        if tag == "table":
            inside = bool(self._open and part.rows)
            cell = (len(part.rows) - 1, len(part.rows[-1])) if inside else (0, 0)
            self.parts.append(_Part(self._open[-1] if inside else -1, cell))
            self._open.append(len(self.parts) - 1)
        elif tag == "tr":
            part.rows.append([])
        elif tag in ("td", "th", "caption"):
            part.said = []
            spans = {name: int(count or 1) for name, count in attrs}
            part.span = spans.get("rowspan", 1), spans.get("colspan", 1)
        elif tag == "br":
            part.said.append(" ")

    def handle_data(self, data: str) -> None:
        self._part.said.append(data)

    def handle_endtag(self, tag: str) -> None:
        part = self._part
        said = " ".join("".join(part.said).split())
        if tag == "table" and self._open:
            self._open.pop()
        elif tag == "caption":
            part.caption = said
        elif tag in ("td", "th") and part.rows:
            part.rows[-1].append(Cell(said, tag == "th", *part.span))
        elif tag == "thead":
            part.heads = len(part.rows)
