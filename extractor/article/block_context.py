"""Find the lists, quotations, headings and preformatted text around a block."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from extractor.article.blocks import KIND, Blocks
from extractor.article.rendering import item_of

_LEVELS = {KIND[f"h{level}"]: level for level in range(1, 7)}
_ITEMS = frozenset((KIND["li"], KIND["dd"]))
_QUOTE, _PRE = KIND["blockquote"], KIND["pre"]


class Place(NamedTuple):
    """The context of a block."""

    items: tuple[int, ...]
    """The list items around it, outermost first, if `rendering` treats it as a list item."""
    quotes: int
    level: int
    pre: int
    """The preformatted element, -1 if none."""


_NOTHING = Place((), 0, 0, -1)


def places_of(blocks: Blocks, chosen: Iterable[int]) -> list[Place]:
    """Return the context of each of these blocks."""
    known = {-1: _NOTHING}
    return [_place_of(blocks, block, known) for block in chosen]


def _place_of(blocks: Blocks, block: int, known: dict[int, Place]) -> Place:
    """Return the context of a block. `known` caches those of containers, since blocks share containers."""
    passed: list[int] = []
    container = blocks.holder[block]
    while container not in known:
        passed.append(container)
        container = blocks.parent[container]
    place = known[container]
    for container in reversed(passed):
        place = known[container] = _within(place, container, blocks.kind[container])
    return place if not place.items or item_of(blocks, block) >= 0 else place._replace(items=())


def _within(outer: Place, container: int, kind: int) -> Place:
    """Return the context inside a container. The outermost heading and preformatted element count."""
    if kind in _ITEMS:
        return outer._replace(items=(*outer.items, container))
    if kind == _QUOTE:
        return outer._replace(quotes=outer.quotes + 1)
    if kind == _PRE and outer.pre < 0:
        return outer._replace(pre=container)
    if kind in _LEVELS and not outer.level:
        return outer._replace(level=_LEVELS[kind])
    return outer
