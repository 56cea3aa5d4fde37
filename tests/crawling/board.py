"""A forum on a local site: boards ordered by last post, threads of several pages, a count of replies beside each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import repeat

from crawling.site import Asked, Reply, Site

POSTS_A_PAGE, THREADS_A_PAGE = 5, 10


@dataclass
class Board:
    """Served as by phpBB: ``/``, ``/viewforum.php?f=1&start=10``, ``/viewtopic.php?t=7&start=5``."""

    threads: dict[int, list[str]] = field(default_factory=dict)
    bumped: list[int] = field(default_factory=list)
    """The threads, the one with the latest post first."""
    uncounted: int = 0
    """Posts that the board counts in each thread, and no page shows."""
    validates: bool = False
    """Whether pages have an ETag, and are not sent to callers that have them."""
    tells_origin: bool = False
    """Whether links to threads contain, like those of Discuz!, the page of the board that they stand on."""
    sessions: Iterator[str] = field(default_factory=lambda: repeat(""))
    """Additional parameters of the links to threads on each page."""

    def write(self, thread: int, text: str) -> None:
        self.threads.setdefault(thread, []).append(text)
        self.bumped = [thread, *(other for other in self.bumped if other != thread)]

    def delete(self, thread: int) -> None:
        del self.threads[thread]
        self.bumped.remove(thread)

    def serve(self, site: Site) -> None:
        site.otherwise = self.answer

    def answer(self, asked: Asked) -> Reply:
        reply = self._page(asked)
        if not self.validates:
            return reply
        etag = f'"{hash(reply.body)}"'
        if asked.headers.get("if-none-match") == etag:
            return Reply(304, headers=(("ETag", etag),))
        return replace(reply, headers=(("ETag", etag),))

    def _page(self, asked: Asked) -> Reply:
        path, _, query = asked.path.partition("?")
        given = dict(part.split("=") for part in query.split("&") if part)
        start = int(given.get("start", 0))
        if path == "/":
            return _page('<ul><li class="row"><a class="forumtitle" href="/viewforum.php?f=1">All</a></li></ul>')
        if path == "/viewforum.php":
            return self._board(start)
        if path == "/viewtopic.php" and int(given["t"]) in self.threads:
            return self._thread(int(given["t"]), start)
        return Reply(404, "no such page")

    def _board(self, start: int) -> Reply:
        bears = f"&amp;extra=page%3D{start // THREADS_A_PAGE + 1}" if self.tells_origin else ""
        bears += next(self.sessions)
        rows = "".join(
            f'<li class="row"><dl><dt><a class="topictitle" href="/viewtopic.php?t={thread}{bears}">'
            f"Thread {thread}</a></dt>"
            f'<dd class="posts">{len(self.threads[thread]) - 1 + self.uncounted}</dd></dl></li>'
            for thread in self.bumped[start : start + THREADS_A_PAGE]
        )
        more = _next(
            f"/viewforum.php?f=1&amp;start={start + THREADS_A_PAGE}", start + THREADS_A_PAGE < len(self.bumped)
        )
        return _page(f"<ul>{rows}</ul>{more}")

    def _thread(self, thread: int, start: int) -> Reply:
        posts = self.threads[thread]
        shown = "".join(
            f'<div class="post" id="p{thread * 1000 + number}"><div class="postbody"><h3>'
            f'<a href="/viewtopic.php?p={thread * 1000 + number}#p{thread * 1000 + number}">Re</a></h3>'
            f'<p class="author"><a class="username" href="/u">ann</a></p><div class="content">{text}</div></div></div>'
            for number, text in enumerate(posts[start : start + POSTS_A_PAGE], start)
        )
        more = _next(f"/viewtopic.php?t={thread}&amp;start={start + POSTS_A_PAGE}", start + POSTS_A_PAGE < len(posts))
        reply = f'<a href="/posting.php?mode=reply&amp;t={thread}">Reply</a>'
        return _page(f'<h2 class="topic-title"><a href="/viewtopic.php?t={thread}">T</a></h2>{shown}{more}{reply}')


def _page(body: str) -> Reply:
    return Reply(body=f'<!doctype html><html><head><title>Forum</title></head><body id="phpbb">{body}</body></html>')


def _next(url: str, there: bool) -> str:
    return (
        f'<div class="pagination"><ul><li class="arrow next"><a rel="next" href="{url}">Next</a></li></ul></div>'
        if there
        else ""
    )
