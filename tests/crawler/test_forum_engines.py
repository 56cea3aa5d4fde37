"""Forums of unknown engines, walks without a forum, and answers in place of threads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from crawling.board import Board
from crawling.crawls import Run, forum, remembering, source
from crawling.site import Asked, Reply, Site, html
from specimens.forum_configurations import HOST, REWRITTEN, forum_pages, in_folder, rewritten

from extractor.forums.registry import forum_links
from extractor.html.page import Page
from extractor.values.identity import without_tracking


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    with remembering(tmp_path) as run:
        yield run


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

    assert (first.outcome, first.reason) == (
        "partial",
        "the start URLs of the source show no forum boards or threads; choose another walk (crawl method)",
    )
    assert (again.outcome, again.reason) == (first.outcome, first.reason)


CONFIGURED = [
    (engine, folder)
    for engine in ("mybb", "phpbb", "discuz", "smf", "fluxbb", "xenforo2", "vbulletin4", "bbpress", "nodebb", "flaskbb")
    for folder in (False, True)
]


@pytest.mark.parametrize(("engine", "folder"), CONFIGURED)
def test_a_forum_with_rewritten_urls_is_walked_to_its_threads(site: Site, run: Run, engine: str, folder: bool) -> None:
    rules = rewritten(REWRITTEN.get(engine, ()))
    pages = {page.kind: page for page in forum_pages() if page.engine == engine}

    def here(text: str) -> str:
        moved = in_folder(rules(text)) if folder else rules(text)
        return moved.replace(HOST, site.url)

    index, board = (here(pages[kind].html) for kind in ("index", "board"))
    links = forum_links(Page(here(pages["index"].url), index.encode()))
    assert links is not None
    site.routes |= {urlsplit(url)._replace(scheme="", netloc="").geturl(): Reply(body=board) for url in links.boards}
    site.routes[urlsplit(here(pages["index"].url)).path] = Reply(body=index)
    site.otherwise = Reply(body=here(pages["thread"].html))
    threads = forum_links(Page(links.boards[0], board.encode()))
    assert threads is not None and threads.threads

    run(source(here(pages["index"].url), walk="forum"))

    expected = {urlsplit(without_tracking(thread.url)).path for thread in threads.threads}
    assert {path.partition("?")[0] for path in site.paths} >= expected


def test_a_thread_as_the_seed_of_a_walk_is_enough(site: Site, run: Run) -> None:
    board = Board()
    board.write(1, "The only post")
    board.serve(site)

    assert run(source(f"{site.url}/viewtopic.php?t=1", walk="forum")).outcome == "done"


def test_all_pages_of_a_thread_as_the_seed_are_taken_and_later_what_was_added(site: Site, run: Run) -> None:
    board = Board()
    for number in range(12):
        board.write(1, f"The post {number}")
    board.serve(site)
    pages = [f"/viewtopic.php?t=1{start}" for start in ("", "&start=5", "&start=10", "&start=15")]

    run(source(f"{site.url}/viewtopic.php?t=1", walk="forum"))
    first = site.paths.copy()
    for number in range(5):
        board.write(1, f"A new post {number}")
    site.asked.clear()
    run(source(f"{site.url}/viewtopic.php?t=1", walk="forum"))

    assert first == pages[:3]
    assert [page for page in site.paths if page in (pages[0], *pages[2:])] == [pages[0], *pages[2:]]


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
