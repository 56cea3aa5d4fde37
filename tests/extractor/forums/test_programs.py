"""Threads of real forum software, read from its pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache

import pytest
from conftest import LONG, figure
from oracles.environment import NotInstalled
from programs import changes
from programs.changes import board_of, board_pages, posts_of
from programs.running import EACH_PROGRAM, Running, running

from extractor.forums.registry import Thread
from extractor.html.page import Page

THREADS, LONGEST = (60, 300) if LONG else (10, 45)
pytestmark = [pytest.mark.slow, pytest.mark.timeout(figure(600, 3600, 7200))]


@pytest.fixture(scope="module", params=EACH_PROGRAM)
def forum(
    request: pytest.FixtureRequest, pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    shared = pytestconfig.cache.mkdir("forums")
    try:
        program, configuration = request.param
        directory = tmp_path_factory.mktemp("forum")
        with running(program, shared, directory, THREADS, LONGEST, configuration) as forum:
            yield forum
    except NotInstalled as reason:
        pytest.skip(str(reason))


@cache
def get(url: str) -> Page:
    return changes.get(url)


def pages_of(url: str) -> Iterator[Thread]:
    return changes.pages_of(url, get)


def test_every_post_of_every_thread_is_read_as_it_was_written(forum: Running) -> None:
    for written in forum.threads:
        pages = list(pages_of(forum.origin + written["url"]))
        posts = posts_of(pages)

        assert [page.title for page in pages] == [written["title"]] * len(pages)
        assert [post.text for post in posts] == ["\n".join(said["lines"]) for said in written["posts"]]
        assert [post.author for post in posts] == [said["author"] for said in written["posts"]]
        assert [post.id for post in posts] == [said["id"] for said in written["posts"]]
        for post, said in zip(posts, written["posts"], strict=True):
            assert same_minute(post.date, said["at"])


def same_minute(read: str | None, written: str) -> bool:
    """Compare to the minute, as pages show it; a time without a zone is in the software's zone, UTC."""
    assert read is not None
    moment = datetime.fromisoformat(read)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return abs((moment - datetime.fromisoformat(written)).total_seconds()) < 60


def test_each_page_has_its_number_and_the_number_of_pages(forum: Running) -> None:
    for written in forum.threads:
        pages = list(pages_of(forum.origin + written["url"]))

        assert [page.page for page in pages] == list(range(1, len(pages) + 1))
        assert pages[-1].pages == len(pages)
        assert {page.home for page in pages} == {forum.origin + written["url"]}
        assert pages[0].opener == written["posts"][0]["author"]
        assert pages[0].board == "Policy & Science"


def test_quotations_are_separated_from_the_own_text_of_a_post(forum: Running) -> None:
    quoting = 0
    for written in forum.threads:
        posts = posts_of(pages_of(forum.origin + written["url"]))
        for post, said in zip(posts, written["posts"], strict=True):
            quoted = [line[2:] for line in said["source"].splitlines() if line.startswith("> ")]
            quoting += bool(quoted)

            assert [line for quote in post.quotes for line in quote.text.split("\n")] == quoted
            assert post.own.split("\n") == [line for line in said["lines"] if line not in quoted] or not post.own
    assert quoting > 5


def test_the_pages_of_a_board_list_every_thread_with_its_replies_and_its_last_post(forum: Running) -> None:
    pages = board_pages(forum.origin + board_of(forum))
    listed = {link.title: link for links in pages for link in links.threads}

    assert listed.keys() == {written["title"] for written in forum.threads}
    for written in forum.threads:
        link = listed[written["title"]]
        assert link.url.startswith(forum.origin + written["url"].rstrip("/"))
        assert link.replies in (len(written["posts"]), len(written["posts"]) - 1)
        is_shown = forum.configuration.look != "nodebb-theme-vanilla" or len(written["posts"]) > 1
        assert (link.last_post is not None) == is_shown  # vanilla shows no time of a thread without answers


def test_the_author_of_a_quotation_is_the_one_that_the_button_of_the_program_names(forum: Running) -> None:
    """The last test of a program: it writes to the forum."""
    thread = min(forum.threads, key=lambda written: len(written["posts"]))
    quoted = thread["posts"][0]
    said = forum.change("add", thread=thread["url"], author=quoted["author"], source="The tide is high.")

    forum.change("quote", thread=thread["url"], post=said, author="hina", source="It is not.")

    *_, post = posts_of(changes.pages_of(forum.origin + thread["url"], changes.get))
    assert (post.author, post.text.split("\n")[-1]) == ("hina", "It is not.")
    assert "The tide is high." not in post.own
    assert [(quote.author, quote.text) for quote in post.quotes] == [(quoted["author"], "The tide is high.")]
