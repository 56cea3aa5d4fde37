"""Decide cheaply whether to look for a thread on a page of an unknown engine."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

from extractor.html.cheap_queries import CheapQuery
from extractor.html.page import Page

_HOST = r"//[^/]*forum|//(?:[\w-]+\.)*(?:community|boards?|bbs|discuss|discussions?|answers?|ask|talk|groups?)\."
_OF_FORUM = re.compile(_HOST, re.IGNORECASE)
_ADDRESS = re.compile(
    rf"{_HOST}"
    r"|[/.?&=_-](?:forums?|showthread|showtopic|viewtopic|viewthread|ubbthreads|foren|foro)(?:[/.?&=_\d-]|$)"
    r"|[/?&=](?:threads?|topics?|discussions?|questions?|boards?|bbs|messages?|talk|sujet|tema|gesprek|community|posts)"
    r"(?:[/.?&=\d]|$)",
    re.IGNORECASE,
)
_NAMED = ("forum", "topic", "thread", "discussion")
"""Names of the body element of forum pages."""
_DISCUSSIONS = ("schema.org/DiscussionForumPosting", "schema.org/QAPage")
_ARTICLES = ("schema.org/Article", "NewsArticle")
"""Endings of microdata types of articles."""
_PEOPLE = CheapQuery(
    "a[href*='/user'],a[href*='member'],a[href*='profile'],a[href*='author'],a[href*='/u/'],a[href*='user?'],"
    "a[href*='/~'],a[class*=user i],[class*=username i],"
    "[class*=author i],[class*=nick i],[class*=poster i],[itemprop=author]"
)
_LEAST_PEOPLE = 3
_WORDS = ("DiscussionForumPosting", "QAPage")
_ARTICLE_WORDS = ("Article", "BlogPosting", "FAQPage")


def indicates_forum(page: Page) -> bool:
    """Return whether address, name or metadata of the page indicate a forum."""
    if _ADDRESS.search(page.url[:1_000]) or _is_named(page):
        return True
    return any(is_called(item, _DISCUSSIONS) for item in page.items) or _described_as(page, _WORDS)


def is_on_forum(url: str) -> bool:
    """Return whether the name of the host says that it is a forum. A path may only name a subject: ``/world-forum``."""
    return _OF_FORUM.search(url[:1_000]) is not None


def may_be_discussion(page: Page) -> bool:
    """Return whether it may be one without such signs: it names people, and is not marked as an article."""
    if any(is_called(item, _ARTICLES) for item in page.items) or _described_as(page, _ARTICLE_WORDS):
        return False
    return not any(map(_indicates_article, page.tagged("meta"))) and len(_PEOPLE.all(page)) >= _LEAST_PEOPLE


def is_called(item: LexborNode, kinds: tuple[str, ...]) -> bool:
    """Return whether the type of an item ends with one of these."""
    return (item.attributes.get("itemtype") or "").endswith(kinds)


def _indicates_article(meta: LexborNode) -> bool:
    attributes = meta.attributes
    return attributes.get("property") == "og:type" and (attributes.get("content") or "").lower() == "article"


def _is_named(page: Page) -> bool:
    body = page.tree.body
    classes = (body.attrs.get("class") or "").lower() if body is not None else ""
    return any(name in classes for name in _NAMED)


def _described_as(page: Page, kinds: tuple[str, ...]) -> bool:
    marks = [f'{kind}"' for kind in kinds]
    return any(mark in script for script in page.json_ld[:20] for mark in marks)
