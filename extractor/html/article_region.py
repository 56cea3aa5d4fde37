"""Decide which elements belong to the article, and which to the site, to readers or to other articles."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from selectolax.lexbor import LexborNode

from extractor.html.hidden_elements import is_not_shown
from extractor.html.page import Page
from extractor.html.prose import prose
from extractor.html.regions import (
    APPARATUS_TAGS,
    FRAME,
    ancestors,
    classes_of,
    is_apparatus,
    is_comments,
    vocabulary,
    words_of,
)

_OF_THE_SITE = vocabulary("header nav footer aside")
_NEVER_OURS = vocabulary(
    "footer nav navbar menu submenu related recommended recommendation breadcrumb breadcrumbs popup"
)
_OF_ARTICLE = vocabulary("article entry post story")
_QUOTED = vocabulary("nav footer blockquote")
"""A blockquote contains text from elsewhere, such as embedded posts of other sites."""
_PUBLISHED = frozenset(("entry-date", "posted-on"))
_LISTED = vocabulary("li ul ol nav aside section blockquote figure")
_MOST_HEADINGS = 12
_MOST_OF_IT = 0.5


class ArticleRegion:
    """Decides by the page's heading: an element around it is not a menu or sidebar, even if its classes say so."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._bearing: dict[int, bool] = {}
        self._aside: dict[int, bool] = {}

    @cached_property
    def _around_heading(self) -> frozenset[int]:
        """Return the `mem_id` of all elements around the article's heading; none without such a heading."""
        for heading in self._page.tagged("h1")[:_MOST_HEADINGS]:
            around = list(ancestors(heading))
            tags = [part.tag for part in around if not _heads_article(part)]
            if _OF_THE_SITE.isdisjoint(tags) or "article" in tags or "main" in tags:
                return frozenset(part.mem_id for part in around)
        return frozenset()

    def is_outside(self, node: LexborNode) -> bool:
        """Return whether an element is not part of the article. A form may surround all of it."""
        return any(self._is_aside(part) or _overlays(part, node) for part in self._around(node))

    def belongs_elsewhere(self, node: LexborNode) -> bool:
        """Return whether an element belongs to readers, the site or another article. A side box may be its own."""
        return any(is_comments(part) or self._is_elsewhere(part) for part in self._around(node))

    def is_in_article(self, node: LexborNode) -> bool:
        """Return whether an element is in the `article` of the heading, even at its side."""
        inner = next((part for part in ancestors(node) if part.tag == "article"), None)
        return inner is not None and inner.mem_id in self._around_heading and not self.belongs_elsewhere(node)

    def is_foot_date(self, node: LexborNode) -> bool:
        """Return whether a footer of the `article` of the heading says of an element that this is the date of the
        article: by the names of WordPress, outside lists and sections.
        """
        tags: list[str | None] = []
        named = set(classes_of(node))
        if "updated" in named and "published" not in named:
            return False
        for part in ancestors(node):
            if part.tag == "article":
                is_own = "footer" in tags and _LISTED.isdisjoint(tags) and part.mem_id in self._around_heading
                return is_own and not _PUBLISHED.isdisjoint(named)
            if is_comments(part):
                return False
            tags.append(part.tag)
            named.update(classes_of(part))
        return False

    def is_of_another(self, node: LexborNode) -> bool:
        """Return whether an element is in an `article` with neither the heading nor most of the text."""
        inner = next((part for part in ancestors(node) if part.tag == "article"), None)
        return inner is not None and inner.mem_id not in self._around_heading and not self._bears_text(inner)

    def _is_aside(self, part: LexborNode) -> bool:
        """Return whether an element is aside. Each is checked once, since many nodes share elements."""
        aside = self._aside.get(part.mem_id)
        if aside is None:
            aside = is_comments(part) or (part.tag != "form" and self._is_apparatus(part))
            self._aside[part.mem_id] = aside
        return aside

    def _is_apparatus(self, part: LexborNode) -> bool:
        return part.tag == "blockquote" or (is_apparatus(part) and not self._bears_text(part))

    def _is_elsewhere(self, part: LexborNode) -> bool:
        if part.tag in FRAME:
            return False
        return part.tag in _QUOTED or (not words_of(part).isdisjoint(_NEVER_OURS) and not self._bears_text(part))

    def _bears_text(self, part: LexborNode) -> bool:
        """Return whether an element with such a name contains most of the page's text: ``with-sidebar``."""
        if part.tag in APPARATUS_TAGS:
            return False
        if part.mem_id not in self._bearing:
            self._bearing[part.mem_id] = prose(part) > self._page.running * _MOST_OF_IT > 0
        return self._bearing[part.mem_id]

    def _around(self, node: LexborNode) -> Iterator[LexborNode]:
        """Yield a node and the elements around it, up to one that contains the heading."""
        if node.is_element_node:
            yield node
        for part in ancestors(node):
            if part.mem_id in self._around_heading:
                return
            yield part


def _heads_article(part: LexborNode) -> bool:
    """Return whether a `header` is named as an article's, without an `article` around it."""
    return part.tag == "header" and not words_of(part).isdisjoint(_OF_ARTICLE)


def _overlays(part: LexborNode, node: LexborNode) -> bool:
    """Return whether an element around another one is hidden until opened, like a gallery or a menu.

    A date that is hidden alone is for machines.
    """
    if part.tag in FRAME or not is_not_shown(part.tag or "", part.attributes):
        return False
    return part.mem_id != node.mem_id and (node.parent is None or part.mem_id != node.parent.mem_id)
