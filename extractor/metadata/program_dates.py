"""Find the date of publication in the data of a page's own scripts:
``"publishedAt":"2026-11-24T10:05:33Z"``.
"""

from __future__ import annotations

import re

from extractor.html.page import Page
from extractor.values.dates import read_date

_WRITTEN = (
    r"""_?(?:[aA]t|[dD]ate|[tT]ime|[oO]n)?\\?["']\s*:\s*\\?["']?((?:19|20)[\d\-T:.+Z /]{6,30}|1\d{9}(?:\d{3})?\b)"""
)
_STATES = (
    re.compile(rf"ublish(?:ed)?{_WRITTEN}"),
    re.compile(rf"ublication{_WRITTEN}"),
    re.compile(rf"p(?:ub)?time{_WRITTEN}"),
    re.compile(rf"reated{_WRITTEN}"),
    re.compile(r"reateTime\s*=\s*[\"']((?:19|20)\d\d-[\d\-: ]{5,14})[\"']"),
    re.compile(r"=\"((?:19|20)\d\d-\d\d-\d\d)\";\s*\w+\([^()]*getElementById\(\"publish_time\"\)"),
)
"""Each begins with letters that are searched for as such: these patterns go over whole pages."""


def date_in_state(page: Page) -> tuple[str, str] | None:
    """Return the first date in script data that is named as a date of publication."""
    for state in _STATES:
        match = state.search(page.text)
        if match and (written := read_date(match[1])):
            return written, "script"
    return None
