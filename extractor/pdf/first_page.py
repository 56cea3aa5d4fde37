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
from extractor.values.dates import whole_date

_HEADING = 1.15
"""How much larger than most of the text a title is."""
_SHORTEST_TITLE = 3
"""Letters of a title at least, less one."""
_MOST_LINES = 14
"""Lines below the title in which authors and date are."""
_LONGEST_DATE = 60
_WORD = re.compile(r"[^\W\d_]+")
_BEGINS_TEXT = re.compile(
    r"(?:abstract|summary|keywords?|introduction|1\.?\s+\w|摘\s*要|关键词|引言)\b|[一二三]、", re.IGNORECASE
)
_MARKS = re.compile(
    "[*†‡§¶∗⋆⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉]+|(?<=[^\\W\\d])\\d{1,2}(?:,\\d{1,2})*"
    r"|(?<=[^\W\d])\^(?:\([^()]{1,12}\)|[a-z](?:,[a-z\d*†‡]){0,4})"
)
"""Signs after a name that lead to its address."""
_MARKED = re.compile(r"[^\W\d]\s?(?:[*†‡§¶∗⋆⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉^]|(?<=\w)\d)")
"""A name with such a sign; one at the beginning of a line is that of a list."""
_LEAD = re.compile(
    r"^\s*(?:(?:by|von|par|por|di)\b\s*:?\s+(?!(?-i:[a-z]))|(?:作者|文)(?:\s*[:：/]\s*|\s+))", re.IGNORECASE
)
"""Words before names; before a small letter, they begin a name: *von der Leyen*."""
_SEVERAL = re.compile(r"\s*(?:[;；、，,&]|\b(?:and|und|et|y)\b)\s*")
_GOES_ON = re.compile(rf"{_SEVERAL.pattern}$")
_CHINESE = re.compile(r"[\u4e00-\u9fff]{2,4}")
_NO_NAME = re.compile(r"(?:大学|学院|研究|公司|中心|编辑|记者|日报|摘要)|\b(?:the|of|for|an?|in|on)\b", re.IGNORECASE)
_OFFICE = re.compile(r"[（(].{0,60}(?:大学|学院|研究|公司|中心|医院|局|所|院|系)")
"""The line below Chinese names with where they work."""
_LED = re.compile(
    r"^(?:(?:published(?: online)?(?: on)?|dated?|veröffentlicht(?: am)?)\b\s*:?\s+|(?:发布)?日期\s*[:：]?\s*)?"
    r"(?:(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch)\b,?\s+)?",
    re.IGNORECASE,
)
"""Words before a date."""


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


def printed_fields(lines: Sequence[PrintedLine], title: str, claimed: Sequence[str]) -> PrintedFields:
    """Return the authors, and the date that is a line of its own, below the title.

    `claimed` are the authors in the file: if a name among them is printed there too, authors without it are none.
    """
    below = list(_below_title(lines, title))
    named = _lines_of_authors(below, claimed)
    dated = next((number for number, line in enumerate(below) if _date(line.text)), None)
    authors = tuple(name for number in named for name in _names(below[number].text))
    shown = _words(" ".join(line.text for line in below))
    if not {_words(name) for name in claimed if _names(name) and _words(name) in shown}.issubset(map(_words, authors)):
        authors = ()
    date = _date(below[dated].text) if dated is not None else None
    return PrintedFields(authors, date, tuple(below[: max([*named, -1 if dated is None else dated], default=-1) + 1]))


def _words(text: str) -> str:
    return f" {' '.join(_WORD.findall(text.lower()))} "


def _lines_of_authors(below: Sequence[PrintedLine], claimed: Sequence[str]) -> list[int]:
    """Return the places of the lines of names that something confirms: a by-line, the next line, or, if there are
    several names in a line, a mark or the file. Places may look like names: *New York, Los Angeles*.
    """
    found: list[int] = []
    for number, line in enumerate(below):
        names = _names(line.text)
        after = below[number + 1].text if number + 1 < len(below) else ""
        at_office = _OFFICE.match(after) and all(len(name) < 4 for name in names)
        sure = _LEAD.match(line.text) or "@" in after or _date(after) or at_office
        listed = len(names) > 1 and (_MARKED.search(line.text) or _is_any_of(names, claimed))
        if names and (sure or listed or (found[-1:] == [number - 1] and _goes_on(below[number - 1].text, line.text))):
            found.append(number)
    return found


def _is_any_of(names: Sequence[str], claimed: Sequence[str]) -> bool:
    """Return whether the last word of one of the names is claimed: *Ada Lovelace* by *A. Lovelace*."""
    said = {word for name in claimed for word in _WORD.findall(name.lower())}
    return not said.isdisjoint(word for name in names for word in _WORD.findall(name.lower())[-1:])


def _goes_on(before: str, line: str) -> bool:
    """Return whether a line of names continues the one before: one name each, or a separator between them."""
    one_each = len(_names(before)) == len(_names(line)) == 1
    return one_each or _GOES_ON.search(before) is not None or _SEVERAL.match(line) is not None


def _date(text: str) -> str | None:
    said = _LED.sub("", text.strip(" ()（）."), count=1)
    return whole_date(said) if len(said) <= _LONGEST_DATE else None


def _names(text: str) -> list[str]:
    """Return the names of which a line consists; none if a part of it is not one."""
    said = _LEAD.sub("", _MARKS.sub("", text), count=1).strip(" ,;")
    parts = [part for piece in _SEVERAL.split(said) for part in _apart(piece)]
    whole = [part for part in parts if (is_full_name(part) or _CHINESE.fullmatch(part)) and not _NO_NAME.search(part)]
    return whole if len(whole) == len(parts) else []


def _apart(names: str) -> Iterator[str]:
    """Yield names between wide spaces, which also widen a name of two characters."""
    parts = names.split("\u3000")
    while parts:
        part = parts.pop(0)
        if len(part) == 1 and parts and len(parts[0]) == 1:
            part += parts.pop(0)
        if part:
            yield part


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
