"""Forums: which engine a page comes from, its thread as posts, and where it leads to.

thread = read_thread(page, at)      # None: no thread
links = forum_links(page, at)       # None: no engine that we know
"""

from __future__ import annotations

from datetime import datetime

from extractor.forums.discuz import DISCUZ
from extractor.forums.phpbb import PHPBB
from extractor.forums.smf import SMF
from extractor.forums.xenforo import XENFORO1, XENFORO2
from extractor.page import Page
from extractor.thread import Attachment, Forum, ForumLinks, Post, Quote, Thread, ThreadLink

__all__ = (
    "FORUMS",
    "Attachment",
    "Forum",
    "ForumLinks",
    "Post",
    "Quote",
    "Thread",
    "ThreadLink",
    "forum_links",
    "forum_of",
    "read_thread",
)

FORUMS: tuple[Forum, ...] = (XENFORO2, XENFORO1, DISCUZ, PHPBB, SMF)
"""Every engine that we know, those with the surer signs first."""

_SIGNS = ",".join(forum.sign for forum in FORUMS)


def forum_of(page: Page) -> Forum | None:
    """The engine that made a page. One query for all: most pages are no forum's, and pay no more than that."""
    if page.tree.css_first(_SIGNS) is None:
        return None
    return next((forum for forum in FORUMS if forum.recognises(page)), None)


def forum_links(page: Page, at: datetime | None = None) -> ForumLinks | None:
    """Where a page of a forum leads to; None when no engine that we know made it."""
    forum = forum_of(page)
    return forum.links(page, at) if forum is not None else None


def read_thread(page: Page, at: datetime | None = None) -> Thread | None:
    """The posts of a page; None when it is none of a thread. `at` is when it was captured, for "3 hours ago"."""
    forum = forum_of(page)
    return forum.thread(page, at) if forum is not None else None
