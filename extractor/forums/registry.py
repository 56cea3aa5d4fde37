"""Recognize forum engines, and read their threads and links.

thread = read_thread(page, at)      # None: no thread
links = forum_links(page, at)       # None: unknown engine
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from extractor.forums.engines.bbpress import BBPRESS
from extractor.forums.engines.discourse import DISCOURSE
from extractor.forums.engines.discuz import DISCUZ
from extractor.forums.engines.flarum import FLARUM
from extractor.forums.engines.flaskbb import FLASKBB
from extractor.forums.engines.fluxbb import FLUXBB
from extractor.forums.engines.hackernews import HACKERNEWS
from extractor.forums.engines.invision import INVISION
from extractor.forums.engines.kunena import KUNENA
from extractor.forums.engines.lemmy import LEMMY
from extractor.forums.engines.lobsters import LOBSTERS
from extractor.forums.engines.misago import MISAGO
from extractor.forums.engines.mybb import MYBB
from extractor.forums.engines.nodebb import NODEBB
from extractor.forums.engines.phpbb import PHPBB
from extractor.forums.engines.question2answer import QUESTION2ANSWER
from extractor.forums.engines.reddit import OLD_REDDIT, REDDIT
from extractor.forums.engines.slash import SLASH
from extractor.forums.engines.smf import SMF
from extractor.forums.engines.spirit import SPIRIT
from extractor.forums.engines.stackexchange import STACKEXCHANGE
from extractor.forums.engines.vanilla import VANILLA
from extractor.forums.engines.vbulletin import VBULLETIN3, VBULLETIN4, VBULLETIN5
from extractor.forums.engines.woltlab import WOLTLAB
from extractor.forums.engines.wordpress import WORDPRESS
from extractor.forums.engines.xenforo import XENFORO1, XENFORO2
from extractor.forums.gate import indicates_forum, may_be_discussion
from extractor.forums.generic import THREAD as GENERIC
from extractor.forums.generic import UNDER_ARTICLE, read_generic
from extractor.forums.protocol import Forum
from extractor.forums.schemaorg import is_whole, read_json_ld, read_microdata
from extractor.forums.social.bluesky import BLUESKY
from extractor.forums.social.json_pages import is_json
from extractor.forums.social.mastodon import MASTODON
from extractor.forums.social.telegram import TELEGRAM
from extractor.html.cheap_queries import CheapQuery
from extractor.html.page import Page
from extractor.values.thread import Attachment, ForumLinks, Post, Quote, Thread, ThreadLink

__all__ = (
    "COMMENTS",
    "FORUMS",
    "SOCIAL",
    "Attachment",
    "Forum",
    "ForumLinks",
    "Post",
    "Quote",
    "Thread",
    "ThreadLink",
    "forum_links",
    "forum_of",
    "read_comments",
    "read_thread",
)

FORUMS: tuple[Forum, ...] = (
    MASTODON,
    BLUESKY,
    TELEGRAM,
    XENFORO2,
    XENFORO1,
    DISCOURSE,
    INVISION,
    VBULLETIN5,
    VBULLETIN4,
    KUNENA,
    PHPBB,
    DISCUZ,
    NODEBB,
    FLARUM,
    STACKEXCHANGE,
    REDDIT,
    OLD_REDDIT,
    HACKERNEWS,
    LOBSTERS,
    LEMMY,
    QUESTION2ANSWER,
    SLASH,
    WOLTLAB,
    FLUXBB,
    MYBB,
    SMF,
    VANILLA,
    MISAGO,
    FLASKBB,
    SPIRIT,
    BBPRESS,
    VBULLETIN3,
)
"""All known engines, those with more reliable signs first."""

SOCIAL = frozenset(forum.name for forum in (MASTODON, BLUESKY, TELEGRAM))
"""Engines of social networks, whose boards are the posts of one account, channel or hashtag."""

COMMENTS: tuple[Forum, ...] = (WORDPRESS,)
"""Engines of comments under an article, which is not a post."""

_IS_JSON = re.compile(r"\s*[{\[]")
_SIGNS = CheapQuery(",".join(forum.sign for forum in FORUMS))


def forum_of(page: Page) -> Forum | None:
    """Return the engine of a page. One query covers all engines, so that other pages cost little."""
    if _SIGNS.first(page) is None and not _IS_JSON.match(page.text):
        return None
    return next((forum for forum in FORUMS if forum.recognises(page)), None)


def forum_links(page: Page, at: datetime | None = None) -> ForumLinks | None:
    """Return the links of a forum page; None for an unknown engine. `at` is as for `read_thread`."""
    forum = forum_of(page)
    return forum.links(page, at or page.at) if forum is not None else None


def answers_with_posts(page: Page) -> bool:
    """Return whether a page is JSON that a known engine reads, even if it has no posts yet."""
    return is_json(page) and forum_of(page) is not None


def read_thread(page: Page, at: datetime | None = None) -> Thread | None:
    """Return the posts of a page; None if it is not a thread page.

    `at`, an aware time, is the base of "3 hours ago"; the default is the time of capture.
    """
    at = at or page.at
    forum = forum_of(page)
    found = forum.thread(page, at) if forum is not None else None
    if found is None and (forum is None or not forum.links(page, at).threads):
        found = _unknown(page, at)
    return _with_each_post_once(found) if found is not None else None


def _with_each_post_once(thread: Thread) -> Thread:
    """Keep a post that the page has twice, as a solution or a recommendation above the others, only in its last place,
    with the longer text: one of them may be cut off. Other texts are other posts. Without an engine, the number may be
    that of a person, so that two posts have it.
    """
    if thread.engine in (GENERIC, UNDER_ARTICLE):
        return thread
    posts: list[Post] = []
    last: dict[tuple[str | None, ...], int] = {}
    left_out: set[int] = set()
    for number, post in enumerate(thread.posts):
        same = (post.id, post.author, post.date)
        earlier = last.get(same) if post.id is not None else None
        if earlier is not None and _is_cut_off(post.text, posts[earlier].text):
            left_out.add(earlier)
            posts.append(posts[earlier])
        else:
            if earlier is not None and _is_cut_off(posts[earlier].text, post.text):
                left_out.add(earlier)
            posts.append(post)
        last[same] = number
    kept = tuple(post for number, post in enumerate(posts) if number not in left_out)
    return replace(thread, posts=kept) if left_out else thread


def _is_cut_off(text: str, whole: str) -> bool:
    """Return whether a text is the same as another, or its beginning."""
    return whole.startswith(text.rstrip(" .…"))


def read_comments(page: Page, at: datetime | None = None) -> Thread | None:
    """Return the comments under an article; None if they can't be separated from it. `at` is as for `read_thread`."""
    found = (engine.thread(page, at or page.at) for engine in COMMENTS if engine.recognises(page))
    return next(filter(None, found), None)


def _unknown(page: Page, at: datetime | None) -> Thread | None:
    """Read a thread of an unknown engine. A page without signs of a thread must consist mostly of posts."""
    said = indicates_forum(page)
    if not said and not may_be_discussion(page):
        return None
    marked = read_microdata(page, at)
    if is_whole(marked):
        return marked
    induced = read_generic(page, at, mostly=not said)
    return max((marked, read_json_ld(page), induced), key=lambda thread: len(thread.posts) if thread else 0)
