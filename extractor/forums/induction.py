"""Find the posts of an unknown engine: repeated elements, each with a name and a time.

The times of all posts have the same markup, and so have their authors' names. A repeated mark divides the page: a post
is the largest element around one mark that contains no other, or the siblings from one mark to the next.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from math import sqrt

from selectolax.lexbor import LexborNode

from extractor.forums.marks import Mark, marks_of
from extractor.html.regions import ancestors, is_apparatus

_MOST_POSTS = 1_000
_MOST_GROUPS = 24
_LEAST_SCORE = 4.0
_ENOUGH = 4_000
_SPARSE = 25
_OPENING = 80
_ASIDE = ("nav", "aside", "footer", "menu", "dialog")
_SHARE = 0.15
_HANDICAP = 0.75
"""The factor by which a stretch must score more than its first element, since it always has more text."""
_LONGEST_STRETCH = 12
_SILENT = ("script", "style", "template", "noscript")
_NO_BODY = "h1,h2,h3,time,button"


@dataclass(frozen=True, slots=True)
class Found:
    """A post: its sibling elements, with the marks in them."""

    parts: tuple[LexborNode, ...]
    names: tuple[Mark, ...]
    times: tuple[Mark, ...]


def find_posts(body: LexborNode, prose: Weights) -> tuple[Found | None, list[Found]]:
    """Find the opener of a thread, if its markup differs, and the posts of a page in order, with the same markup.

    Return None and no posts if no repeated elements look like posts.
    """
    return _Search(body, prose).run()


class Weights:
    """The amount of text in elements of a tree: characters outside links. Each element is counted once."""

    def __init__(self) -> None:
        self._known: dict[int, int] = {}

    def __call__(self, node: LexborNode) -> int:
        known = self._known.get(node.mem_id)
        if known is None:
            links = sum(len(link.text(strip=True)) for link in node.css("a"))
            known = max(len(node.text(strip=True)) - links, 0)  # links may be nested
            self._known[node.mem_id] = known
        return known


class _Search:
    """The search for the posts of one page."""

    def __init__(self, body: LexborNode, prose: Weights) -> None:
        self._prose = prose
        self._most = prose(body) * _SHARE
        self._marks = list(marks_of(body))
        self._inside: dict[int, list[Mark]] = defaultdict(list)
        self._aside: dict[int, bool] = {}
        for mark in self._marks:
            for holder in mark.around:
                self._inside[holder].append(mark)

    def run(self) -> tuple[Found | None, list[Found]]:
        best: list[Found] = []
        most = _LEAST_SCORE
        for group in _groups(self._marks):
            units = self._units(group)
            for parts, handicap in ((_alone(units), 1.0), (_stretches(units), _HANDICAP)):
                posts = [self._found(part) for part in parts]
                score = self._score(posts) * handicap
                if score > most:
                    best, most = posts, score
        found = _of_one_list([post for post in best if post.names or post.times])
        return (self._opener(found[0]) if found else None), found

    def _units(self, group: Sequence[Mark]) -> list[LexborNode]:
        """Return the largest element around each mark that contains no other."""
        holds = Counter(holder for mark in group for holder in mark.around)
        units = [unit for mark in group if (unit := _largest(mark, holds)) is not None]
        return [unit for unit in units if not self._is_aside(unit)]

    def _found(self, parts: tuple[LexborNode, ...]) -> Found:
        marks = [mark for part in parts for mark in self._inside.get(part.mem_id, ())]
        return Found(
            parts,
            tuple(mark for mark in marks if mark.kind == "name"),
            tuple(mark for mark in marks if mark.kind == "time"),
        )

    def _score(self, posts: Sequence[Found]) -> float:
        """Return a score: much text, in many posts, each with a name and a time. Finer divisions score higher."""
        if len(posts) < 2:
            return 0.0
        weights = [sum(map(self._prose, post.parts)) for post in posts]
        bearing = sum(weight >= _SPARSE for weight in weights) / len(posts)
        named = sum(bool(post.names) for post in posts) / len(posts)
        timed = sum(bool(post.times) for post in posts) / len(posts)
        read = sum(sqrt(min(weight, _ENOUGH)) for weight in weights)
        return read * bearing * (0.2 + named) * (0.2 + timed)

    def _opener(self, first: Found) -> Found | None:
        """Return the opener of the thread, if its markup differs: before the replies, with a name and a time.

        The body of a head with only a title is what follows up to the replies.
        """
        node: LexborNode | None = first.parts[0]
        behind: list[LexborNode] = []
        while node is not None and node.tag != "body":
            before = node.prev
            while before is not None:
                found = self._found((before,)) if before.is_element_node else None
                if found and found.names and found.times and self._prose(before) >= _OPENING:
                    body = tuple(reversed(behind[-_LONGEST_STRETCH:]))
                    whole = replace(found, parts=body) if body and self._text_size(before) < _OPENING else found
                    return None if self._is_aside(before) else whole
                if found:
                    behind.append(before)
                before = before.prev
            node = node.parent
        return None

    def _text_size(self, node: LexborNode) -> int:
        """Return the amount of text without headings, times and buttons."""
        return self._prose(node) - sum(map(self._prose, node.css(_NO_BODY)))

    def _is_little(self, node: LexborNode) -> bool:
        return node.tag not in ("header", "form") and self._prose(node) < self._most

    def _is_aside(self, node: LexborNode) -> bool:
        """Return whether it is, or is in, a menu, a sidebar or a footer.

        An element that only has such a name and contains much of the page does not count: ``with-sidebar``.
        """
        passed: list[int] = []
        current: LexborNode | None = node
        found = False
        while current is not None and current.tag not in ("body", "html") and not found:
            if (known := self._aside.get(current.mem_id)) is not None:
                found = known
                break
            passed.append(current.mem_id)
            found = current.tag in _ASIDE or (is_apparatus(current) and self._is_little(current))
            current = current.parent
        self._aside.update(dict.fromkeys(passed, found))
        return found


def _of_one_list(found: list[Found]) -> list[Found]:
    """Return the posts without entries of another list, such as related articles: those have neither a number in their
    id, as most posts of the page do, nor a name, and stand apart.
    """
    heads = [post.parts[0] for post in found]
    numbered = [any(map(str.isdecimal, head.attributes.get("id") or "")) for head in heads]
    if all(numbered) or sum(numbered) * 2 < len(found):
        return found
    places = {head.parent.mem_id for head, known in zip(heads, numbered, strict=True) if known and head.parent}
    return [
        post
        for post, head, known in zip(found, heads, numbered, strict=True)
        if known or post.names or (head.parent is not None and head.parent.mem_id in places)
    ]


def _groups(marks: Sequence[Mark]) -> Iterator[Sequence[Mark]]:
    """Yield groups of marks with the same markup, most frequent first."""
    alike: dict[str, list[Mark]] = defaultdict(list)
    for mark in marks:
        alike[mark.place].append(mark)
    frequent = sorted(alike.values(), key=len, reverse=True)
    return (group for group in frequent[:_MOST_GROUPS] if 2 <= len(group) <= _MOST_POSTS)


def _largest(mark: Mark, holds: Counter[int]) -> LexborNode | None:
    """Return the largest element around a mark without another mark of its group."""
    node: LexborNode | None = mark.node
    if holds[mark.node.mem_id] > 1:
        return None
    while node is not None:
        parent = node.parent
        if parent is None or parent.tag in ("body", "html") or holds[parent.mem_id] != 1:
            return node
        node = parent
    return None


def _stretch(head: LexborNode, holding: Container[int]) -> tuple[LexborNode, ...]:
    """Return a head with its siblings up to the next head, or the element around that."""
    parts = [head]
    node = head.next
    for _ in range(_LONGEST_STRETCH * 2):
        if node is None or node.mem_id in holding or len(parts) >= _LONGEST_STRETCH:
            break
        if node.is_element_node and node.tag not in _SILENT:
            parts.append(node)
        node = node.next
    return tuple(parts)


def _alone(units: Sequence[LexborNode]) -> list[tuple[LexborNode, ...]]:
    return [(unit,) for unit in units]


def _stretches(units: Sequence[LexborNode]) -> list[tuple[LexborNode, ...]]:
    """Return each unit with its siblings up to the next one; the last one has the usual number."""
    holding = {part.mem_id for unit in units for part in (unit, *ancestors(unit))}
    stretches = [_stretch(unit, holding) for unit in units]
    usual = sorted(map(len, stretches))[len(stretches) // 2] if stretches else 0
    if usual < 2:
        return []
    return [stretch[: usual if index == len(units) - 1 else None] for index, stretch in enumerate(stretches)]
