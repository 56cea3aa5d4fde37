"""Compare what a page of a board says of its threads with what it said when it was last read. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from extractor.values.identity import without_tracking
from extractor.values.thread import ForumLinks, ThreadLink


def addressed(links: ForumLinks) -> ForumLinks:
    """Replace the addresses by those that are requested: links may contain a session or the page of the board."""
    threads = tuple(replace(thread, url=without_tracking(thread.url)) for thread in links.threads)
    boards = tuple(dict.fromkeys(map(without_tracking, links.boards)))
    return replace(links, threads=threads, boards=boards, next=links.next and without_tracking(links.next))


class UnlistedThreads(NamedTuple):
    """Threads that a page of a board no longer names."""

    missing: Sequence[ThreadLink]
    """The board lists the threads that were below them, but not them: they were deleted, moved, or written to."""
    pushed: Sequence[ThreadLink]
    """They may be on a later page now."""


def unlisted(was: Sequence[ThreadLink], now: Sequence[ThreadLink], *, whole: bool) -> UnlistedThreads:
    """Compare what a board lists with what it listed; `whole`: it lists all its threads.

    Boards list the thread with the latest post first. So a thread without new posts still has its old neighbours above
    it, and those below: threads that come up from a later page stand above them.
    """
    before, here = {thread.url for thread in was}, {thread.url: place for place, thread in enumerate(now)}
    away = [place for place, thread in enumerate(was) if thread.url not in here]
    stays = max((place for place, thread in enumerate(was) if _is_quiet(thread, now, here)), default=None)
    reach = stays or 0
    if whole or (stays is not None and any(each.url not in before for each in now[here[was[stays].url] :])):
        reach = len(was)
    return UnlistedThreads(
        [was[place] for place in away if place < reach], [was[place] for place in away if place >= reach]
    )


def _is_quiet(thread: ThreadLink, now: Sequence[ThreadLink], here: dict[str, int]) -> bool:
    """Return whether a thread is listed unchanged, with a count of replies or a last post."""
    if thread.url not in here or (thread.replies is None and thread.last_post is None):
        return False
    found = now[here[thread.url]]
    return (thread.replies, thread.last_post) == (found.replies, found.last_post)
