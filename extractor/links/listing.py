"""Read section pages: find the links to articles, and the next page of the list.

The context identifies an article's link: it is in one of several blocks with the same markup, outside menu, header and
footer; and it is under a heading, beside a date, or as long as a title.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from selectolax.lexbor import LexborNode

from extractor.html.page import Page
from extractor.html.regions import HEADINGS, ancestors, classes_of, elements, is_apparatus, vocabulary, words_of
from extractor.links.links import base_of
from extractor.links.pagination import next_page
from extractor.values.urls import Resolver, normalise

_BLOCKS = vocabulary("article li tr section div td dd dt dl ul ol table tbody main")
_DATED = vocabulary("date time datetime pubdate published")
_INLINE_LEVELS = 12
_FEW = 3
_TITLE_WIDTH = 24
"""Columns that a title fills on average: a Chinese character fills two. Menus say what they say in fewer."""
_SHORTEST = 6
_LEVELS = 4


@dataclass(frozen=True, slots=True)
class Article:
    """A link of a section page that leads to an article."""

    url: str
    title: str


@dataclass(frozen=True, slots=True)
class Listing:
    articles: tuple[Article, ...]
    next: str | None = None
    """The page with the next, mostly older, articles."""


@dataclass(slots=True)
class _Link:
    url: str
    title: str
    heading: bool
    dated: bool


@dataclass(slots=True)
class _Group:
    """Links in blocks with the same markup."""

    links: list[_Link] = field(default_factory=list)

    def lists_articles(self) -> bool:
        urls = {link.url for link in self.links}
        titled = [link for link in self.links if link.title]
        if not titled:
            return False
        width = sum(_width(link.title) for link in titled) / len(titled)
        marked = sum(link.heading or link.dated for link in titled) >= len(titled) / 2
        if marked:
            return width >= _SHORTEST
        return len(urls) >= _FEW and width >= _TITLE_WIDTH


def read_listing(page: Page) -> Listing:
    """Return the articles of a section page, each once, in page order, and the next page."""
    own = normalise(page.url)
    resolver = Resolver(base_of(page.tree.tags("base"), page.url))
    groups: defaultdict[str, _Group] = defaultdict(_Group)
    order: dict[str, None] = {}
    for node in page.tree.tags("a"):
        url = resolver(node.attrs.get("href") or "")
        if url is None or url == own:
            continue
        around = list(ancestors(node))
        if any(map(is_apparatus, around)):
            continue
        groups[_signature(node, around)].links.append(_link(node, around, url))
        order[url] = None
    titles = _titles(group for group in groups.values() if group.lists_articles())
    return Listing(tuple(Article(url, titles[url]) for url in order if url in titles), next_page(page, resolver))


def _titles(groups: Iterator[_Group]) -> dict[str, str]:
    """Return, for each URL, the longest link text under a heading, or else the longest link text."""
    best: dict[str, tuple[bool, int, str]] = {}
    for link in (link for group in groups for link in group.links if link.title):
        best[link.url] = max(best.get(link.url, (False, 0, "")), (link.heading, len(link.title), link.title))
    return {url: title for url, (_, _, title) in best.items()}


def _signature(node: LexborNode, around: Sequence[LexborNode]) -> str:
    """Return the markup of the blocks around a link, from the inside out: tags and classes without numbers."""
    heading = any(parent.tag in HEADINGS for parent in around[:_INLINE_LEVELS])
    made = [f"{node.tag}{'^' if heading else ''}.{_classes(node)}"]
    made += [f"{parent.tag}.{_classes(parent)}" for parent in around if parent.tag in _BLOCKS][:_LEVELS]
    return "<".join(made)


def _classes(node: LexborNode) -> str:
    classes = classes_of(node)
    return ".".join(sorted(name for name in classes if not any(character.isdigit() for character in name))[:4])


def _link(node: LexborNode, around: Sequence[LexborNode], url: str) -> _Link:
    block = next((parent for parent in around if parent.tag in _BLOCKS), None)
    heading = any(parent.tag in HEADINGS for parent in around[:_INLINE_LEVELS]) or _holds_heading(node)
    return _Link(url, _title(node), heading, block is not None and _dated(block))


def _holds_heading(node: LexborNode) -> bool:
    return any(child.tag in HEADINGS for child in elements(node))


def _title(node: LexborNode) -> str:
    """Return the heading inside a link around a card, or the link's text, or its title attribute."""
    heading = next((child for child in elements(node) if child.tag in HEADINGS), node)
    text = " ".join(heading.text(separator=" ").split())
    return (text or " ".join((node.attrs.get("title") or "").split()))[:500]


def _dated(block: LexborNode) -> bool:
    """Return whether a block has a date: a time element, or such a class."""
    return any(child.tag == "time" or not words_of(child).isdisjoint(_DATED) for child in elements(block))


def _width(text: str) -> int:
    return sum(2 if character >= "\u2e80" else 1 for character in text)
