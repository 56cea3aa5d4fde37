"""How well the text keeps the structure of pages: tables, footnotes and lists, on pages made for this.

    python -m benchmarks.reading.structure [--worst]

A cell counts if a line of the text has it in its column, after the line of the row before: cells are separated by tabs,
or by bars. A footnote counts if the Markdown has its label after the word that refers to it, and its note. Needs
nothing of the extractor but `extract`, so that earlier checkouts can be measured: run it in their directory.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from benchmarks.machine import called
from benchmarks.reading.shapes import Grid, Made, made_pages
from extractor.html.page import Page
from extractor.reading import extract
from extractor.values.text import Text


def cells_of(line: str) -> list[str]:
    """Return the cells of a line of text: with tabs, with bars, or only one."""
    if "\t" not in line and line.startswith("|"):
        return [cell.strip() for cell in line.strip().strip("|").split("|")]
    return [cell.strip() for cell in line.split("\t")]


def placed(grid: Grid, text: str) -> tuple[int, int]:
    """Return how many cells with text of a table are at their row and column, and how many there are."""
    lines = [cells_of(line) for line in text.split("\n")]
    found = start = 0
    for row in grid:
        whole = len(set(row)) == 1
        marks = [len(row) if whole and line == row[:1] else _same(row, line) for line in lines[start:]]
        best = max(marks, default=0)
        if best:
            start += marks.index(best) + 1
            found += best if whole else sum(map(bool, row)) if lines[start - 1] == row else best
    return min(found, total := sum(bool(cell) for row in grid for cell in row)), total


def _same(row: Sequence[str], line: Sequence[str]) -> int:
    return sum(bool(one) and one == other for one, other in zip(row, line, strict=False))


def linked(notes: Sequence[tuple[str, str]], marked: str) -> int:
    """Return how many references lead to their notes in Markdown."""
    labels = dict(re.findall(r"^\s*\[\^([^\]]+)\]: *(.+)$", marked, re.MULTILINE))
    return sum(
        any(labels.get(label, "") == note for label in re.findall(rf"the {word}\[\^([^\]]+)\]\.", marked))
        for word, note in notes
    )


def marks_of(made: Made, text: Text | None) -> Iterator[tuple[str, int, int]]:
    """Yield what is counted of a page: its kind, how many are right, and of how many."""
    said, marked = (text.text, _marked(text)) if text else ("", "")
    for grid in made.tables:
        yield "cells in their row and column", *placed(grid, said)
    if made.notes:
        yield "footnotes linked", linked(made.notes, marked), len(made.notes)
    if made.items:
        lines = marked.split("\n")
        yield "list items", sum(item in lines for item in made.items), len(made.items)


def _marked(text: Text) -> str:
    return text.markdown or ("\n".join(post.markdown for post in text.thread.posts) if text.thread else "")


def main() -> None:
    parser = called("benchmarks.reading.structure", __doc__)
    parser.add_argument("--worst", action="store_true", help="name the pages that lost something")
    given = parser.parse_args()
    right: dict[str, int] = defaultdict(int)
    of: dict[str, int] = defaultdict(int)
    pages = 0
    for made in made_pages():
        pages += 1
        text = extract(Page(f"https://made.example/{pages}", made.html.encode(), "text/html; charset=utf-8"))
        for kind, good, count in marks_of(made, text):
            right[kind] += good
            of[kind] += count
            if given.worst and good < count:
                print(f"{made.name}: {good} of {count} {kind}")
    print(f"{pages} pages")
    for kind, count in of.items():
        print(f"    {kind:<32}{right[kind] / count:>8.1%} of {count}")


if __name__ == "__main__":
    main()
