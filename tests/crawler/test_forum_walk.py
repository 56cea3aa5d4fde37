"""A forum: first all of it, and then only threads with new posts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from crawling.board import Board
from crawling.crawls import Run, archiving, source
from crawling.site import Asked, Reply, Site, html

from archive.database.engine import open_database
from archive.index.pages import Pages
from config.source import Source


@pytest.fixture
def board(site: Site) -> Board:
    """35 threads of 1 to 12 posts."""
    board = Board()
    for thread in range(1, 36):
        for post in range(thread % 12 + 1):
            board.write(thread, f"The post {post} of the thread {thread}")
    board.serve(site)
    return board


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    database = open_database(f"sqlite:///{tmp_path / 'memory.db'}")
    with archiving() as archive:
        yield Run(tmp_path, archive, memory=Pages(database))
    database.close()


def forum(site: Site, **facts: Any) -> Source:
    return source(f"{site.url}/", walk="forum", **facts)


def pages_of(board: Board) -> set[str]:
    """Every page of every thread."""
    return {
        f"/viewtopic.php?t={thread}" + (f"&start={start}" if start else "")
        for thread, posts in board.threads.items()
        for start in range(0, len(posts), 5)
    }


def topics(site: Site) -> list[str]:
    return [path for path in site.paths if path.startswith("/viewtopic")]


BOARDS = ["/viewforum.php?f=1", *(f"/viewforum.php?f=1&start={start}" for start in (10, 20, 30))]


def test_all_pages_of_all_threads_are_fetched_once_and_no_action_link_is_followed(
    site: Site, run: Run, board: Board
) -> None:
    outcome = run(forum(site))

    assert sorted(topics(site)) == sorted(pages_of(board))
    assert [path for path in site.paths if path.startswith("/viewforum")] == BOARDS
    assert not any(path.startswith("/posting") for path in site.paths)
    assert outcome.outcome == "done"


def test_a_forum_without_new_posts_costs_only_its_boards(site: Site, run: Run, board: Board) -> None:
    run(forum(site))
    site.asked.clear()

    run(forum(site))

    assert site.paths == ["/", "/viewforum.php?f=1"]


def test_a_thread_is_the_same_from_whichever_page_of_its_board_it_is_linked(site: Site, run: Run, board: Board) -> None:
    board.tells_origin = True
    run(forum(site))
    first = sorted(topics(site))
    board.write(1, "Up from the last page")
    site.asked.clear()

    run(forum(site))

    assert first == sorted(pages_of(board))
    assert topics(site) == ["/viewtopic.php?t=1"]


def test_changing_session_parameters_make_no_thread_new_or_deleted(site: Site, run: Run) -> None:
    board = Board(sessions=(f"&amp;sid={number:032x}" for number in count()))
    for thread in range(1, 16):
        board.write(thread, "A post")
    board.serve(site)
    run(forum(site))
    site.asked.clear()

    run(forum(site))
    quiet = topics(site)
    board.delete(12)
    run(forum(site))

    assert (quiet, topics(site)) == ([], ["/viewtopic.php?t=12"])


def test_all_pages_of_a_thread_with_new_posts_are_requested_and_later_only_the_changed_ones(
    site: Site, run: Run, board: Board
) -> None:
    run(forum(site))
    assert len(board.threads[23]) == 12
    for number in range(5):
        board.write(23, f"A new post {number}")
    board.write(99, "A new thread")
    site.asked.clear()

    run(forum(site))
    first = sorted(topics(site))
    boards = [path for path in site.paths if path.startswith("/viewforum")]
    board.write(23, "Another post")
    site.asked.clear()
    run(forum(site))

    assert first == [
        "/viewtopic.php?t=23",  # changed, the board says
        "/viewtopic.php?t=23&start=10",  # was the last
        "/viewtopic.php?t=23&start=15",  # is new
        "/viewtopic.php?t=23&start=5",  # may have been edited since it was first read
        "/viewtopic.php?t=99",
    ]
    assert boards == BOARDS
    assert sorted(topics(site)) == [
        "/viewtopic.php?t=23",
        "/viewtopic.php?t=23&start=10",  # had changed when it was last read
        "/viewtopic.php?t=23&start=15",  # was the last
    ]


def test_all_pages_of_a_thread_that_lost_posts_are_requested(site: Site, run: Run, board: Board) -> None:
    for number in range(8):
        board.write(23, f"A new post {number}")
    for _ in range(3):
        run(forum(site))
        board.write(23, "One more")
    del board.threads[23][6:9]
    site.asked.clear()

    run(forum(site))

    assert sorted(topics(site)) == sorted(page for page in pages_of(board) if page.startswith("/viewtopic.php?t=23"))
    assert len(topics(site)) == 4


def test_a_lost_post_far_down_a_board_is_found_when_the_board_has_new_posts(site: Site, run: Run, board: Board) -> None:
    run(forum(site))
    del board.threads[2][0]
    board.write(35, "A new post")
    site.asked.clear()

    run(forum(site))

    assert "/viewtopic.php?t=2" in topics(site)


@pytest.mark.parametrize("written", [False, True])
def test_a_thread_that_its_board_no_longer_names_is_requested_once(
    site: Site, run: Run, board: Board, written: bool
) -> None:
    run(forum(site))
    deleted, below = board.bumped[4], board.bumped[-1]
    board.delete(deleted)
    if written:
        board.write(below, "This goes up")
        board.write(99, "This is new")
    site.asked.clear()

    run(forum(site))
    first = site.asked[:]
    run(forum(site))

    gone = f"/viewtopic.php?t={deleted}"
    others = {f"/viewtopic.php?t={thread}" for thread in (below, 99)} if written else set()
    assert [asked.path for asked in first].count(gone) == 1
    assert {path for path in topics(site) if "&start" not in path} == {gone, *others}
    assert site.times(gone) == 1


def test_threads_that_others_push_to_a_later_page_are_not_requested(site: Site, run: Run, board: Board) -> None:
    run(forum(site))
    for thread in range(100, 104):
        board.write(thread, "This is new")
    site.asked.clear()

    run(forum(site))

    assert sorted(topics(site)) == [f"/viewtopic.php?t={thread}" for thread in range(100, 104)]


def test_the_last_thread_of_a_board_of_one_page_is_missed_too(site: Site, run: Run) -> None:
    board = Board()
    for thread in range(3):
        board.write(thread, "A post")
    board.serve(site)
    run(forum(site))
    board.delete(0)
    site.asked.clear()

    run(forum(site))

    assert topics(site) == ["/viewtopic.php?t=0"]


@pytest.mark.parametrize("validates", [False, True])
@pytest.mark.parametrize("new", [0, 1, 3])
def test_the_last_thread_of_a_page_is_missed_too(site: Site, run: Run, board: Board, new: int, validates: bool) -> None:
    board.validates = validates
    run(forum(site))
    deleted = board.bumped[9]
    board.delete(deleted)
    for thread in range(100, 100 + new):
        board.write(thread, "This is new")
    site.asked.clear()

    for _ in range(2):
        run(forum(site))

    gone = f"/viewtopic.php?t={deleted}"
    assert site.times(gone) == 1
    assert set(topics(site)) == {gone, *(f"/viewtopic.php?t={thread}" for thread in range(100, 100 + new))}


@pytest.mark.parametrize("new", [0, 1, 3, 12])
@pytest.mark.parametrize("place", [9, 19, 29, 34])
def test_a_thread_far_down_is_missed_when_the_pages_of_its_board_are_due(
    site: Site, run: Run, board: Board, place: int, new: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(forum(site))
    deleted = board.bumped[place]
    board.delete(deleted)
    for thread in range(100, 100 + new):
        board.write(thread, "This is new")
    site.asked.clear()
    monkeypatch.setattr("crawling.crawls.now", lambda: datetime.now(UTC) + timedelta(days=1))

    run(forum(site))

    assert site.times(f"/viewtopic.php?t={deleted}") == 1


@pytest.mark.parametrize("validates", [False, True])
def test_threads_of_a_page_that_left_their_board_are_missed_and_those_that_moved_up_are_not(
    site: Site, run: Run, validates: bool
) -> None:
    board = Board(validates=validates)
    for thread in range(12):
        board.write(thread, "A post")
    board.serve(site)
    run(forum(site))
    deleted = [board.bumped[3], board.bumped[10]]
    for thread in deleted:
        board.delete(thread)
    site.asked.clear()

    for _ in range(2):
        run(forum(site))

    assert sorted(topics(site)) == sorted(f"/viewtopic.php?t={thread}" for thread in deleted)


@pytest.mark.parametrize("last", [6, 12, 25, 34])
def test_threads_of_several_pages_are_missed_when_the_pages_of_their_board_are_due(
    site: Site, run: Run, board: Board, last: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(forum(site))
    deleted = board.bumped[-last:]
    for thread in deleted:
        board.delete(thread)
    site.asked.clear()
    monkeypatch.setattr("crawling.crawls.now", lambda: datetime.now(UTC) + timedelta(days=1))

    run(forum(site))

    assert {site.times(f"/viewtopic.php?t={thread}") for thread in deleted} == {1}


def test_a_board_that_names_no_threads_for_once_keeps_its_further_pages(site: Site, run: Run, board: Board) -> None:
    run(forum(site))
    further = board.bumped[10:]
    site.routes["/viewforum.php?f=1"] = html(text="Maintenance")
    site.asked.clear()

    run(forum(site))

    assert {site.times(f"/viewtopic.php?t={thread}") for thread in further} == {0}


def test_a_last_page_that_answers_304_is_still_the_last_one(site: Site, run: Run, board: Board) -> None:
    board.validates = True
    run(forum(site))
    board.uncounted = 1
    run(forum(site))  # the board counts another post in each thread, and no page shows it
    for number in range(4):
        board.write(23, f"A new post {number}")
    site.asked.clear()

    run(forum(site))

    assert sorted(topics(site)) == [
        "/viewtopic.php?t=23",
        "/viewtopic.php?t=23&start=10",
        "/viewtopic.php?t=23&start=15",
    ]


def test_a_thread_not_read_to_its_end_is_read_again(site: Site, run: Run, board: Board) -> None:
    ended = run(forum(site, limits={"pages": 20}))
    assert ended.outcome == "limited"
    for _ in range(8):
        if run(forum(site, limits={"pages": 20})).outcome != "limited":
            break

    assert set(topics(site)) == pages_of(board)


def test_a_failed_page_of_a_thread_is_requested_in_the_next_run(site: Site, run: Run, board: Board) -> None:
    lost = "/viewtopic.php?t=23&start=5"
    site.routes[lost] = Reply(500)
    run(forum(site, politeness={"retries": 0}))
    del site.routes[lost]
    site.asked.clear()

    run(forum(site))

    assert topics(site) == [lost, "/viewtopic.php?t=23&start=10"]


def test_a_changed_thread_is_missed_without_a_memory(site: Site, tmp_path: Path, board: Board) -> None:
    with archiving() as archive:
        run = Run(tmp_path, archive)
        run(forum(site))
        site.asked.clear()
        board.write(23, "A new post")
        run(forum(site))

    assert topics(site) == []


def test_a_forum_of_an_unknown_engine_is_read_as_a_list(site: Site, run: Run) -> None:
    items = "".join(
        f"<tr><td><h3><a href=/talk/{n}>A long title of the talk with the number {n}</a></h3><time>x</time></td></tr>"
        for n in range(6)
    )
    site.routes["/"] = Reply(body=f"<!doctype html><body><table>{items}</table></body>")
    site.routes |= {f"/talk/{n}": html(text=f"Talk {n}") for n in range(6)}

    run(forum(site))

    assert sorted(site.paths) == ["/", *(f"/talk/{n}" for n in range(6))]


@pytest.mark.parametrize(
    "page",
    [
        Reply(body="<title>Welcome</title><p>Our forum has moved to another place."),
        Reply(body="<title>The forum</title><div id=root></div><p>Loading the boards."),
        Reply(body='{"categories": []}', type="application/json"),
    ],
)
def test_a_forum_walk_that_finds_no_board_and_no_thread_says_so_and_is_not_done(
    site: Site, run: Run, page: Reply
) -> None:
    site.routes["/"] = page

    first, again = run(forum(site)), run(forum(site))

    assert (first.outcome, first.reason) == ("partial", "the seeds contain no forum boards or threads")
    assert (again.outcome, again.reason) == (first.outcome, first.reason)


def test_a_forum_walk_is_done_if_it_starts_on_a_board_without_threads_below_others(
    site: Site, run: Run, board: Board
) -> None:
    for thread in list(board.threads):
        board.delete(thread)

    assert run(forum(site)).outcome == "done"


def test_a_thread_as_the_seed_of_a_walk_is_enough(site: Site, run: Run) -> None:
    board = Board()
    board.write(1, "The only post")
    board.serve(site)

    assert run(source(f"{site.url}/viewtopic.php?t=1", walk="forum")).outcome == "done"


THEME = "<header><a href=/>Our forum</a> <a href=/search>Search</a></header>{}<footer>Powered by phpBB</footer>"
SIGN_IN = "<form method=post>Name <input name=u> Password <input type=password name=p> <button>Enter</button></form>"


@pytest.mark.parametrize(
    ("instead", "kind"),
    [
        ("<div class=panel>Oops. What you are after has gone to the great archive in the sky.</div>", "soft-404"),
        ("<div class=panel>The requested topic does not exist.</div>", "soft-404"),
        (f"<div class=panel>Members only. {SIGN_IN}</div>", "login"),
    ],
)
def test_a_thread_replaced_by_a_message_or_a_login_is_not_fetched(
    site: Site, run: Run, instead: str, kind: str
) -> None:
    board = Board()
    for thread in range(1, 7):
        board.write(thread, f"The only post of {thread}")
    board.serve(site)
    site.routes["/viewtopic.php?t=3"] = Reply(body=f"<title>Our forum</title>{THEME.format(instead)}")

    outcome = run(forum(site))

    assert outcome.completeness is not None
    assert outcome.completeness["had"] == 5
    [reason] = outcome.completeness["missing"]
    assert reason.startswith(f"{kind} (")
    assert outcome.pages == 7
    assert outcome.outcome == ("partial" if kind == "login" else "done")


def test_a_thread_of_one_short_post_beside_a_login_form_is_fetched(site: Site, run: Run) -> None:
    board = Board()
    board.write(1, "Yes.")
    board.serve(site)
    whole = board.answer(Asked("GET", "/viewtopic.php?t=1", {}, b"", 0.0))
    assert isinstance(whole.body, str)
    site.routes["/viewtopic.php?t=1"] = Reply(body=whole.body.replace("<h2", f"{SIGN_IN}<h2"))

    outcome = run(forum(site))

    assert (outcome.outcome, outcome.pages) == ("done", 3)
    assert outcome.completeness is not None
    assert outcome.completeness["missing"] == {}


def test_a_page_without_posts_of_an_unknown_engine_is_archived_unchanged(site: Site, run: Run) -> None:
    articles = "".join(
        f"<article><h2><a href=/a{n}>The long title of the text {n}</a></h2></article>" for n in range(4)
    )
    site.routes["/"] = Reply(body=f"<body><main>{articles}</main></body>")
    site.otherwise = Reply(body="<title>A note</title><p>Short.")

    assert run(forum(site)).pages == 5
