"""Take the running heads, running feet and page numbers out of the pages of a PDF.

Only what the pages have at their outer edges can be one, and only if several pages have it at the same place with the
same text, or with a number that rises with the pages. A value that is printed near an edge stays.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise

from extractor.pdf.printed_lines import PrintedLine

_MARGIN = 0.1
"""Fraction of a page at its top and bottom in which running heads and page numbers are."""
_MOST_OFF, _LEAST_SHARE = 2.0, 0.3
"""Points by which the place of a running head may differ, and the fraction of the pages that have it."""
_LEAST_PAGES, _LEAST_NUMBERED = 3, 2
"""Pages that have a running head at least, and those that have a page number."""
_NUMBER = re.compile(r"(?<!\d)\d{1,6}(?!\d)")
_MOST_NUMBERS = 8
"""Numbers of a line of which one may be the page's."""
_PAGE_NUMBER = re.compile(
    r"[-–—·\s]*(?:(?:page|seite|p\.)\s*)?\d{1,4}(?:\s*(?:/|of|von)\s*\d{1,4})?[-–—·\s]*"
    r"|第\s*\d{1,4}\s*页(?:\s*共\s*\d{1,4}\s*页)?",
    re.IGNORECASE,
)
_ROMAN = re.compile(r"[-–—·\s]*([ivxl]{1,7})[-–—·\s]*", re.IGNORECASE)
_ROMAN_DIGITS = {"i": 1, "v": 5, "x": 10, "l": 50}

_Look = tuple[str, int | None, str, int]
"""A text before a number, the number less that of the page, the text after it, and the place."""


def without_heads(pages: Sequence[Sequence[PrintedLine]]) -> tuple[list[list[PrintedLine]], list[PrintedLine]]:
    """Return the pages without running heads and page numbers, and each running head once, as it is printed first."""
    times: Counter[_Look] = Counter()
    for page in pages:
        times.update({look for line in page if _in_margin(line) for look in _looks(line)})
    share = _LEAST_SHARE * len(pages)
    heads: dict[_Look, PrintedLine] = {}
    left: list[list[PrintedLine]] = []
    for page in pages:
        gone: set[int] = set()
        for edge in _edges(page):
            for place in edge:
                line = page[place]
                look = max(_looks(line), key=lambda one: times[one])
                numbered = look[1] is not None and _is_page_number(line.text)
                if times[look] < max(share, _LEAST_NUMBERED if numbered else _LEAST_PAGES):
                    break
                gone.add(place)
                if not numbered:
                    heads.setdefault(look, line)
        left.append([line for place, line in enumerate(page) if place not in gone])
    return left, list(heads.values())


def _edges(page: Sequence[PrintedLine]) -> Iterator[list[int]]:
    """Yield the lines in the lower and the upper margin of a page, each from the edge inwards."""
    inwards = sorted((place for place, line in enumerate(page) if _in_margin(line)), key=lambda at: page[at].height)
    yield [place for place in inwards if page[place].height < 0.5]
    yield [place for place in reversed(inwards) if page[place].height >= 0.5]


def _in_margin(line: PrintedLine) -> bool:
    return not _MARGIN < line.height < 1 - _MARGIN


def _is_page_number(text: str) -> bool:
    return (_PAGE_NUMBER.fullmatch(text) or _ROMAN.fullmatch(text)) is not None


def _looks(line: PrintedLine) -> Iterator[_Look]:
    """Yield what another page must have for a line to be a running head: its text, or that with the page's number."""
    place = round(line.base / _MOST_OFF)
    yield line.text, None, "", place
    for found in islice(_NUMBER.finditer(line.text), _MOST_NUMBERS):
        yield line.text[: found.start()], int(found[0]) - line.page, line.text[found.end() :], place
    if roman := _ROMAN.fullmatch(line.text):
        yield "roman", _of_roman(roman[1]) - line.page, "", place


def _of_roman(numeral: str) -> int:
    digits = [_ROMAN_DIGITS[letter] for letter in numeral.casefold()]
    return sum(-one if one < other else one for one, other in pairwise([*digits, 0]))
