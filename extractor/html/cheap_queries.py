"""Run selectors only if they can match: a query of a large tree costs as much as reading a tenth of it.

The names of elements are gathered once (`Page.names`). A selector with a class, id, tag or attribute that no element
has finds nothing, and is skipped.
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
_OF_ROOT = re.compile(r"html((?:\[[\w-]+[^\]]*\])+)")
"""A selector of the root element alone, by its attributes."""
_ALTERNATIVE = re.compile(r"""(?:[^,("\[]|\((?:[^()]|\([^()]*\))*\)|\[[^\]]*\]|"[^"]*")+""")


class CheapQuery:
    """A list of selectors, by the longest name in each."""

    def __init__(self, selectors: str) -> None:
        self._named: dict[tuple[str, bool], list[tuple[str, frozenset[str]]]] = {}
        self._of_root: list[tuple[str, frozenset[str]]] = []
        for part in _ALTERNATIVE.findall(selectors):
            if root := _OF_ROOT.fullmatch(part):
                self._of_root.append((part, frozenset(_ATTRIBUTE_NAME.findall(root[1]))))
            else:
                self._named.setdefault(_name_in(part), []).append((part, _rare_in(part)))

    def possible(self, page: Page) -> str:
        """Return the selectors that may match; empty if none can."""
        names, all_names = page.names, page.all_names
        named = [parts for (name, whole), parts in self._named.items() if name in (names if whole else all_names)]
        found = [part for parts in named for part, rare in parts if all(map(page.tree_index.all, rare))]
        if self._of_root and (root := page.tree.root) is not None:
            attributes = root.attributes.keys()
            found += (part for part, needed in self._of_root if needed <= attributes)
        return ",".join(found)

    def first(self, page: Page) -> LexborNode | None:
        """Return the first matching element of the page."""
        possible = self.possible(page)
        return page.tree.css_first(possible) if possible else None

    def all(self, page: Page) -> Sequence[LexborNode]:
        """Return the matching elements of the page, in order, each once; selectolax repeats them for each selector."""
        possible = self.possible(page)
        return list({node.mem_id: node for node in page.tree.css(possible)}.values()) if possible else ()


def within(holders: Iterable[LexborNode], selector: str) -> Iterator[LexborNode]:
    """Yield the matches of a selector inside these elements, each once.

    A combined selector would be several times slower.
    """
    seen: set[int] = set()
    for holder in holders:
        for node in holder.css(selector):
            if node.mem_id != holder.mem_id and node.mem_id not in seen:
                seen.add(node.mem_id)
                yield node


def _rare_in(selector: str) -> frozenset[str]:
    """Return the rare tags and attributes that the selector needs."""
    outer = _WITHIN.sub("", selector)
    attributes = map("[{}]".format, _ATTRIBUTE_NAME.findall(outer))
    return _RARE.intersection((*_TAG.findall(_ATTRIBUTE.sub("", outer)), *attributes))


def _name_in(selector: str) -> tuple[str, bool]:
    """Return a class or id name that the selector needs, and whether it is the whole name; empty if there is none."""
    positive = _NEGATION.sub("", selector)
    whole, in_part = _NAMED.findall(_ATTRIBUTE.sub("", positive)), _NAMED_IN_PART.findall(positive)
    return max(whole or in_part, key=len, default="").lower(), bool(whole)
