"""What a page says of its use in `<meta>` elements: TDM Reservation Protocol, and directives for robots."""

from __future__ import annotations

import re

from extractor.html.page import Page

_TDM = frozenset(("tdm-reservation", "tdm-policy"))
_ROBOTS = frozenset(("robots", "pressmark"))
_RESERVING = re.compile("noarchive|nocache|noai", re.IGNORECASE)
_LONGEST = 500
"""Characters of a value."""
_MOST = 10


def reservations_of(page: Page) -> list[tuple[str, str]]:
    """Return the names, after `meta`, and values of the elements that reserve something, in their order."""
    found = []
    for node in page.tagged("meta"):
        attributes = node.attributes
        name = (attributes.get("name") or "").strip().lower()
        value = " ".join((attributes.get("content") or "").split())[:_LONGEST]
        if value and (name in _TDM or (name in _ROBOTS and _RESERVING.search(value))):
            found.append((f"meta {name}", value))
    return found[:_MOST]
