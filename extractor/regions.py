"""The regions of a page by their markup: what tags, roles and class names say a part is for.

Class names are taken apart into words (``td-comments-title-wrap`` → td, comments, title, wrap): themes differ in how
they join them, hardly in which they use.
"""

from __future__ import annotations

import re
from functools import lru_cache

from selectolax.lexbor import LexborNode

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def vocabulary(listed: str) -> frozenset[str]:
    """Words written in one string, with spaces between."""
    return frozenset(listed.split())


_APPARATUS_TAGS = vocabulary("nav footer aside form menu dialog")
_APPARATUS_ROLES = vocabulary("navigation banner contentinfo complementary search menu menubar dialog alertdialog")
_APPARATUS_WORDS = vocabulary(
    "nav navbar navigation menu submenu breadcrumb breadcrumbs footer sidebar pagination pager paging pagenavi"
    " toolbar topbar masthead cookie login copyright share social tagcloud"
)
_LONGEST = 300


@lru_cache(maxsize=8192)
def words(name: str) -> frozenset[str]:
    """The words that class names or an id are made of, in lower case."""
    return frozenset(word.lower() for word in _WORD.findall(name[:_LONGEST]))


def words_of(node: LexborNode) -> frozenset[str]:
    """The words of an element's classes and id."""
    attributes = node.attrs
    return words(f"{attributes.get('class') or ''} {attributes.get('id') or ''}")


def is_apparatus(node: LexborNode) -> bool:
    """Whether an element is a menu, head, foot or side of the site: where links lead about, not to articles."""
    tag = node.tag
    if tag in _APPARATUS_TAGS:
        return True
    if tag in ("body", "html", "main", "article"):
        return False
    if (node.attrs.get("role") or "").lower() in _APPARATUS_ROLES:
        return True
    if tag == "header":
        return not _inside_article(node)
    return not words_of(node).isdisjoint(_APPARATUS_WORDS)


def _inside_article(node: LexborNode) -> bool:
    parent = node.parent
    while parent is not None:
        if parent.tag in ("article", "li", "section", "main"):
            return True
        parent = parent.parent
    return False
