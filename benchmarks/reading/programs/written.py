"""Our own texts: Markdown files with a title, and what a reader must find on a page that a program builds of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from pathlib import Path

TEXTS = Path(__file__).with_name("texts")
AUTHOR = "Ada Holm"
_FIRST_DAY = date(2026, 3, 2)
_MARKS = re.compile(r"^(?:[-#>]+|\d+\.)\s+")


class Kind(Enum):
    """The kind of a block of a text."""

    PARAGRAPH = ""
    HEADING = "#"
    ITEMS = "-"
    STEPS = "1"
    QUOTE = ">"
    TABLE = "|"
    CODE = "`"


@dataclass(frozen=True, slots=True)
class Block:
    """A block: its kind, its lines without their marks, and the language of code."""

    kind: Kind
    lines: Sequence[str]
    language: str = ""

    @property
    def rows(self) -> Sequence[Sequence[str]]:
        """The cells of a table, its header first."""
        return [[cell.strip() for cell in line.strip("|").split("|")] for line in self.lines]


@dataclass(frozen=True, slots=True)
class Written:
    """A text. Its name begins with its language; `body` is Markdown below the title."""

    name: str
    title: str
    body: str
    day: date

    @property
    def language(self) -> str:
        return self.name.partition("-")[0]

    @property
    def blocks(self) -> Sequence[Block]:
        return list(_blocks(self.body))

    @property
    def gold(self) -> str:
        """The text of a page, without its title."""
        return "\n".join(line for block in self.blocks for line in _plain(block))


def texts() -> Sequence[Written]:
    """Return all texts, in the order of their names; each is of another day."""
    written = []
    for number, path in enumerate(sorted(TEXTS.glob("*.md"))):
        title, _, body = path.read_text("utf-8").partition("\n")
        written.append(Written(path.stem, title.lstrip("# "), body.strip(), _FIRST_DAY + timedelta(days=7 * number)))
    return written


def _plain(block: Block) -> Iterator[str]:
    if block.kind is Kind.TABLE:
        yield from ("\t".join(row) for row in block.rows)
    elif block.kind is Kind.CODE:
        yield "\n".join(block.lines)
    elif block.kind is Kind.STEPS:
        yield from (f"{number}. {line.replace('`', '')}" for number, line in enumerate(block.lines, 1))
    else:
        yield from (line.replace("`", "") for line in block.lines)


def _blocks(body: str) -> Iterator[Block]:
    for part in re.split(r"\n\n(?=\S)", body):
        lines = part.split("\n")
        if part.startswith("```"):
            yield Block(Kind.CODE, lines[1:-1], lines[0].strip("`"))
        elif part.startswith("|"):
            yield Block(Kind.TABLE, [lines[0], *lines[2:]])
        else:
            kind = next((kind for kind in Kind if kind.value and _MARKS.match(part) and part[0] == kind.value), None)
            yield Block(kind or Kind.PARAGRAPH, [_MARKS.sub("", line) if kind else line for line in lines])
