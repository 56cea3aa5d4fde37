"""The posts of a page that no known engine made: its repeated parts that each bear a name and a time.

The times of all posts are written alike, and so are their authors' names. Whatever mark is repeated divides the page:
a post is the largest part around one of them that holds no other, or the stretch from one to the next where the parts
of a post are mere neighbours.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt

from selectolax.lexbor import LexborNode

from extractor.forums.marks import Mark, marks_of
from extractor.regions import is_apparatus

_MOST_POSTS = 1_000
_MOST_GROUPS = 24
_LEAST_SCORE = 12.0
_ENOUGH = 4_000
_SPARSE = 25
_OPENING = 80
_HANDICAP = 0.75
"""A stretch always holds more than the part that it begins with: it must be worth it."""
_LONGEST_STRETCH = 12


@dataclass(frozen=True, slots=True)
class Found:
    """One post as it was found: the neighbours that make it up, with the marks in them."""

    parts: tuple[LexborNode, ...]
    names: tuple[Mark, ...]
    times: tuple[Mark, ...]


def find_posts(body: LexborNode) -> tuple[Found | None, list[Found]]:
    """What began the thread, where it is made otherwise; and the posts of a page in its order, all made alike.

    None and no posts, where nothing is repeated that looks like posts.
    """
    marks = list(marks_of(body))
    inside: dict[int, list[Mark]] = defaultdict(list)
    for mark in marks:
        for holder in mark.around:
            inside[holder].append(mark)
    best, most = [], _LEAST_SCORE
    for group in _groups(marks):
        units = _units(group)
        for parts, handicap in ((_alone(units), 1.0), (_stretches(units), _HANDICAP)):
            posts = [_found(part, inside) for part in parts]
            score = _score(posts) * handicap
            if score > most:
                best, most = posts, score
    found = [post for post in best if post.names or post.times]
    return (_opener(found[0], inside) if found else None), found


def _groups(marks: Sequence[Mark]) -> Iterator[Sequence[Mark]]:
    """Marks that are written alike, the most frequent first."""
    alike: dict[str, list[Mark]] = defaultdict(list)
    for mark in marks:
        alike[mark.place].append(mark)
    frequent = sorted(alike.values(), key=len, reverse=True)
    return (group for group in frequent[:_MOST_GROUPS] if 2 <= len(group) <= _MOST_POSTS)


def _units(group: Sequence[Mark]) -> list[LexborNode]:
    """The part of the page around each of the marks that holds no other."""
    holds = Counter(holder for mark in group for holder in mark.around)
    units = [unit for mark in group if (unit := _largest(mark, holds)) is not None]
    return [unit for unit in units if not _is_aside(unit)]


def _alone(units: Sequence[LexborNode]) -> list[tuple[LexborNode, ...]]:
    return [(unit,) for unit in units]


def _stretches(units: Sequence[LexborNode]) -> list[tuple[LexborNode, ...]]:
    """Each unit with its neighbours up to the next; the last has as many as is usual."""
    heads = {unit.mem_id for unit in units}
    stretches = [_stretch(unit, heads) for unit in units]
    usual = sorted(map(len, stretches))[len(stretches) // 2] if stretches else 0
    if usual < 2:
        return []
    return [stretch[: usual if index == len(units) - 1 else None] for index, stretch in enumerate(stretches)]


def _largest(mark: Mark, holds: Counter[int]) -> LexborNode | None:
    """The largest element around a mark that holds no other of its group."""
    node: LexborNode | None = mark.node
    if holds[mark.node.mem_id] > 1:
        return None
    while node is not None:
        parent = node.parent
        if parent is None or parent.tag in ("body", "html") or holds[parent.mem_id] != 1:
            return node
        node = parent
    return None


def _stretch(head: LexborNode, heads: set[int]) -> tuple[LexborNode, ...]:
    """A head with its neighbours up to the next head."""
    parts = [head]
    node = head.next
    for _ in range(_LONGEST_STRETCH * 2):
        if node is None or node.mem_id in heads or len(parts) >= _LONGEST_STRETCH:
            break
        if node.is_element_node:
            parts.append(node)
        node = node.next
    return tuple(parts)


def _found(parts: tuple[LexborNode, ...], inside: dict[int, list[Mark]]) -> Found:
    marks = [mark for part in parts for mark in inside.get(part.mem_id, ())]
    return Found(
        parts,
        tuple(mark for mark in marks if mark.kind == "name"),
        tuple(mark for mark in marks if mark.kind == "time"),
    )


def _score(posts: Sequence[Found]) -> float:
    """Much to read, in many parts, each with a name and a time. What is divided further scores more."""
    if len(posts) < 2:
        return 0.0
    weights = [sum(map(prose, post.parts)) for post in posts]
    bearing = sum(weight >= _SPARSE for weight in weights) / len(posts)
    named = sum(bool(post.names) for post in posts) / len(posts)
    timed = sum(bool(post.times) for post in posts) / len(posts)
    read = sum(sqrt(min(weight, _ENOUGH)) for weight in weights)
    return read * bearing * (0.2 + named) * (0.2 + timed)


def _opener(first: Found, inside: dict[int, list[Mark]]) -> Found | None:
    """What began the thread, where it is made otherwise than the answers: before them, with a name and a time."""
    node: LexborNode | None = first.parts[0]
    while node is not None and node.tag != "body":
        before = node.prev
        while before is not None:
            if before.is_element_node and not _is_aside(before):
                found = _found((before,), inside)
                if found.names and found.times and prose(before) >= _OPENING:
                    return found
            before = before.prev
        node = node.parent
    return None


def prose(node: LexborNode) -> int:
    """Characters of an element that are not links."""
    return len(node.text(strip=True)) - sum(len(link.text(strip=True)) for link in node.css("a"))


def _is_aside(node: LexborNode) -> bool:
    """Whether it is, or stands in, a menu, a side, a foot."""
    current: LexborNode | None = node
    while current is not None and current.tag not in ("body", "html"):
        if current.tag not in ("header", "form") and is_apparatus(current):
            return True
        current = current.parent
    return False
