"""Recognize elements that are not readable text: scripts, controls and their labels, hidden elements."""

from __future__ import annotations

import re
from collections.abc import Mapping

from extractor.html.regions import vocabulary

NEVER_TEXT = ["script", "style", "template", "iframe", "object", "embed", "canvas", "svg", "audio", "video"]
CONTROLS = vocabulary("input textarea select button label legend datalist output meter progress option optgroup")
_NOT_SHOWN = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)\b", re.IGNORECASE)
MAY_BE_HIDDEN = vocabulary(
    "hidden d-none sr-only screen-reader-text visually-hidden visuallyhidden screenreader assistive-text"
)
"""Classes of elements that are hidden, or for screen readers only, in Bootstrap, Tailwind and WordPress, except if some
screen width shows them.
"""
_SHOWN_SOMEWHERE = re.compile(
    r"(?:[a-z0-9-]+:|d-(?:sm|md|lg|xl|xxl|print)-)(?:!?block|flex|grid|inline|table|contents|not-sr-only)|visible-"
)
_SEEN_ALL_THE_SAME = vocabulary("b strong em")
"""`aria-hidden` hides only from screen readers: mostly icons and repeated text, but not emphasised text."""
_PANEL = re.compile(
    r"(?:^|[\s_-])(?:accordion|tabs?|toggle|faq|collapse|spoiler)[_-]*(?:item[_-]*)?"
    r"(?:pane|panel|content|body|collapse|answer|text|inner)(?:$|[\s_-])|(?:^|\s)panel-collapse(?:$|\s)",
    re.IGNORECASE,
)
"""Classes of what a click shows: in Bootstrap, Elementor, Divi and the like."""
_LONGEST = 500


def is_not_shown(tag: str, attributes: Mapping[str, str | None]) -> bool:
    """Return whether an element with these attributes is hidden, or for screen readers only."""
    if "hidden" in attributes or (attributes.get("aria-hidden") == "true" and tag not in _SEEN_ALL_THE_SAME):
        return True
    style = attributes.get("style")
    if style and _NOT_SHOWN.search(style[:_LONGEST]):
        return True
    names = (attributes.get("class") or "")[:_LONGEST].split()
    return not MAY_BE_HIDDEN.isdisjoint(names) and not any(map(_SHOWN_SOMEWHERE.match, names))


def is_panel(attributes: Mapping[str, str | None]) -> bool:
    """Return whether a hidden element is one that readers open: the panel of a tab or of an accordion."""
    if attributes.get("role") == "tabpanel" or attributes.get("hidden") == "until-found":
        return True
    return _PANEL.search((attributes.get("class") or "")[:_LONGEST]) is not None
