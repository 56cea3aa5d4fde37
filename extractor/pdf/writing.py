"""Write the parts of a PDF as text and as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from extractor.article.markdown import cell, escape, escape_start, fence
from extractor.html.lines import storable
from extractor.pdf.layout import Kind, Part


def as_text(parts: Iterable[Part]) -> str:
    """Return a line for each part, and one for each row of a table, with tabs between its cells."""
    return "\n".join(line for part in parts for line in _lines(part))


def _lines(part: Part) -> Iterator[str]:
    yield from ("\t".join(row) for row in part.rows)
    if part.text:
        yield part.text


def as_markdown(parts: Iterable[Part]) -> str:
    """Return headings, paragraphs and tables (GFM), with an empty line between two parts."""
    return "\n\n".join(_marked(part) for part in parts)


def _marked(part: Part) -> str:
    if part.rows:
        return _table(part.rows)
    if part.kind is Kind.CODE:
        return "\n".join(fence(storable(part.text)))
    if part.text.startswith("- "):
        return f"- {escape_start(escape(storable(part.text[2:])))}"
    text = escape(storable(part.text))
    return f"{'#' * part.level} {text}" if part.kind in (Kind.TITLE, Kind.HEADING) else escape_start(text)


def _table(rows: Sequence[Sequence[str]]) -> str:
    written = [[cell(escape(storable(text))) for text in row] for row in rows]
    head, *body = written
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *body))
