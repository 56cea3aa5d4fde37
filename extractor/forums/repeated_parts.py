"""Find what is in the bodies of many posts of a page: buttons, ranks, signatures. Their authors did not write it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Container, Iterator, Sequence
from itertools import islice

from selectolax.lexbor import LexborNode

from extractor.forums.marks import place_of
from extractor.html.regions import elements

_FEWEST = 3
"""Posts that have a part at least."""
_SHARE = 0.6
_LONGEST = 60
_SHORTEST_SIGNATURE = 8
_MOST = 400
"""Elements of a body that are looked at."""
_WRITTEN = frozenset(("p", "pre", "blockquote"))
"""Elements of what people write: many posts may begin with "Hello"."""
_FIGURES = re.compile(r"[\d.,]+")
_INLINE = frozenset(("b", "strong", "i", "em", "u", "code", "img", "br", "sup", "sub"))


def repeated_parts(
    bodies: Sequence[LexborNode], authors: Sequence[str | None], quotes: Container[int]
) -> list[set[int]]:
    """Return, for each body, the `mem_id` of the elements that many posts have; `quotes` are those of quotations."""
    leaves = [list(_leaves(body, quotes)) for body in bodies]
    told = Counter(said for of_body in leaves for said in {said for said, _ in of_body if len(said) <= _LONGEST})
    least = max(_FEWEST, _SHARE * len(bodies))
    dropped: list[set[int]] = []
    for of_body in leaves:
        common = {node.mem_id for said, node in of_body if told[said] >= least and node.tag not in _WRITTEN}
        dropped.append(common if any(node.mem_id not in common for _, node in of_body) else set())
    for at, node in _signatures(leaves, authors, dropped):
        dropped[at].add(node.mem_id)
    return dropped


def _leaves(body: LexborNode, quotes: Container[int]) -> Iterator[tuple[str, LexborNode]]:
    """Yield the innermost elements with text, outside quotations, with their text in small letters without figures."""
    for node in islice(elements(body), _MOST):
        if node.mem_id == body.mem_id or node.mem_id in quotes or node.tag in _INLINE:
            continue
        child = node.first_child
        while child is not None and not (child.is_element_node and child.tag not in _INLINE):
            child = child.next
        if child is None and not _is_in_line(node) and (said := " ".join(node.text().split())):
            yield _FIGURES.sub("0", said.lower()), node


def _is_in_line(node: LexborNode) -> bool:
    """Return whether text stands right beside an element: then it is a part of a sentence."""
    beside = (part for part in (node.prev, node.next) if part is not None and part.is_text_node)
    return any((part.text_content or "").strip() for part in beside)


def _signatures(
    leaves: Sequence[Sequence[tuple[str, LexborNode]]], authors: Sequence[str | None], dropped: Sequence[set[int]]
) -> Iterator[tuple[int, LexborNode]]:
    """Yield the last parts of bodies of an author whose posts end in the same words."""
    last: dict[int, tuple[str, LexborNode]] = {}
    for at, of_body in enumerate(leaves):
        left = [leaf for leaf in of_body if leaf[1].mem_id not in dropped[at]]
        if len(left) > 1:
            last[at] = left[-1]
    by_author: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for at, (said, _) in last.items():
        if authors[at] and len(said) >= _SHORTEST_SIGNATURE:
            by_author[authors[at] or "", said].append(at)
    twice = [posts for posts in by_author.values() if len(posts) > 1]
    places = Counter(place_of(last[posts[0]][1]) for posts in twice)
    for posts in twice:  # an author may say one thing twice
        if len(posts) > 2 or places[place_of(last[posts[0]][1])] > 1:
            yield from ((at, last[at][1]) for at in posts)
