"""What of a page's elements no reader reads as text: scripts, controls and their labels, what is not shown."""

from __future__ import annotations

import re
from collections.abc import Mapping

from extractor.regions import vocabulary

NEVER_TEXT = ["script", "style", "template", "iframe", "object", "embed", "canvas", "svg", "audio", "video"]
CONTROLS = vocabulary("input textarea select button label legend datalist output meter progress option optgroup")
_NOT_SHOWN = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)\b", re.IGNORECASE)
ONLY_READ_ALOUD = vocabulary("sr-only screen-reader-text visually-hidden visuallyhidden screenreader assistive-text")
_LONGEST = 500


def is_not_shown(attributes: Mapping[str, str | None]) -> bool:
    """Whether an element with these attributes is hidden, or there for screen readers only."""
    if "hidden" in attributes or attributes.get("aria-hidden") == "true":
        return True
    style = attributes.get("style")
    if style and _NOT_SHOWN.search(style[:_LONGEST]):
        return True
    return not ONLY_READ_ALOUD.isdisjoint((attributes.get("class") or "")[:_LONGEST].split())
