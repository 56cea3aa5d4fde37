"""Recognize pages that are JSON, and the addresses at which interfaces of social networks answer with posts."""

from __future__ import annotations

import re
from html import escape
from urllib.parse import urlsplit

from extractor.html.page import Page

LONGEST_TITLE = 80
"""Characters of the first line of a post that stand for the title that it does not have."""
_JSON = re.compile(r"application/(?:[\w.+-]+\+)?json", re.IGNORECASE)
_POSTS = re.compile(
    r"/api/v1/(?:statuses/[^/?#]+(?:/context|/history)?|accounts/[^/?#]+/statuses|timelines/tag/[^/?#]+)(?:\?|$)|"
    r"/xrpc/app\.bsky\.feed\.get(?:PostThread|AuthorFeed)\?|"
    r"/t/(?:[^/?#]+/)?\d+(?:/\d+|/posts)?\.json(?:\?|$)"
)
"""Paths of Mastodon, Bluesky and the topics of Discourse."""


def is_json(page: Page) -> bool:
    """Return whether a page is JSON, by its type, or without one by its first character."""
    kind = (page.content_type or "").partition(";")[0].strip()
    return bool(_JSON.fullmatch(kind)) if kind else page.body.lstrip()[:1] in (b"{", b"[")


def may_have_posts(url: str, kind: str) -> bool:
    """Return whether a response with this address and media type may consist of posts in JSON."""
    return bool(_JSON.fullmatch(kind) and _POSTS.search(url))


def path_of(url: str) -> str:
    """Return the path of a URL without a slash at its end; empty for an invalid URL."""
    try:
        return urlsplit(url).path.rstrip("/")
    except ValueError:
        return ""


def origin_of(url: str) -> str:
    """Return scheme and host of a URL, as they are written."""
    return "/".join(url.split("/", 3)[:3])


def host_of(url: str) -> str:
    """Return the host of a URL without its port; empty for an invalid URL."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def title_of(text: str) -> str | None:
    """Return the beginning of a post's first line, as its title."""
    first = next((line.strip() for line in text.split("\n") if line.strip()), "")
    return f"{first[: LONGEST_TITLE - 1].rstrip()}…" if len(first) > LONGEST_TITLE else first or None


def paragraph(text: str | None, tag: str = "p") -> str:
    """Return a plain text as an HTML element, line by line; empty without a text."""
    return f"<{tag}>{escape(text).replace(chr(10), '<br>')}</{tag}>" if text else ""
