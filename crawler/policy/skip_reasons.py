"""What a run did not fetch, by reason, as its tally counts it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

LISTS, NO_LISTS = "lists", "no-lists"
"""In the tally: feeds, sitemaps and boards that were read, and pages that were found in their places."""
NO_BOARDS = "no-boards"
"""The same for the walk of a forum: pages with neither boards nor threads."""
UNREAD_LISTS = "unread-lists"
"""In the tally: lists that could not be read, or only in part, so pages that they name are not known."""
UNREAD = "unread"
"""Why an entry of a list is left out that can't be read."""

RESERVED = "reserved"
"""Why a page is not kept whose site reserves its use."""
WITHHELD = "withheld"
"""Why an answer is not kept that has a secret of a login."""
UNUSED_IMAGE = "unused-image"
"""Why an image is left out that a style sheet names, and no page uses."""

_DROPPED = "dropped:"


def count_dropped(tally: Counter[str], reason: str, count: int = 1) -> None:
    """Count what is dropped for a reason; a negative `count` takes back what was counted before."""
    tally[_DROPPED + reason] += count


def dropped_name(reason: str) -> str:
    """Return the name of the tally that counts what is dropped for a reason."""
    return _DROPPED + reason


def dropped_in(tally: Mapping[str, int]) -> dict[str, int]:
    """Return how many were dropped for each reason."""
    return {name.removeprefix(_DROPPED): count for name, count in tally.items() if name.startswith(_DROPPED)}
