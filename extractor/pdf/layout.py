"""Join the printed lines of a PDF to the parts of its text: headings, paragraphs, tables, captions and footnotes.

The order is that in which the lines are printed, which is the reading order of nearly all programs. Places and sizes
tell where a part ends: footnotes stand after the text, then each running head once; page numbers are left out; a table
or a caption inside a paragraph stands after it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from extractor.pdf.printed_code import alone, code_of, is_typewritten
from extractor.pdf.printed_items import ITEM
from extractor.pdf.printed_lines import PrintedLine, columns_of, is_between_wide
from extractor.pdf.printed_tables import table_of
from extractor.pdf.running_heads import without_heads

_HEADING, _SMALL = 1.08, 0.94
"""How much larger than the body a heading is, and how much smaller a footnote."""
_LONGEST_HEADING = 120
_DEEPEST = 6
_ENDS_SENTENCE = tuple('.!?:;。！？：；”"»)）')
_FULL = 0.75
"""Fraction of a column's width that a line must fill to continue in the next one."""
_APART = 1.6
"""Distance of two lines of one paragraph at most, in the usual distance of lines."""
_INDENT = 0.7
"""Indentation of the first line of a paragraph at least, in sizes."""
_NOTES_BELOW = 0.45
"""Fraction of a page below which a footnote is."""
_CAPTION = re.compile(
    r"(?:figure|fig\.|table|tab\.|abbildung|abb\.|tabelle|tableau|figura|tabla)\s*\d+|[图圖表]\s*\d+(?:[-.]\d+)?\s*[:：.\s]",
    re.IGNORECASE,
)
_LONGEST_CELL = 40
_COLUMN = 120.0
"""Points; text that begins in the same piece of this width is in the same column."""
_SAME_SIZE = 0.04
_MOST_BOLD = 0.2
"""Fraction of the body above which bold lines are no headings."""
_NOTE_SIGN = re.compile(r"[*†‡§¶]|\d{1,3}[\s.)]|[¹²³⁴⁵⁶⁷⁸⁹]|\[\d{1,3}\]|[①-⑳]")
"""What a footnote begins with."""
_LEAST_ROWS = 2


class Kind(Enum):
    TITLE, HEADING, PARAGRAPH, TABLE, CAPTION, NOTE, CODE = range(7)


_FLOATS = (Kind.TABLE, Kind.CAPTION)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the text."""

    kind: Kind
    text: str = ""
    level: int = 1
    """Of a heading: 1 is the title's."""
    rows: tuple[tuple[str, ...], ...] = ()
    """Of a table."""


def parts_of(
    pages: Sequence[Sequence[PrintedLine]], title: str | None, fields: Collection[PrintedLine] = ()
) -> list[Part]:
    """Return the parts of a document. `title` is its printed title, if it has one; `fields` are the lines with authors
    and date, which are no headings, however large they are.
    """
    left, heads = without_heads(pages)
    lines = [line for page in left for line in page]
    parts = _Layout(lines, title, frozenset(fields)).parts() if lines else ()
    return [*parts, *(Part(Kind.NOTE, head.text) for head in heads)]


def body_size(lines: Sequence[PrintedLine]) -> float:
    """Return the size of most of the text."""
    letters: Counter[float] = Counter()
    for line in lines:
        letters[line.size] += columns_of(line.text)
    return max(letters, key=lambda size: letters[size], default=0.0)


class _Layout:
    """The lines of a document, and what they are."""

    def __init__(self, lines: Sequence[PrintedLine], title: str | None, fields: frozenset[PrintedLine]) -> None:
        self._lines = lines
        self._fields = fields
        self._title = _letters(title or "")
        self._body = body_size(lines)
        body = [line for line in lines if line.size == self._body]
        widths = sorted(columns_of(line.text) for line in body)
        self._column = widths[int(len(widths) * 0.9)] * _FULL if widths else 0
        falls = Counter(round(one.base - other.base) for one, other in pairwise(body) if one.page == other.page)
        self._leading = max(
            (fall for fall in falls if 0 < fall < 3 * self._body),
            key=lambda fall: falls[fall],
            default=1.3 * self._body,
        )
        bold = sum(columns_of(line.text) for line in body if line.bold)
        self._bold_heads = bold < _MOST_BOLD * sum(widths)
        self._has_code = not is_typewritten(lines)
        self._lowest = self._lowest_of_body()
        self._kinds = self._kinds_of_lines()
        heads = {_look(line) for line, kind in zip(lines, self._kinds, strict=True) if kind is Kind.HEADING}
        self._levels = {look: min(2 + place, _DEEPEST) for place, look in enumerate(sorted(heads, reverse=True))}

    def parts(self) -> Iterator[Part]:
        """Yield the parts. What interrupts a paragraph comes after it, and footnotes come at the end."""
        paragraph: list[int] = []
        floats: list[Part] = []
        notes: list[Part] = []

        def ended() -> Iterator[Part]:
            if paragraph:
                yield Part(Kind.PARAGRAPH, self._text(paragraph))
            yield from floats
            paragraph.clear()
            floats.clear()

        for kind, numbers in self._groups():
            if kind is Kind.NOTE:
                notes.append(Part(kind, self._text(numbers)))
            elif kind is Kind.PARAGRAPH:
                for number in numbers:
                    if paragraph and not self._continues(paragraph[-1], number):
                        yield from ended()
                    paragraph.append(number)
            elif paragraph and kind in _FLOATS and self._goes_on(paragraph[-1]):
                floats.append(self._part(kind, numbers))
            else:
                yield from ended()
                yield self._part(kind, numbers)
        yield from ended()
        yield from notes

    def _part(self, kind: Kind, numbers: Sequence[int]) -> Part:
        first = self._lines[numbers[0]]
        if kind is Kind.TABLE:
            return Part(kind, rows=table_of([self._lines[number].cells for number in numbers]))
        if kind is Kind.CODE:
            return Part(kind, code_of([self._lines[number] for number in numbers], self._leading))
        return Part(kind, self._text(numbers), 1 if kind is Kind.TITLE else self._levels.get(_look(first), 1))

    def _text(self, numbers: Sequence[int]) -> str:
        return joined(self._lines[number].text for number in numbers)

    def _groups(self) -> Iterator[tuple[Kind, list[int]]]:
        """Yield the lines that may be one part; of paragraphs, all up to the next part of another kind."""
        group: list[int] = []
        for number, kind in enumerate(self._kinds):
            if group and not (kind is self._kinds[group[-1]] and self._is_same_part(group[-1], number)):
                yield self._kinds[group[0]], group
                group = []
            group.append(number)
        if group:
            yield self._kinds[group[0]], group

    def _is_same_part(self, before: int, number: int) -> bool:
        one, other = self._lines[before], self._lines[number]
        kind = self._kinds[number]
        if kind is Kind.PARAGRAPH:
            return True
        most = 3.5 if kind is Kind.CODE else 2.5
        if one.page != other.page or not 0 < one.base - other.base < most * max(self._leading, other.size):
            return False
        if kind in (Kind.HEADING, Kind.TITLE):
            wide = columns_of(one.text) * one.size
            return _look(one) == _look(other) and (kind is Kind.TITLE or wide >= self._column * self._body)
        return kind in (Kind.TABLE, Kind.CODE) or not _NOTE_SIGN.match(other.text)

    def _kinds_of_lines(self) -> list[Kind]:
        kinds = [self._kind(line) for line in self._lines]
        for number in alone([kind is Kind.CODE for kind in kinds]):
            kinds[number] = Kind.PARAGRAPH  # a line of an address or the like
        for numbers in self._tables(kinds):
            for number in numbers:
                kinds[number] = Kind.TABLE
        for number, line in enumerate(self._lines[1:], 1):
            before = self._lines[number - 1]
            beside = (
                before.size == line.size and before.page == line.page and 0 < before.base - line.base < 1.5 * line.size
            )
            if (
                kinds[number] is Kind.PARAGRAPH
                and line.size < self._body
                and kinds[number - 1] is Kind.CAPTION
                and beside
            ):
                kinds[number] = Kind.CAPTION
        return kinds

    def _kind(self, line: PrintedLine) -> Kind:
        letters = _letters(line.text)
        larger = line.size >= _HEADING * self._body
        if larger and line.page == 0 and self._title and letters and letters in self._title:
            return Kind.TITLE
        if line in self._fields:
            return Kind.PARAGRAPH
        if _CAPTION.match(line.text) and not larger:
            return Kind.CAPTION
        bold = line.bold and self._bold_heads and not line.text.endswith((".", "。", ",", "，"))
        if (larger or (bold and line.size >= self._body)) and len(line.text) <= _LONGEST_HEADING and letters:
            return Kind.HEADING
        low = line.height < _NOTES_BELOW and line.size <= _SMALL * self._body
        note = low and line.base < self._lowest.get((line.page, _column_of(line)), 0.0)
        return Kind.CODE if line.code and self._has_code else Kind.NOTE if note else Kind.PARAGRAPH

    def _lowest_of_body(self) -> dict[tuple[int, int], float]:
        """Return the base of the lowest line of the body, by page and column."""
        lowest: dict[tuple[int, int], float] = {}
        for line in self._lines:
            if line.size == self._body:
                at = line.page, _column_of(line)
                lowest[at] = min(line.base, lowest.get(at, line.base))
        return lowest

    def _tables(self, kinds: Sequence[Kind]) -> Iterator[list[int]]:
        """Yield the lines of each table: at least two rows of short cells whose left edges agree."""
        group: list[int] = []
        for number, line in enumerate(self._lines):
            fits = kinds[number] is Kind.PARAGRAPH and all(len(text) <= _LONGEST_CELL for _, text in line.cells)
            near = not group or self._is_below(group[-1], number, 2.5)
            if not (fits and near):
                yield from self._whole(group)
                group = []
            if fits:
                group.append(number)
        yield from self._whole(group)

    def _whole(self, group: Sequence[int]) -> Iterator[list[int]]:
        wide = [place for place, number in enumerate(group) if len(self._lines[number].cells) > 1]
        if len(wide) >= _LEAST_ROWS:
            rows = list(group[wide[0] : wide[-1] + 1])
            if table_of([self._lines[number].cells for number in rows]):
                yield rows

    def _is_below(self, before: int, number: int, most: float) -> bool:
        one, other = self._lines[before], self._lines[number]
        return one.page == other.page and 0 < one.base - other.base < most * max(self._leading, other.size)

    def _continues(self, before: int, number: int) -> bool:
        """Return whether a line continues the paragraph of the line `before`."""
        one, other = self._lines[before], self._lines[number]
        if (
            other in self._fields
            or ITEM.match(other.text)
            or columns_of(one.text) < self._column
            or abs(one.size - other.size) > _SAME_SIZE * one.size
        ):
            return False
        if not one.text.endswith(_ENDS_SENTENCE):
            return True
        return self._is_below(before, number, _APART) and not self._is_indented(number)

    def _goes_on(self, number: int) -> bool:
        text = self._lines[number].text
        return columns_of(text) >= self._column and not text.endswith(_ENDS_SENTENCE)

    def _is_indented(self, number: int) -> bool:
        """Return whether a line is further to the right than the next one, or the one before it."""
        line = self._lines[number]
        after = number + 1 < len(self._lines) and self._is_below(number, number + 1, _APART)
        beside = self._lines[number + 1] if after else self._lines[number - 1]
        return line.left - beside.left > _INDENT * line.size


def _look(line: PrintedLine) -> tuple[float, bool]:
    return line.size, line.bold


def _column_of(line: PrintedLine) -> int:
    return round(line.left / _COLUMN)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def joined(lines: Iterable[str]) -> str:
    """Join the lines of a part: a hyphenated word becomes whole, and Chinese needs no space."""
    pieces: list[str] = []
    for line in lines:
        if pieces and pieces[-1].endswith("-") and line[:1].islower():
            pieces[-1] = pieces[-1][:-1]
        elif pieces and not is_between_wide(pieces[-1], line):
            pieces.append(" ")
        pieces.append(line)
    return "".join(pieces)
