"""Write tables in Markdown: with bars (GFM), and in HTML where GFM has no words for them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape as escape_html

from extractor.article.markdown import cell as escape_bars

Write = Callable[[int], str]
"""Write a part of a cell, by its number."""


@dataclass(frozen=True, slots=True)
class Writers:
    """How the parts of cells are written."""

    marked: Write
    """As Markdown with emphasis, in one line."""
    bare: Write
    """The same without emphasis, since it gets some."""
    html: Write


@dataclass(frozen=True, slots=True)
class MarkedCell:
    """A cell with the numbers of its parts: paragraphs, lines, items."""

    parts: Sequence[int]
    head: bool = False
    rows: int = 1
    columns: int = 1
    inner: Sequence[MarkedTable] = ()
    """The tables in it, below its parts."""


@dataclass(frozen=True, slots=True)
class MarkedTable:
    """A table with its cells and the numbers of the parts of its caption."""

    rows: Sequence[Sequence[MarkedCell]]
    heads: int = 0
    """The number of its first rows that are its head."""
    caption: Sequence[int] = ()


def table_lines(table: MarkedTable, writers: Writers, *, nested: bool = False) -> list[str]:
    """Return a table in Markdown, as HTML if cells span others or contain tables, if it has several rows of heads, or
    if a cell contains code of several lines (`nested`).
    """
    spans = any(cell.rows > 1 or cell.columns > 1 or cell.inner for row in table.rows for cell in row)
    if nested or spans or table.heads > 1:
        return list(_as_html(table, writers))
    said = [f"*{' '.join(map(writers.bare, table.caption))}*"] if table.caption else []
    return [*said, *([""] if said and table.rows else []), *(_as_bars(table, writers) if table.rows else ())]


def apart(tables: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of tables, with an empty one between two tables."""
    said: list[str] = []
    for lines in filter(None, tables):
        said += ["", *lines] if said else lines
    return said


def _as_bars(table: MarkedTable, writers: Writers) -> Iterator[str]:
    """Yield the rows. GFM requires a head: a table without one gets an empty one."""
    width = max(map(len, table.rows))
    empty = [""] * width
    head = [_in_cell(cell.parts, writers.marked) for cell in table.rows[0]] if table.heads else empty
    yield _bars(head, width)
    yield "|" + " --- |" * width
    for row in table.rows[table.heads :]:
        yield _bars([_headed(cell, writers) for cell in row], width)


def _bars(texts: Sequence[str], width: int) -> str:
    return f"| {' | '.join([*texts, *[''] * (width - len(texts))])} |"


def _headed(cell: MarkedCell, writers: Writers) -> str:
    """Return a cell; the head of a row is bold, as browsers show it."""
    if not cell.head:
        return _in_cell(cell.parts, writers.marked)
    return _in_cell(cell.parts, lambda part: f"**{said}**" if (said := writers.bare(part)) else "")


def _in_cell(parts: Sequence[int], write: Write) -> str:
    return "<br>".join(escape_bars(write(part)) for part in parts)


def _as_html(table: MarkedTable, writers: Writers) -> Iterator[str]:
    """Yield HTML with nothing but these tags; an empty line would end it."""
    heads = table.heads
    yield "<table>"
    if table.caption:
        yield f"<caption>{_in_html(table.caption, writers)}</caption>"
    for number, row in enumerate(table.rows):
        if heads and number in (0, heads):
            yield "<thead>" if number == 0 else "</thead>"
        yield f"<tr>{''.join(_html_cell(cell, number < heads, writers) for cell in row)}</tr>"
    if heads == len(table.rows):
        yield "</thead>"
    yield "</table>"


def _html_cell(cell: MarkedCell, in_head: bool, writers: Writers) -> str:
    tag = "th" if cell.head or in_head else "td"
    spans = [(name, count) for name, count in (("rowspan", cell.rows), ("colspan", cell.columns)) if count > 1]
    said = "".join(f' {name}="{count}"' for name, count in spans)
    inner = "".join(line for table in cell.inner for line in _as_html(table, writers))
    return f"<{tag}{said}>{_in_html(cell.parts, writers)}{inner}</{tag}>"


def _in_html(parts: Sequence[int], writers: Writers) -> str:
    return "<br>".join(map(writers.html, parts))


_INLINE = re.compile(
    r"\\(?P<plain>[!-/:-@\[-`{-~])|(?P<formula>\$(?:\\.|[^$\\])+\$)"
    r"|(?P<ticks>`++) ?(?P<code>.+?) ?(?<!`)(?P=ticks)(?!`)"
    r"|!\[(?:\\.|[^\[\]\\])*+\]\([^()\s]*\)|(?P<mark>\*{1,2})|(?P<open>\[)|\]\((?P<url>[^()\s]*)\)"
    r"|(?P<said>[^\\$`!*\[\]]+|`+|.)",
    re.DOTALL,
)
"""The parts of a line of our Markdown. Images have no words in a table; a "[" in theirs is escaped."""


def marked_as_html(marked: str) -> str:
    """Return a line of our Markdown as HTML: its text with links, code and emphasis."""
    parts: list[str] = []
    opened: list[tuple[str, int]] = []
    """The marks and brackets that are open, and where each begins among the parts."""
    for found in _INLINE.finditer(marked):
        sign = found["mark"] or ("[" if found["open"] or found["url"] else "")
        if found["code"] is not None:
            parts.append(marked_html(found["code"], "`"))
        elif sign and opened and opened[-1][0] == sign and not found["open"]:
            start = opened.pop()[1]
            inner = "".join(parts[start + 1 :])
            element = _ELEMENTS.get(sign)
            parts[start:] = [f"<{element}>{inner}</{element}>" if element else linked_html(inner, found["url"])]
        elif found["mark"] or found["open"]:
            opened.append((sign, len(parts)))
            parts.append(sign)
        else:
            parts.append(escape_html(found["plain"] or found["formula"] or found["said"] or "", quote=False))
    return " ".join("".join(parts).split())


_ELEMENTS = {"**": "strong", "*": "em", "`": "code"}


def marked_html(text: str, mark: str) -> str:
    """Return text with a mark of Markdown as HTML."""
    said = escape_html(text, quote=False)
    if not mark or not text.strip():
        return said
    element = _ELEMENTS.get(mark)
    return f"<{element}>{said}</{element}>" if element else f"{mark}{said}{mark}"


def linked_html(said: str, url: str) -> str:
    """Return a link; `url` is as `markdown.address` writes it."""
    return f'<a href="{url}">{said}</a>'


def code_html(text: str) -> str:
    """Return preformatted text in one line: an empty line would end the table."""
    return f"<pre>{escape_html(text, quote=False)}</pre>".replace("\n", "&#10;")
