"""Changes in a running forum between two crawls, and its pages before and after."""

from __future__ import annotations

import random
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from programs.running import Running

from extractor.forums.registry import ForumLinks, Post, Thread, forum_links, read_thread
from extractor.html.page import Page

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def get(url: str) -> Page:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return Page(url, answer.read(), answer.headers["Content-Type"], NOW)


def pages_of(url: str, get: Callable[[str], Page] = get) -> Iterator[Thread]:
    """Return a thread page by page, each found by the one before it."""
    following: str | None = url
    while following is not None:
        thread = read_thread(get(following))
        assert thread is not None, following
        yield thread
        following = thread.next


def posts_of(pages: Iterable[Thread]) -> list[Post]:
    """Return the posts of a thread, each once: Misago begins a page with the last post of the one before it."""
    return list({post.id: post for page in pages for post in page.posts}.values())


def board_pages(url: str) -> Iterator[ForumLinks]:
    following: str | None = url
    while following is not None:
        links = forum_links(get(following))
        assert links is not None
        yield links
        following = links.next


def board_of(forum: Running) -> str:
    """Return the path of the only board, as the page of a thread gives it."""
    links = forum_links(get(forum.origin + forum.threads[0]["url"]))
    assert links is not None and links.board is not None
    return links.board.removeprefix(forum.origin)


Posts = dict[str, tuple[str | None, str]]
"""Author and text by the id, in the order of the pages."""


@dataclass(frozen=True)
class Seen:
    """A forum, as its pages show it."""

    threads: dict[str, list[Posts]]
    """The pages of each thread, by its path."""
    boards: list[ForumLinks]
    urls: dict[str, list[str]]
    """Of these pages."""

    def posts(self, thread: str) -> Posts:
        return {number: said for page in self.threads[thread] for number, said in page.items()}


def look(forum: Running) -> Seen:
    pages = {written["url"]: list(pages_of(forum.origin + written["url"])) for written in forum.threads}
    threads = {
        thread: [{str(post.id): (post.author, post.text) for post in page.posts} for page in of_thread]
        for thread, of_thread in pages.items()
    }
    urls = {thread: [page.url for page in of_thread] for thread, of_thread in pages.items()}
    boards = list(board_pages(forum.origin + board_of(forum)))
    forum.asked()
    return Seen(threads, boards, urls)


def write(forum: Running, count: int, seed: int) -> None:
    """Add, edit and delete this many posts, all three in equal shares, at random places.

    Nothing is done in the last third of the threads, except that every other edit is there. No thread is opened or
    deleted as a whole, and no post is both created and changed.
    """
    chance = random.Random(seed)
    touched = {thread["posts"][0]["id"] for thread in forum.threads}
    for number in range(count):
        do = ("add", "edit", "delete")[number % 3]
        quiet = len(forum.threads) * 2 // 3
        among = forum.threads[quiet:] if number % 6 == 1 else forum.threads[:quiet]
        thread, post = _some_post(among, chance, touched)
        author = str(post["author"])
        source = f"what {author} writes as number {number} of seed {seed}"
        touched.add(
            forum.change(do, thread=thread, post=post["id"] if do != "add" else "", author=author, source=source)
        )


def _some_post(among: list[dict[str, Any]], chance: random.Random, touched: set[str]) -> tuple[str, dict[str, Any]]:
    while True:
        thread = chance.choice(among)
        post = chance.choice(thread["posts"])
        if post["id"] not in touched:
            return thread["url"], post
