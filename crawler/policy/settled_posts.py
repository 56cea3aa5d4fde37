"""Whether the posts of a page are old enough that an edit is more likely found when their page is due. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime, timedelta

from extractor.values.moments import parse_moment

_HAS_ZONE = re.compile(r"T.*(?:Z|[+-]\d\d:?\d\d)$", re.IGNORECASE)
_HAS_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_UNKNOWN = timedelta(days=1)
"""How much later a post may be than it says, if it names a day only, or a time without a zone."""


def are_settled(dates: Collection[str | None], now: datetime, least: timedelta) -> bool:
    """Return whether each post was written longer than `least` before `now`; False without posts.

    `dates` are those of the posts of a page (ISO 8601), `least` is the shortest interval of the page. Of 105 edits in
    79 threads of nine forum engines, 91 were made within 30 days: within the first hours, only the next look at the
    page finds them; later ones are found when the page is due.
    """
    return bool(dates) and all(_is_before(date or "", now - least) for date in dates)


def _is_before(date: str, then: datetime) -> bool:
    at = parse_moment(date) if _HAS_DAY.match(date) else None
    return at is not None and at + (timedelta() if _HAS_ZONE.search(date) else _UNKNOWN) < then
