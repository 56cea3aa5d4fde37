"""Hacker News: a story with its comments, as rows of a table; how far they are indented makes the tree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from extractor.forums.engine import Engine
from extractor.forums.picking import first, number_in
from extractor.page import Page
from extractor.thread import Post, Thread


class _HackerNews(Engine):
    def thread(self, page: Page, at: datetime | None = None) -> Thread | None:
        thread = super().thread(page, at)
        if thread is None:
            return None
        depths = [number_in(first(row, ("td.ind@indent", "td.ind img@width"))) or 0 for row, _ in self._posts(page)]
        return replace(thread, posts=_as_tree(thread.posts, depths))


def _as_tree(posts: Sequence[Post], depths: Sequence[int]) -> tuple[Post, ...]:
    """Each post answers the last one above it that is indented less."""
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
    post="tr.athing.comtr",
    body=(".commtext",),
    author=("a.hnuser",),
    time=(".age@title", ".age"),
    permalink=(".age a@href",),
    dropped=".reply",
    title=(".fatitem .titleline > a", ".fatitem a.storylink", ".titleline > a"),
    next="a.morelink",
    later=((r"&p=\d+", ""),),
    row="tr.athing:not(.comtr) + tr",
    thread_link="a[href^='item?id=']:last-child",
    replies=("a[href^='item?id=']:last-child",),
    last_post=(".age@title",),
)
