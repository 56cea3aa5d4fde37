"""Read title, authors and date as they are printed on the first page of a PDF."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from extractor.metadata.people import is_full_name
from extractor.metadata.titles import one_line
from extractor.pdf.layout import body_size
from extractor.pdf.printed_lines import BETWEEN_WIDE, PrintedLine
from extractor.values.dates import read_date

_HEADING = 1.15
"""How much larger than most of the text a title is."""
_SHORTEST_TITLE = 3
"""Letters of a title at least, less one."""
_MOST_LINES = 14
"""Lines below the title in which authors and date are."""
_LONGEST_DATE = 60
_BEGINS_TEXT = re.compile(
    r"(?:abstract|summary|keywords?|introduction|1\.?\s+\w|摘\s*要|关键词|引言)\b|[一二三]、", re.IGNORECASE
)
_MARKS = re.compile("[*†‡§¶∗⋆⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉]+|(?<=[^\\W\\d])\\d{1,2}(?:,\\d{1,2})*")
"""Signs after a name that lead to its address."""
_LEAD = re.compile(r"\s*(?:by|von|par|por|di|作者|文)\s*[:：]?\s+", re.IGNORECASE)
_SEVERAL = re.compile(r"\s*(?:[;；、，,&]|\b(?:and|und|et|y)\b)\s*")
_CHINESE = re.compile(r"[\u4e00-\u9fff]{2,4}")
_NO_NAME = re.compile(r"(?:大学|学院|研究|公司|中心|编辑|记者|日报|摘要)|\b(?:the|of|for|an?|in|on)\b", re.IGNORECASE)
_LED = re.compile(r"(?:published|date|dated|veröffentlicht|发布日期|日期)\s*[:：]?\s+", re.IGNORECASE)


def printed_title(lines: Sequence[PrintedLine], claimed: str) -> tuple[str, str] | None:
    """Return the title and its origin: the largest text of the first page, unless `claimed`, the title in the file, is
    printed there too. Without text, `claimed` is all there is.
    """
    said = letters(claimed)
    if len(said) > _SHORTEST_TITLE and said in letters("".join(line.text for line in lines)):
        return claimed, "pdf"
    largest = max((line.size for line in lines), default=0.0)
    shown = BETWEEN_WIDE.sub("", one_line(" ".join(line.text for line in lines if line.size == largest)))
    if _SHORTEST_TITLE < len(shown) <= 300 and (largest > _HEADING * body_size(lines) or not claimed):
        return shown, "largest line"
    return (claimed, "pdf") if claimed else None


def letters(text: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).lower()))


@dataclass(frozen=True, slots=True)
class PrintedFields:
    """What is printed between title and text."""

    authors: tuple[str, ...] = ()
    date: str | None = None
    """In ISO 8601."""
    lines: tuple[PrintedLine, ...] = ()
    """The lines up to the last one with an author or the date."""


def printed_fields(lines: Sequence[PrintedLine], title: str) -> PrintedFields:
    """Return the authors, and the date that is a line of its own, below the title."""
    below = list(_below_title(lines, title))
    named = _lines_of_authors(below)
    dated = next((number for number, line in enumerate(below) if _date(line.text)), None)
    authors = tuple(name for number in named for name in _names(below[number].text))
    date = _date(below[dated].text) if dated is not None else None
    return PrintedFields(authors, date, tuple(below[: max([*named, -1 if dated is None else dated], default=-1) + 1]))


def _lines_of_authors(below: Sequence[PrintedLine]) -> list[int]:
    """Return the places of the lines of names: of several, or of one that a by-line or the next line confirms."""
    found: list[int] = []
    for number, line in enumerate(below):
        names = _names(line.text)
        after = below[number + 1].text if number + 1 < len(below) else ""
        sure = len(names) > 1 or _LEAD.match(line.text) or "@" in after or _date(after)
        if names and (sure or found[-1:] == [number - 1]):
            found.append(number)
    return found


def _date(text: str) -> str | None:
    said = _LED.sub("", text.strip(), count=1)
    return read_date(said) if len(said) <= _LONGEST_DATE and any(map(str.isdigit, said)) else None


def _names(text: str) -> list[str]:
    """Return the names of which a line consists; none if a part of it is not one."""
    parts = [part for part in _SEVERAL.split(_LEAD.sub("", _MARKS.sub("", text), count=1).strip(" ,;")) if part]
    whole = [part for part in parts if (is_full_name(part) or _CHINESE.fullmatch(part)) and not _NO_NAME.search(part)]
    return whole if len(whole) == len(parts) else []


def _below_title(lines: Sequence[PrintedLine], title: str) -> Iterator[PrintedLine]:
    """Yield the lines between the title and the text."""
    said = letters(title)
    is_title = [bool(letters(line.text)) and letters(line.text) in said for line in lines]
    if True not in is_title:
        return
    start = is_title.index(True)
    start += is_title[start:].index(False) if False in is_title[start:] else len(lines)
    size = body_size(lines)
    yield from takewhile(
        lambda line: not _BEGINS_TEXT.match(line.text) and not (line.bold and line.size > size),
        lines[start : start + _MOST_LINES],
    )
