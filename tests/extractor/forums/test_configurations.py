"""An engine is recognized, and its boards, threads and posts are read, however the forum is configured."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from specimens.forum_configurations import (
    REWRITTEN,
    Change,
    ForumPage,
    forum_pages,
    in_folder,
    in_language,
    in_theme,
    rewritten,
)

from extractor.forums.registry import forum_links, forum_of, read_thread
from extractor.html.page import Page
from extractor.links.signature import signature

AT = datetime(2026, 11, 24, tzinfo=UTC)
PAGES = list(forum_pages())
ENGINES = (
    *("mybb", "phpbb", "discuz", "smf", "vbulletin4", "xenforo2", "fluxbb", "flarum", "discourse", "nodebb"),
    *("flaskbb", "misago", "spirit", "bbpress"),
)


def same(text: str) -> str:
    return text


CONFIGURATIONS: dict[str, Change] = {
    "plain": same,
    "folder": in_folder,
    "language": in_language,
    "theme": in_theme,
}


@dataclass(frozen=True)
class Read:
    """What is read of a page: its engine, and the addresses and posts that a crawl needs."""

    engine: str
    threads: tuple[str, ...]
    boards: tuple[str, ...]
    next: str | None
    page: int | None
    home: str | None
    posts: tuple[tuple[str | None, str | None, str | None], ...]
    links: tuple[str | None, ...]


def read(page: ForumPage, url: Change, html: Change) -> Read:
    body = Page(url(page.url).replace("&amp;", "&"), html(page.html).encode(), "text/html; charset=utf-8")
    engine, links, thread = forum_of(body), forum_links(body, AT), read_thread(body, AT)
    assert engine is not None and links is not None, "the engine is not recognized"
    return Read(
        engine.name,
        tuple(link.url for link in links.threads),
        links.boards,
        links.next,
        links.page,
        thread.home if thread is not None else None,
        tuple((post.id, post.author, post.date) for post in thread.posts) if thread is not None else (),
        tuple(post.url for post in thread.posts) if thread is not None else (),
    )


def moved(plain: Read, url: Change) -> Read:
    """Return what a page says with the addresses of another configuration."""

    def address(text: str) -> str:
        return url(text).replace("&amp;", "&")

    return Read(
        plain.engine,
        tuple(map(address, plain.threads)),
        tuple(map(address, plain.boards)),
        plain.next and address(plain.next),
        plain.page,
        plain.home and address(plain.home),
        plain.posts,
        tuple(link and address(link) for link in plain.links),
    )


@pytest.mark.parametrize("name", CONFIGURATIONS)
@pytest.mark.parametrize("form", ["plain", "rewritten"])
@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_page_is_read_in_every_configuration(page: ForumPage, form: str, name: str) -> None:
    rules = rewritten(REWRITTEN.get(page.engine, ())) if form == "rewritten" else same
    change = CONFIGURATIONS[name]
    moves = in_folder if name == "folder" else same

    found = read(page, lambda text: moves(rules(text)), lambda text: change(rules(text)))

    plain = read(page, same, same)
    assert found == moved(plain, lambda text: moves(rules(text)))
    has = {"index": plain.boards, "board": plain.threads, "thread": plain.posts}
    assert plain.engine == page.engine
    assert has[page.kind]


@pytest.mark.parametrize("page", [page for page in PAGES if page.engine in ("discuz", "mybb")], ids=str)
def test_a_page_with_another_token_of_its_forms_says_the_same(page: ForumPage) -> None:
    def with_token(token: str) -> Page:
        form = f"<form action='post?formhash={token}'><input type=hidden name=formhash value={token}></form>"
        link = f"<a href='misc.php?action=markread&amp;my_post_key={token}'>Mark</a>"
        body = page.html.replace("</body>", f"{form}{link}</body>")
        assert token in body
        return Page(page.url, body.encode(), "text/html; charset=utf-8")

    one, other = with_token("b3c4d5e6"), with_token("00ff00ff")

    assert signature(one) == signature(other)
    assert (read_thread(one, AT), forum_links(one, AT)) == (read_thread(other, AT), forum_links(other, AT))
    assert signature(one) != signature(Page(page.url, page.html.replace("</body>", "New</body>").encode()))


@pytest.mark.parametrize("engine", ENGINES)
def test_each_engine_has_a_list_of_boards_a_board_and_a_thread_among_the_pages(engine: str) -> None:
    assert {page.kind for page in PAGES if page.engine == engine} == {"index", "board", "thread"}


@pytest.mark.parametrize(
    ("engine", "boards"),
    [
        ("misago", ["/c/policy-science/3/", "/c/telescopes/5/", "/c/mirrors/6/"]),
        ("flarum", ["/t/policy", "/t/telescopes", "/t/mirrors"]),
        ("vanilla", ["/categories/policy"]),
        ("vbulletin3", ["/forumdisplay.php?f=2"]),
    ],
)
def test_a_list_of_boards_names_each_of_them_and_no_thread(engine: str, boards: list[str]) -> None:
    page = next(page for page in PAGES if (page.engine, page.kind) == (engine, "index"))

    found = read(page, same, same)

    assert [url.removeprefix("https://forum.example") for url in found.boards] == boards
    assert found.threads == ()


def test_each_rewriting_changes_the_addresses_of_its_engine() -> None:
    for page in PAGES:
        if page.engine in REWRITTEN:
            assert rewritten(REWRITTEN[page.engine])(page.html) != page.html, str(page)
