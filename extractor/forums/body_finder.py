"""Find the bodies of posts of an unknown engine: at the place, common to all posts, with most text that is not in other
posts. An author panel has the same words in each post, and only its numbers differ.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from math import sqrt

from selectolax.lexbor import LexborNode

from extractor.forums.induction import Found, Weights
from extractor.forums.marks import is_at, place_of
from extractor.html.regions import elements, vocabulary, words_of

_PARTS_OF_TEXT = vocabulary("p li a span blockquote pre ul ol b i em strong")
_SILENT = vocabulary("a script style template noscript svg button select textarea")
_OF_AUTHOR = vocabulary(
    "author user userinfo profile poster member avatar sidebar side aside stats details comments comment signature sig"
)
"""Usual names of elements of a post other than the body."""
_DOUBT = 0.4
_DEEPEST = 30
_ENOUGH = 500
_LONG = 60
_FIGURES = re.compile(r"[\d.,]+")


class BodyFinder:
    """The bodies of posts with the same markup."""

    def __init__(self, found: Sequence[Found], prose: Weights) -> None:
        self._found = found
        self._prose = prose
        self._own: defaultdict[int, int] = defaultdict(int)
        """By `mem_id`, the characters of text that few other posts have."""
        self._weigh()

    def bodies(self, place: str | None = None) -> tuple[str, list[LexborNode]]:
        """Return the place of bodies, and the body of each post; `place` is that place, if known from other posts."""
        alone = [self._alone(post) for post in self._found]
        place = place or max(dict.fromkeys(map(place_of, alone)), key=self._worth)
        standing = (self._at(place, post) for post in self._found)
        return place, [self._fuller(body, own) for own, body in zip(alone, standing, strict=True)]

    def _fuller(self, body: LexborNode | None, alone: LexborNode) -> LexborNode:
        """Return the body found without other posts, if the usual place is empty."""
        return alone if body is None or not self._prose(body) else body

    def _weigh(self) -> None:
        texts = [list(_texts(post)) for post in self._found]
        told = Counter(said for of_post in texts for said in {said for said, _, _ in of_post})
        for of_post in texts:
            for said, length, around in of_post:
                if not self._is_common(said, told[said]):
                    for holder in around:
                        self._own[holder] += length

    def _is_common(self, said: str, posts: int) -> bool:
        """Return whether so many posts have the text that it is not part of a body; long texts are quotations."""
        share = 0.5 if len(said) > _LONG else 0.3
        return posts > 1 and posts >= share * len(self._found)

    def _worth(self, place: str) -> float:
        """Return the amount of text at a place; many posts count more than much text in one."""
        bodies = [body for post in self._found if (body := self._at(place, post)) is not None]
        worth = sum(sqrt(min(self._own[body.mem_id], _ENOUGH)) for body in bodies)
        doubtful = bodies and not words_of(bodies[0]).isdisjoint(_OF_AUTHOR)
        return worth * (_DOUBT if doubtful else 1)

    def _at(self, place: str, post: Found) -> LexborNode | None:
        tag = place.partition(".")[0]
        same = (node for part in post.parts for node in _called(tag, part) if is_at(node, place))
        return max(same, key=lambda node: (self._own[node.mem_id], self._prose(node)), default=None)

    def _alone(self, post: Found) -> LexborNode:
        """Return the element with most text that contains neither name nor time."""
        bearing = {holder for mark in (*post.names[:1], *post.times[:1]) for holder in mark.around}
        node = max(post.parts, key=self._weight)
        for _ in range(_DEEPEST):
            best = max(_children(node), key=self._weight, default=None)
            if best is None or self._is_whole(node, best, bearing):
                break
            node = best
        return node

    def _weight(self, node: LexborNode) -> tuple[int, int]:
        return self._own[node.mem_id], self._prose(node)

    def _is_whole(self, node: LexborNode, best: LexborNode, bearing: Container[int]) -> bool:
        """Return whether the text around the largest part of an element belongs to the body."""
        own, inner = self._own[node.mem_id], self._own[best.mem_id]
        if node.mem_id in bearing:
            return inner * 2 < own or (best.tag == "p" and self._has_more(node, best, bearing))
        if best.tag in _PARTS_OF_TEXT:
            return True
        around, new = self._prose(node) - self._prose(best), own - inner
        return around > 0 and (new * 3 > around or inner * 10 < own * 8)

    def _has_more(self, node: LexborNode, best: LexborNode, bearing: Container[int]) -> bool:
        """Return whether there are paragraphs beside it without name and time."""
        return any(
            child.tag == "p" and child.mem_id != best.mem_id and child.mem_id not in bearing and self._own[child.mem_id]
            for child in _children(node)
        )


def _texts(post: Found) -> Iterator[tuple[str, int, list[int]]]:
    """Yield texts outside links, folded and without digits, with their length and the elements around each."""
    for part in post.parts:
        known: dict[int, list[int]] = {}
        for node in part.traverse(include_text=True):
            said = " ".join((node.text_content or "").split()) if node.is_text_node else ""
            parent = node.parent if said else None
            if parent is None:
                continue
            if (around := known.get(parent.mem_id)) is None:
                around = known[parent.mem_id] = _speaking(parent, part)
            if around:
                yield _FIGURES.sub("0", said.lower()), len(said), around


def _speaking(node: LexborNode | None, part: LexborNode) -> list[int]:
    """Return the `mem_id` of an element and of those around it, up to a post; none if one of them is silent."""
    around: list[int] = []
    while node is not None and node.tag not in _SILENT:
        around.append(node.mem_id)
        if node.mem_id == part.mem_id:
            return around
        node = node.parent
    return []


def _called(tag: str, part: LexborNode) -> Iterable[LexborNode]:
    """Return the elements with that tag, by a selector if possible, which is faster."""
    return part.css(tag) if tag.isalnum() else (node for node in elements(part) if node.tag == tag)


def _children(node: LexborNode) -> Iterator[LexborNode]:
    child = node.first_child
    while child is not None:
        if child.is_element_node and child.tag not in _SILENT:
            yield child
        child = child.next
