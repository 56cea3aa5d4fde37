"""Pick text from an element: the first of several places with content.

A place is a CSS selector, followed by ``@name`` for an attribute's value; ``@name`` alone is an attribute of the
element itself: ``.author time@datetime``, ``@data-author``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from selectolax.lexbor import LexborHTMLParser, LexborNode

from extractor.forums.times import NOT_SHOWN, ShownTime
from extractor.html.lines import in_one_line

Part = LexborHTMLParser | LexborNode

_MACHINE = ("datetime", "data-time", "data-timestamp", "data-utime", "data-epoch", "ts")
_NUMBER = re.compile(r"-?\d[\d.,\s]*[km]?", re.IGNORECASE)
_FACTORS = {"k": 1_000, "m": 1_000_000}
_LONGEST_NAME = 120
_LONGEST_LINE = 500


def first(part: Part, places: Sequence[str]) -> str | None:
    """Return the first text at one of the places, folded to one line.

    The first element of a place mostly has one: then the others, which may be those of nested posts, are not searched.
    """
    return next(filter(None, (_first_at(part, place) for place in places)), None)


def _first_at(part: Part, place: str) -> str | None:
    selector, _, attribute = place.partition("@")
    node = part.css_first(selector) if selector else None
    said = _text_of(node, attribute) if node is not None else ""
    return said or (next(texts_at(part, place), None) if node is not None or not selector else None)


def texts_at(part: Part, place: str) -> Iterator[str]:
    """Yield all non-empty texts at a place."""
    selector, _, attribute = place.partition("@")
    yield from filter(None, (_text_of(node, attribute) for node in nodes_at(part, selector)))


def _text_of(node: LexborNode, attribute: str) -> str:
    said = in_one_line(node) if not attribute else " ".join((node.attrs.get(attribute) or "").split())
    return said[:_LONGEST_LINE]


def nodes_at(part: Part, selector: str) -> Sequence[LexborNode]:
    """Return the matching nodes; without a selector, the element itself."""
    if selector:
        return part.css(selector)
    return (part,) if isinstance(part, LexborNode) else ()


def is_on(part: Part, place: str) -> bool:
    """Return whether an element has such a place at all."""
    selector = place.partition("@")[0]
    return not selector or part.css_first(selector) is not None


def node_at(part: Part, selectors: Iterable[str]) -> LexborNode | None:
    """Return the first node of the first selector that matches."""
    return next((node for selector in selectors if (node := part.css_first(selector)) is not None), None)


def name_at(part: Part, places: Sequence[str]) -> str | None:
    """Return a person's name; None if the text is too long."""
    named = first(part, places)
    return named if named and len(named) <= _LONGEST_NAME else None


def time_at(part: Part, places: Sequence[str]) -> ShownTime:
    """Return the first time at one of the places, for machines and for readers."""
    for place in places:
        selector, _, attribute = place.partition("@")
        only = part.css_first(selector) if selector else None
        shown = _time_by(only, attribute) if only is not None else NOT_SHOWN
        if shown != NOT_SHOWN:
            return shown
        for node in nodes_at(part, selector)[:3] if only is not None or not selector else ():
            shown = _time_by(node, attribute)
            if shown != NOT_SHOWN:
                return shown
    return NOT_SHOWN


def _time_by(node: LexborNode, attribute: str) -> ShownTime:
    """Return the time of an element or in its attribute."""
    shown = ShownTime(node.attrs.get(attribute), None) if attribute else shown_by(node)
    return shown if shown.machine or shown.written else NOT_SHOWN


def shown_by(node: LexborNode) -> ShownTime:
    """Return the time in an element. Its title is more exact than "3 hours ago"."""
    attributes = node.attributes
    machine = next((value for name in _MACHINE if (value := attributes.get(name))), None)
    title = attributes.get("title") or ""
    return ShownTime(machine, title if any(map(str.isdecimal, title)) else in_one_line(node)[:_LONGEST_LINE])


def number_in(said: str | None) -> int | None:
    """Return the first number in a text: ``1,234`` → 1234; ``2.5k`` → 2500."""
    match = _NUMBER.search(said or "")
    if match is None:
        return None
    written = match[0].replace(" ", "").lower()
    factor = _FACTORS.get(written[-1], 1)
    digits = written.rstrip("km").rstrip(".,")
    if factor > 1:
        digits = digits.replace(",", ".")
        return int(float(digits) * factor) if digits.count(".") < 2 else None
    plain = re.sub(r"[.,\s]", "", digits)
    return int(plain) if len(plain) < 12 and plain not in ("", "-") else None
