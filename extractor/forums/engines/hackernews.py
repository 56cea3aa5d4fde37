"""Hacker News: a story, or a single comment, with its comments as rows of a table; indentation gives the tree."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from selectolax.lexbor import LexborNode

from extractor.forums.element_text import first, number_in
from extractor.forums.engine import Engine
from extractor.forums.times import ShownTime
from extractor.html.page import Page
from extractor.html.regions import element_before
from extractor.values.thread import Post, Thread

_COUNT = ".subline > a[href^='item?id=']:last-child,td.subtext > a[href^='item?id=']:last-child"
"""The link with the number of comments: the time of a story is also a link to it."""
_UTC = re.compile(r"^\d{4}-\d\d-\d\dT[\d:]{5,8}$")


class _HackerNews(Engine):
    def time_of(self, post: LexborNode) -> ShownTime:
        """``2024-05-03T12:34:56 1714739696``, in UTC; older pages without the seconds since 1970."""
        said = (first(post, (".age@title",)) or "").partition(" ")[0]
        return ShownTime(f"{said}Z") if _UTC.match(said) else super().time_of(post)

    def thread_title_of(self, row: LexborNode, link: LexborNode) -> str | None:
        """Return the title of a story, which is in the row above its number of comments."""
        above = element_before(row)
        return first(above, ("td.title a",)) if above is not None else None

    def thread(self, page: Page, at: datetime | None = None) -> Thread | None:
        thread = super().thread(page, at)
        if thread is None:
            return None
        rows = self._numbered_posts(page)
        depths = [number_in(first(row, ("td.ind@indent", "td.ind img@width"))) or 0 for row, _ in rows]
        return replace(thread, posts=_as_tree(thread.posts, depths))


def _as_tree(posts: Sequence[Post], depths: Sequence[int]) -> tuple[Post, ...]:
    """Link posts: each one replies to the last one above it with less indentation."""
    above: list[tuple[int, str | None]] = []
    placed = []
    for post, depth in zip(posts, depths, strict=True):
        while above and above[-1][0] >= depth:
            above.pop()
        placed.append(replace(post, answers=above[-1][1] if above else None))
        above.append((depth, post.id))
    return tuple(placed)


HACKERNEWS = _HackerNews(
    name="hackernews",
    sign="tr.athing .commtext,#hnmain tr.athing",
    post="table.fatitem,tr.athing.comtr",
    body=(".commtext", ".toptext", ".titleline > a", "a.storylink", "div.comment"),
    author=("a.hnuser",),
    time=(".age",),
    id=("@id", "tr.athing@id"),
    permalink=(".age a@href",),
    dropped=".reply",
    score=(".score",),
    title=(".fatitem .titleline > a", ".fatitem a.storylink", ".titleline > a"),
    next="a.morelink",
    later=((r"&p=\d+", ""),),
    row="tr.athing:not(.comtr) + tr",
    thread_link=_COUNT,
    replies=(_COUNT,),
)
