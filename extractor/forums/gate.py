"""Whether it is worth looking for a thread on a page that no known engine made: told from little."""

from __future__ import annotations

import re

from extractor.page import Page

_ADDRESS = re.compile(
    r"//[^/]*forum|//(?:[\w-]+\.)*(?:community|boards?|bbs|discuss|discussions?|answers?|ask|talk|groups?)\."
    r"|[/.?&=_-](?:forums?|showthread|showtopic|viewtopic|viewthread|ubbthreads|foren|foro)(?:[/.?&=_\d-]|$)"
    r"|[/?&=](?:threads?|topics?|discussions?|questions?|boards?|bbs|messages?|talk|sujet|tema|gesprek|community|posts)"
    r"(?:[/.?&=\d]|$)",
    re.IGNORECASE,
)
_NAMED = "body[class*=forum i],body[class*=topic i],body[class*=thread i],body[class*=discussion i]"
_DESCRIBED = "[itemtype$='schema.org/DiscussionForumPosting'],[itemtype$='schema.org/QAPage']"
_ARTICLE = "meta[property='og:type'][content=article i],[itemtype$='schema.org/Article'],[itemtype$='NewsArticle']"
_PEOPLE = (
    "a[href*='/user'],a[href*='member'],a[href*='profile'],a[href*='author'],a[class*=user i],[class*=username i],"
    "[class*=author i],[class*=nick i],[class*=poster i],[itemprop=author]"
)
_LEAST_PEOPLE = 3
_WORDS = ("DiscussionForumPosting", "QAPage")
_ARTICLE_WORDS = ("Article", "BlogPosting", "FAQPage")


def says_discussion(page: Page) -> bool:
    """Whether the page says by its address, its name or its metadata that it is of a forum."""
    if _ADDRESS.search(page.url[:1_000]) or page.tree.css_first(f"{_NAMED},{_DESCRIBED}") is not None:
        return True
    return _described_as(page, _WORDS)


def may_be_discussion(page: Page) -> bool:
    """Whether it may be one though it does not say so: people are named on it, and it does not say it is an article."""
    if len(page.tree.css(_PEOPLE)) < _LEAST_PEOPLE or page.tree.css_first(_ARTICLE) is not None:
        return False
    return not _described_as(page, _ARTICLE_WORDS)


def _described_as(page: Page, kinds: tuple[str, ...]) -> bool:
    scripts = page.tree.css("script[type='application/ld+json']")[:20]
    return any(f'{kind}"' in said for script in scripts for said in (script.text(),) for kind in kinds)
