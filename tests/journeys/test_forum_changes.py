"""Real forum programs with new posts between two crawls: what was added, edited and deleted is reported exactly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from conftest import LONG, figure
from journeys.household import Household
from oracles.environment import NotInstalled
from programs.changes import Posts, Seen, look, write
from programs.running import PLAIN, PROGRAMS, Configuration, Program, Running, running

THREADS, LONGEST, CHANGES = (60, 300, 50) if LONG else (6, 25, 9)
pytestmark = [pytest.mark.slow, pytest.mark.timeout(figure(600, 3600, 7200))]


@dataclass(frozen=True)
class Crawled:
    """A forum that was crawled, changed, and crawled again."""

    forum: Running
    household: Household
    before: Seen
    after: Seen
    written: datetime
    asked: list[str]
    """By the second crawl."""
    nothing: list[str]
    """By a third one, for which there was nothing new."""

    @property
    def told(self) -> set[str]:
        """Return the threads whose entry in their board has changed."""
        was, now = (
            {link.url: (link.replies, link.last_post) for board in seen.boards for link in board.threads}
            for seen in (self.before, self.after)
        )
        return {url.removeprefix(self.forum.origin) for url in now if was[url] != now[url]}

    @property
    def lost(self) -> set[str]:
        """Return the threads that have fewer posts by their board: Spirit still counts what was deleted."""
        was, now = (
            {link.url: link.replies or 0 for board in seen.boards for link in board.threads}
            for seen in (self.before, self.after)
        )
        return {url.removeprefix(self.forum.origin) for url in now if now[url] < was[url]}

    def fetched(self, thread: str) -> set[str]:
        """Return the posts of a thread that are, or were, on the pages that the second crawl fetched."""
        return {
            post
            for seen in (self.before, self.after)
            for url, posts in zip(seen.urls[thread], seen.threads[thread], strict=True)
            if url.removeprefix(self.forum.origin) in self.asked
            for post in posts
        }

    def history(self, thread: str) -> list[dict[str, Any]]:
        whole = self.household.look("thread", self.forum.origin + thread, "--json").json
        assert (whole["complete"], whole["missing"]) == (True, [])
        posts: list[dict[str, Any]] = whole["posts"]
        return posts


def crawl_twice(forum: Running, directory: Path) -> Crawled:
    household = Household(directory / "home")
    household.source("forum", source("forum", forum))
    before = look(forum)
    household.run("run", "forum")
    written = datetime.now(UTC)
    write(forum, CHANGES, seed=1)
    after = look(forum)
    household.run("run", "forum")
    asked = forum.asked()
    household.run("run", "forum")
    return Crawled(forum, household, before, after, written, asked, forum.asked())


def source(name: str, forum: Running) -> str:
    return (
        f"source: {name}\nseeds: [{forum.front}]\nwalk: forum\npoliteness: {{delay: 0s, concurrency: 4}}\n"
        "addresses: [127.0.0.0/8]\n"
    )


def told_of(history: list[dict[str, Any]], since: datetime) -> dict[str, tuple[Any, ...]]:
    """Return, for each post, its text; whether it was added since; its earlier texts; whether it was deleted."""
    return {
        post["id"]: (
            post["text"],
            datetime.fromisoformat(post["added"]) > since,
            [edit["text"] for edit in post["edits"] if datetime.fromisoformat(edit["until"]) > since],
            post["deleted"] is not None and datetime.fromisoformat(post["deleted"]) > since,
        )
        for post in history
    }


def expected(was: Posts, now: Posts) -> dict[str, tuple[Any, ...]]:
    deleted = {number: (text, False, [], True) for number, (_, text) in was.items() if number not in now}
    return deleted | {
        number: (
            text,
            number not in was,
            [was[number][1]] if number in was and was[number][1] != text else [],
            False,
        )
        for number, (_, text) in now.items()
    }


@pytest.mark.parametrize(
    ("program", "configuration"),
    [
        pytest.param(
            program,
            configuration,
            id=f"{program.name}-{configuration.name}",
            marks=pytest.mark.costly if (program, configuration) != (PROGRAMS[0], PLAIN) else (),
        )
        for program in PROGRAMS
        for configuration in (PLAIN, *program.others)
    ],
)
def test_posts_added_edited_and_deleted_between_two_crawls_are_reported_exactly_with_few_requests(
    program: Program, configuration: Configuration, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    try:
        shared = pytestconfig.cache.mkdir("forums")
        with running(program, shared, tmp_path, THREADS, LONGEST, configuration) as forum:
            crawled = crawl_twice(forum, tmp_path)
            the_history_of_each_thread_that_its_board_tells_of_is_exact(crawled)
            what_is_asked_for_are_the_pages_of_the_threads_and_boards_that_changed(crawled)
            edits_that_no_board_tells_of_are_found_when_all_pages_are_due(crawled)
    except NotInstalled as reason:
        pytest.skip(str(reason))


def the_history_of_each_thread_that_its_board_tells_of_is_exact(crawled: Crawled) -> None:
    """On the pages that had to be fetched again, and on others that were. Old pages are fetched when they are due."""
    assert crawled.told
    for thread in crawled.told:
        was, now = crawled.before.posts(thread), crawled.after.posts(thread)
        history = told_of(crawled.history(thread), crawled.written)
        exact = expected(was, now)
        assert now.keys() - was.keys() <= crawled.fetched(thread), "a new post was not fetched"
        if thread in crawled.lost:
            assert crawled.fetched(thread) >= now.keys(), "a thread that lost posts is read whole"
            assert history == exact  # also of posts whose page is gone with them

        assert history.keys() == exact.keys()
        for post, said in history.items():
            as_before = (was[post][1], False, [], False) if post in was else None
            assert said == exact[post] or (said == as_before and post not in crawled.fetched(thread))
        assert [post for post in history if post in now and not history[post][3]] == list(now)
        authors = {post["id"]: post["author"] for post in crawled.history(thread)}
        assert {post: authors[post] for post in now} == {post: author for post, (author, _) in now.items()}


def what_is_asked_for_are_the_pages_of_the_threads_and_boards_that_changed(crawled: Crawled) -> None:
    threads = sum(len(crawled.after.threads[thread]) for thread in crawled.told)
    boards = sum(page not in crawled.before.boards for page in crawled.after.boards)
    necessary = 2 + threads + boards  # robots.txt and the page of all boards

    print(f"{len(crawled.asked)} requests for {necessary} that were necessary, then {len(crawled.nothing)} for none")
    assert len(crawled.asked) == len(set(crawled.asked))
    assert len(crawled.asked) <= 1.3 * necessary
    assert len([path for path in crawled.nothing if path.partition("?")[0] not in crawled.told]) <= 4
    assert len(crawled.nothing) <= 4 + threads  # threads written to just before may be due: their quiet time is as long


def edits_that_no_board_tells_of_are_found_when_all_pages_are_due(crawled: Crawled) -> None:
    """As they are for a source that has not looked at them itself."""
    crawled.household.source("anew", source("anew", crawled.forum))

    crawled.household.run("run", "anew")

    silent = 0
    for thread in crawled.after.threads:
        was, now = crawled.before.posts(thread), crawled.after.posts(thread)
        silent += thread not in crawled.told and was != now
        assert told_of(crawled.history(thread), crawled.written) == expected(was, now)
    assert silent
    asked = crawled.forum.asked()
    assert len(asked) == len(set(asked))
