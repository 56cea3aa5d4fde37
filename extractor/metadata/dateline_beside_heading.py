"""Read the date of a page from a line beside its heading without a full year: ``Ada Quist · 3 hours ago``,
``新华社 昨天 15:04``, ``24.11.26``.

Sentences contain the same words. So a line only counts if it has little else than names and labels.
"""

from __future__ import annotations

import re
from datetime import datetime

from extractor.values.dates import short_date_between
from extractor.values.relative import relative_date_between

_LONGEST = 60
_MOST_NAMES = 30
"""Characters that names before a date have at most."""
_BREAK = re.compile(
    r"(?:[·•|｜()（）/:：,，–—-]|\b(?:published|posted|on|veröffentlicht|erschienen|am|publié|le|publicado)|发布于|发表于|發佈於)\s*$",
    re.IGNORECASE,
)
_BY = frozenset(("by", "von", "par", "por", "and", "und", "et", "y"))
_ENDS = re.compile(r"\s*(?:$|[·•|｜()（）/–—-])|\s+[\dA-ZÄÖÜ\u3400-\u9fff]")
"""What comes behind a date that no sentence goes on with."""
_NO_DATE = re.compile(r"\bv(?:ersion\b|\.)|\breleases?\b|\bisbn\b", re.IGNORECASE)


def date_beside(line: str, at: datetime | None, day_first: bool | None) -> str | None:
    """Return the date of such a line in ISO 8601; None for any other line.

    `at` is the time of capture: without it, relative times are not read. `day_first` is as for
    `extractor.values.dates.read_date`.
    """
    if len(line) > _LONGEST or _NO_DATE.search(line):
        return None
    found = (relative_date_between(line, at) if at else None) or short_date_between(line, day_first=day_first)
    if found is None:
        return None
    written, before, after = found
    return written if _is_no_sentence(before) and _ENDS.match(after) else None


def _is_no_sentence(before: str) -> bool:
    """Return whether a text before a date is not a sentence: empty, a label, ending with punctuation, or names."""
    if not before.strip() or _BREAK.search(before):
        return True
    names = (word for word in before.split() if word not in _BY)
    return before[-1].isspace() and len(before) <= _MOST_NAMES and not any(name[0].islower() for name in names)
