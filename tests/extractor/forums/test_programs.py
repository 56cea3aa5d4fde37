"""Threads of real forum programs, read off the pages that these programs make of them."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache

import pytest
from conftest import LONG
from oracles.environment import NotInstalled
from programs.running import PROGRAMS, Running, running

from extractor.forum import Thread, ThreadLink, forum_links, read_thread
from extractor.page import Page

THREADS, LONGEST = (60, 300) if LONG else (10, 45)
NOW = datetime(2026, 11, 24, tzinfo=UTC)
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module", params=PROGRAMS, ids=lambda program: program.name)
def forum(
    request: pytest.FixtureRequest, pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    shared = pytestconfig.cache.mkdir("forums")
    try:
        with running(request.param, shared, tmp_path_factory.mktemp("forum"), THREADS, LONGEST) as program:
            yield program
    except NotInstalled as reason:
        pytest.skip(str(reason))


@cache
def get(url: str) -> Page:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return Page(url, answer.read(), answer.headers["Content-Type"], NOW)


def pages_of(url: str) -> Iterator[Thread]:
    """A thread page by page, each found by the one before it."""
    following: str | None = url
    while following is not None:
        thread = read_thread(get(following))
        assert thread is not None, following
        yield thread
        following = thread.next


def test_every_post_of_every_thread_is_read_as_it_was_written(forum: Running) -> None:
    for written in forum.threads:
        pages = list(pages_of(forum.origin + written["url"]))
        posts = [post for page in pages for post in page.posts]

        assert [page.title for page in pages] == [written["title"]] * len(pages)
        assert [post.text for post in posts] == ["\n".join(said["lines"]) for said in written["posts"]]
        assert [post.author for post in posts] == [said["author"] for said in written["posts"]]
        assert [post.id for post in posts] == [said["id"] for said in written["posts"]]
        for post, said in zip(posts, written["posts"], strict=True):
            assert same_minute(post.date, said["at"])


def same_minute(read: str | None, written: str) -> bool:
    """Programs show minutes; a time without a zone is in that of the program: UTC."""
    assert read is not None
    moment = datetime.fromisoformat(read)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return abs((moment - datetime.fromisoformat(written)).total_seconds()) < 60


def test_each_page_says_which_it_is_and_of_how_many(forum: Running) -> None:
    for written in forum.threads:
        pages = list(pages_of(forum.origin + written["url"]))

        assert [page.page for page in pages] == list(range(1, len(pages) + 1))
        assert pages[-1].pages == len(pages)
        assert {page.home for page in pages} == {forum.origin + written["url"]}
        assert pages[0].opener == written["posts"][0]["author"]
        assert pages[0].board == "Policy & Science"


def test_what_is_quoted_is_told_from_what_the_post_says_itself(forum: Running) -> None:
    quoting = 0
    for written in forum.threads:
        posts = [post for page in pages_of(forum.origin + written["url"]) for post in page.posts]
        for post, said in zip(posts, written["posts"], strict=True):
            quoted = [line[2:] for line in said["source"].splitlines() if line.startswith("> ")]
            quoting += bool(quoted)

            assert [line for quote in post.quotes for line in quote.text.split("\n")] == quoted
            assert post.own.split("\n") == [line for line in said["lines"] if line not in quoted] or not post.own
    assert quoting > 5


def test_the_pages_of_a_board_list_every_thread_with_its_replies_and_its_last_post(forum: Running) -> None:
    listed: dict[str, ThreadLink] = {}
    following: str | None = forum.origin + board_of(forum)
    while following is not None:
        links = forum_links(get(following))
        assert links is not None
        listed |= {link.title: link for link in links.threads}
        following = links.next

    assert listed.keys() == {written["title"] for written in forum.threads}
    for written in forum.threads:
        link = listed[written["title"]]
        assert link.url.startswith(forum.origin + written["url"].rstrip("/"))
        assert link.replies in (len(written["posts"]), len(written["posts"]) - 1)
        assert link.last_post is not None


def board_of(forum: Running) -> str:
    """The path of the one board, as the page of a thread gives it."""
    links = forum_links(get(forum.origin + forum.threads[0]["url"]))
    assert links is not None and links.board is not None
    return links.board.removeprefix(forum.origin)
