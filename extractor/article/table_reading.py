"""Read the tables back from our Markdown: those with bars and those in HTML, as `table_writing` writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import unescape
from html.parser import HTMLParser

from extractor.values.table import Cell, Table

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
    """Yield the tables of our Markdown, in order."""
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
            yield _from_bars(lines[number:end], _caption(lines, number))
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


def _from_html(lines: Sequence[str]) -> Table:
    reader = _Reader()
    reader.feed("\n".join(lines))
    reader.close()
    return Table(tuple(map(tuple, reader.rows)), reader.caption, reader.heads)


class _Reader(HTMLParser):
    """Reads one table."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[Cell]] = []
        self.caption = ""
        self.heads = 0
        self._said: list[str] = []
        self._span = (1, 1)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th", "caption"):
            self._said = []
            spans = {name: int(count or 1) for name, count in attrs}
            self._span = spans.get("rowspan", 1), spans.get("colspan", 1)
        elif tag == "br":
            self._said.append(" ")

    def handle_data(self, data: str) -> None:
        self._said.append(data)

    def handle_endtag(self, tag: str) -> None:
        said = " ".join("".join(self._said).split())
        if tag == "caption":
            self.caption = said
        elif tag in ("td", "th") and self.rows:
            self.rows[-1].append(Cell(said, tag == "th", *self._span))
        elif tag == "thead":
            self.heads = len(self.rows)
