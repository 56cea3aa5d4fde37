"""Lemmy (`comment-node.tsx`, `post-listing-card.tsx`, `common.tsx` of lemmy-ui 1, and the pages of 0.19)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from selectolax.lexbor import LexborNode

from extractor.forums.element_text import first, number_in
from extractor.forums.engine import Engine
from extractor.forums.times import ShownTime, read_times, zone_of
from extractor.html.page import Page
from extractor.html.regions import ancestors

_TIME = ".moment-time@data-tippy-content"
_AFTER_CREATED = "\n\n\n"
"""The separator between the times of writing and editing."""


class _Lemmy(Engine):
    def time_of(self, post: LexborNode) -> ShownTime:
        """Return the tooltip of "1 year ago": the time of writing, followed by that of the last edit."""
        moment = post.css_first(".moment-time")
        told = (moment.attrs.get("data-tippy-content") or "") if moment is not None else ""
        return ShownTime(None, told.partition(_AFTER_CREATED)[0] or None)

    def _times(self, shown: Sequence[ShownTime], page: Page, at: datetime | None) -> list[str | None]:
        """Read the times. Each names its zone, which differs in summer and winter."""
        return [read_times([time], at, zone=zone_of(time.written or ""))[0] for time in shown]

    def score_of(self, post: LexborNode) -> int | None:
        """Return the score: shown beside a post; for a comment, the number of upvotes."""
        told = number_in(first(post, (".post-score",)))
        counted = number_in(first(post, (".unselectable [data-tippy-content][aria-label]", "button[aria-pressed]")))
        return counted if told is None else told

    def answers_of(self, post: LexborNode) -> str | None:
        """Return the comment whose list contains this one."""
        items = [node for node in ancestors(post) if node.tag == "li" and "comment" in (node.attrs.get("class") or "")]
        parent = items[1].css_first("article.comment-node") if len(items) > 1 else None
        return self.id_of(parent) if parent is not None else None


LEMMY = _Lemmy(
    name="lemmy",
    sign="article.comment-node[id^=comment-],.post-listings .post-listing,div.post .post-listing .post-container",
    post="div.post .post-listing,article.comment-node[id^=comment-]",
    body=(".comment-content .md-div", "#postContent .md-div", "#postContent", ".post-title", "h1"),
    author=("a.person-listing", ".person-listing"),
    time=(_TIME,),
    id=("@id", "a[href^='/post/']@href"),
    permalink=("a[href^='/post/']:not([href*='?'])@href", "a[href*='/comment/']@href"),
    title=(".post-title h1", "h1"),
    board=(".post-listing a.community-link",),
    row=".post-listings .post-listing",
    thread_link="a[href^='/post/']:not([href*='?'])",
    thread_title="h1",
    replies=("a[href*='scrollToComments']",),
    board_link=".post-listings a.community-link",
)
