"""Authors whom nothing marks as such: what stands a little before the time, in all posts at the same distance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from selectolax.lexbor import LexborNode

from extractor.forums.induction import Found
from extractor.forums.marks import Mark
from extractor.regions import vocabulary

_FURTHEST = 4
_LONGEST = 40
_AROUND = " \t\n\r\xa0·・•|,:;-–—»«>@"
_NO_NAMES = vocabulary("by on at from posted wrote says said reply report quote share edit more like the am pm")
_SILENT = vocabulary("script style template noscript svg button select textarea")


def unmarked_names(found: Sequence[Found], times: Sequence[Mark | None]) -> list[str | None]:
    """Of each post its author. None for all, where no place near the times has names in it."""
    before = [_before(post, time) for post, time in zip(found, times, strict=True)]
    for distance in range(_FURTHEST):
        names = [said[distance] if len(said) > distance else None for said in before]
        given = [name for name in names if name]
        if len(given) * 5 >= len(found) * 4 and len(set(given)) > max(1, len(given) // 8):
            return names
    return [None] * len(found)


def _before(post: Found, time: Mark | None) -> list[str]:
    """The short texts that stand before a post's time, the nearest first."""
    if time is None:
        return []
    said: list[str] = []
    for text in _texts(post.parts):
        if time.node.mem_id == text.mem_id:
            break
        name = " ".join((text.text_content or "").split()).strip(_AROUND) if text.is_text_node else ""
        if (
            1 < len(name) <= _LONGEST
            and any(map(str.isalpha, name))
            and name.lower() not in _NO_NAMES
            and name not in time.name
        ):
            said.append(name)
    return said[::-1]


def _texts(parts: Sequence[LexborNode]) -> Iterator[LexborNode]:
    """Text nodes and elements of a post in order, without what is not shown."""
    for part in parts:
        for node in part.traverse(include_text=True):
            parent = node.parent
            if parent is None or parent.tag not in _SILENT:
                yield node
