"""Selectors that are asked only where they can match: a query of a large tree costs as much as reading a tenth of it.

What elements are called is gathered once (`Page.names`). A selector that names a class or an id which no element has
finds nothing, and need not be asked for; so with one for a tag or an attribute that is not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from selectolax.lexbor import LexborNode

from extractor.html.page import Page

_NEGATION = re.compile(r":not\([^()]*(?:\([^()]*\)[^()]*)*\)")
_WITHIN = re.compile(r"\([^()]*(?:\([^()]*\)[^()]*)*\)")
_NAMED = re.compile(r"[.#]([\w-]+)")
_ATTRIBUTE = re.compile(r"\[[^\]]*\]")
_NAMED_IN_PART = re.compile(r"""\[(?:class|id)[~^$*|]?=["']?([\w-]+)""")
_TAG = re.compile(r"(?:^|[\s>+~])([a-z][\w-]*)")
_ATTRIBUTE_NAME = re.compile(r"\[([\w-]+)")
_RARE = frozenset(("figure", "time", "shreddit-comment", "shreddit-post", "[component]"))
"""Tags and attributes that many pages lack."""
_ALTERNATIVE = re.compile(r"""(?:[^,("\[]|\((?:[^()]|\([^()]*\))*\)|\[[^\]]*\]|"[^"]*")+""")


class Sieve:
    """A list of selectors, by the longest name that each asks for."""

    def __init__(self, selectors: str) -> None:
        self._named: dict[tuple[str, bool], list[tuple[str, frozenset[str]]]] = {}
        for part in _ALTERNATIVE.findall(selectors):
            self._named.setdefault(_name_in(part), []).append((part, _rare_in(part)))

    def possible(self, page: Page) -> str:
        """Those of the selectors that may match; empty when none can."""
        names, all_names = page.names, page.all_names
        named = [parts for (name, whole), parts in self._named.items() if name in (names if whole else all_names)]
        return ",".join(part for parts in named for part, rare in parts if all(map(page.census.all, rare)))

    def first(self, page: Page) -> LexborNode | None:
        """The first element of the page that matches."""
        possible = self.possible(page)
        return page.tree.css_first(possible) if possible else None

    def all(self, page: Page) -> Sequence[LexborNode]:
        """The elements of the page that match, in its order."""
        possible = self.possible(page)
        return page.tree.css(possible) if possible else ()


def within(holders: Iterable[LexborNode], selector: str) -> Iterator[LexborNode]:
    """What matches a selector in these elements, each once. A selector for both takes several times as long."""
    seen: set[int] = set()
    for holder in holders:
        for node in holder.css(selector):
            if node.mem_id != holder.mem_id and node.mem_id not in seen:
                seen.add(node.mem_id)
                yield node


def _rare_in(selector: str) -> frozenset[str]:
    """What elements must have of the rare tags and attributes."""
    outer = _WITHIN.sub("", selector)
    attributes = map("[{}]".format, _ATTRIBUTE_NAME.findall(outer))
    return _RARE.intersection((*_TAG.findall(_ATTRIBUTE.sub("", outer)), *attributes))


def _name_in(selector: str) -> tuple[str, bool]:
    """A name of a class or an id that an element must have, and whether that is all of it; empty when none must."""
    positive = _NEGATION.sub("", selector)
    whole, in_part = _NAMED.findall(_ATTRIBUTE.sub("", positive)), _NAMED_IN_PART.findall(positive)
    return max(whole or in_part, key=len, default="").lower(), bool(whole)
