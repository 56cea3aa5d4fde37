"""Find the class names and ids that would exclude most of a page's running text: then they are only a hint."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

from selectolax.lexbor import LexborNode

from extractor.html.class_words import APPARATUS, CONSENT, OTHERS, WALL, class_bits
from extractor.html.consent import asks_for_consent
from extractor.html.prose import prose, running
from extractor.html.regions import ancestors, words_in

Words = tuple[str, ...]
BY_NAME = APPARATUS | OTHERS | CONSENT | WALL
"""What a name alone may mean."""
MOST_OF_IT, NEARLY_ALL = 0.5, 0.8
"""Fraction of a page's prose from which on an element marked as apparatus by its class stays, as the frame of a page
may be; and one marked by tag or role, a list of other pages, or a consent dialog."""
_LITTLE = 0.2
"""The same from which on what no name excludes is a text of its own."""
_MOST_LARGE, _HIGHEST = 16, 64
"""Elements around excluded ones that are looked at, and how far above them: nested elements take linear time."""
_BESIDE_LINK = 80
_LONGEST_ID = 200


def names_of_most(
    by_name: Sequence[LexborNode], large: Sequence[LexborNode], texts: Iterable[str], running_text: int
) -> frozenset[Words]:
    """Return the names, as words, that exclude most of the page's running text in all.

    `by_name` are the elements that only a name excludes, in the order of the page; `large` those that it does not,
    since they have most of the text; `texts` are what is not excluded. If these have a text of their own, only names of
    large elements are returned.
    """
    if not by_name:
        return frozenset()
    named = [(node, telling_names(node.attributes)) for node in by_name]
    names = frozenset().union(*(own for _, own in named))
    kept = [(node, telling_names(node.attributes) & names) for node in large[:_MOST_LARGE]]
    if running(tuple(texts)) > running_text * _LITTLE:
        names = frozenset().union(*(own for _, own in kept))
    inside: dict[int, set[Words]] = {node.mem_id: set() for node, own in kept if own}
    weights = dict.fromkeys(names, 0)
    for node, own in (*named, *reversed(kept)):
        uncounted = (own & names) - inside.get(node.mem_id, set())
        weight = _running_text(node) if uncounted else 0
        for name in uncounted:
            weights[name] += weight
        for around in islice(ancestors(node), _HIGHEST) if inside else ():
            if around.mem_id in inside:
                inside[around.mem_id] |= own
    return frozenset(name for name, weight in weights.items() if weight > running_text * _least_of(name))


def _running_text(node: LexborNode) -> int:
    """Return the bytes of running text in an element; none of a list of links, or of what asks for consent."""
    weight = prose(node)
    links = sum(len(link.text()) + _BESIDE_LINK for link in node.css("a")) if weight else 0
    return 0 if links > weight or asks_for_consent(node) else weight


def _least_of(name: Words) -> float:
    """Return the share of the running text above which a name excludes nothing."""
    return NEARLY_ALL if class_bits("-".join(name), None) & (OTHERS | CONSENT) else MOST_OF_IT


def telling_names(attributes: dict[str, str | None]) -> frozenset[Words]:
    """Return the words of each class and of the id that means apparatus; numbers in names are no words."""
    names = [*(attributes.get("class") or "").split(), attributes.get("id") or ""]
    return frozenset(tuple(words_in(name[:_LONGEST_ID])) for name in names if class_bits(name, None) & BY_NAME)
