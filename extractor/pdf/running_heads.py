"""Leave out the running heads, running feet and page numbers of a PDF."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from extractor.pdf.printed_lines import PrintedLine

_MARGIN = 0.1
"""Fraction of a page at its top and bottom in which running heads and page numbers are."""
_MOST_OFF, _LEAST_SHARE = 2.0, 0.3
"""Points by which the place of a running head may differ, and the fraction of the pages that have it."""
_NUMBERS = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(
    r"[-–—·\s]*(?:(?:page|seite|p\.)\s*)?(?:\d{1,4}|[ivxl]{1,6})(?:\s*(?:/|of|von)\s*\d{1,4})?[-–—·\s]*"
    r"|第\s*\d{1,4}\s*页(?:\s*共\s*\d{1,4}\s*页)?",
    re.IGNORECASE,
)


def without_heads(pages: Sequence[Sequence[PrintedLine]]) -> Iterator[list[PrintedLine]]:
    """Yield the pages without page numbers and what several pages have at one place in their margins."""
    places: Counter[tuple[str, int]] = Counter()
    for page in pages:
        places.update({_place(line) for line in page if _in_margin(line)})
    least = max(2, _LEAST_SHARE * len(pages))
    for page in pages:
        yield [
            line
            for line in page
            if not _in_margin(line) or not (_PAGE_NUMBER.fullmatch(line.text) or places[_place(line)] >= least)
        ]


def _in_margin(line: PrintedLine) -> bool:
    return not _MARGIN < line.height < 1 - _MARGIN


def _place(line: PrintedLine) -> tuple[str, int]:
    return _NUMBERS.sub("0", line.text), round(line.base / _MOST_OFF)
