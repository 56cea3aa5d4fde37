"""A forum thread: archived, read as posts, and returned as posts."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

import pytest
from journeys.household import Household, gazette
from web_of_tests.sockets import Server, Wire

SAID = (("ann", "2026-11-20 10:00", "Who decides?"), ("bob", "2026-11-20 11:30", "The board of the agency does."))
PAGE = "".join(
    f"<li id=p{number}><a href=/user/{name}>{name}</a> <span>{date}</span><div class=says>{said}</div></li>"
    for number, (name, date, said) in enumerate(SAID, 1)
)


@pytest.fixture
def forum() -> Iterator[str]:
    """The URL of a thread in a forum with an unknown engine."""

    def respond(method: str, target: str, headers: dict[str, str]) -> Wire:
        if target != "/topic/7":
            return Wire(404)
        html = f"<title>The reactor</title><h1>The reactor</h1><ul>{PAGE}</ul>"
        return Wire(200, [("Content-Type", "text/html; charset=utf-8")], html.encode())

    server = Server(respond)
    server.start()
    yield f"http://127.0.0.1:{server.port}/topic/7"
    server.stop()


def test_the_posts_of_a_page_are_returned(household: Household, forum: str) -> None:
    household.source("gazette", gazette(forum, walk="page"))
    household.run("archive", forum)

    thread = household.look("snapshot", "get", forum, "--thread").json
    snapshot = household.look("snapshot", "get", forum, "--json").json

    assert [(post["author"], post["date"], post["text"]) for post in thread["posts"]] == [
        (name, date.replace(" ", "T"), said) for name, date, said in SAID
    ]
    assert (thread["engine"], thread["title"], thread["url"]) == ("generic", "The reactor", forum)
    assert snapshot["text"]["text"] == "\n".join(said for _, _, said in SAID)
    with household.serving() as service:
        answer = service.get(snapshot["links"]["thread"])
        assert (answer.status, answer.json) == (200, thread)
        assert service.get(snapshot["links"]["thread"].replace("/topic/7", "/topic/8")).status == 404
        absent = service.get(snapshot["links"]["thread"].replace("/topic/7", "/topic/8")).json["detail"]
        assert "the archive has no capture (archived version) of" in absent
    household.look("snapshot", "get", forum, "--thread", "--text", code=2)
    for command in ("thread", "article"):
        told = household.look(command, f"{forum}0", code=5).err
        assert "the archive has no capture (archived version) of" in told and "pressmark archive URL" in told


@pytest.mark.sqlite
@pytest.mark.costly
def test_the_posts_are_restored_from_the_store_alone(household: Household, forum: str) -> None:
    household.source("gazette", gazette(forum, walk="page"))
    household.run("archive", forum)
    before = household.look("snapshot", "get", forum, "--thread").json

    for file in (*household.home.glob("pressmark.db*"), *(household.home / "spool").rglob("*.*")):
        file.unlink()
    household.run("rebuild")

    assert household.look("snapshot", "get", forum, "--thread").json == before


@pytest.mark.costly
def test_a_thread_is_found_under_its_other_addresses(household: Household, forum: str) -> None:
    household.source("gazette", gazette(forum, walk="page"))
    household.run("archive", forum)
    other = f"{forum}?extra=page%3D3&utm_source=feed"

    thread = household.look("thread", forum, "--json").json

    assert household.look("thread", other, "--json").json == thread
    with household.serving() as service:
        assert service.get(f"/api/v1/threads/latest/{other}").json == thread
        assert "The board of the agency does." in service.get(f"/thread/all/latest/{other}").text
    household.look("thread", f"{forum}?page=2", code=5)


Posts = list[tuple[str, str]]


class Changing:
    """A thread of two pages, whose posts (id, text) change between captures."""

    def __init__(self) -> None:
        self.pages: list[Posts] = [
            [("1", "Who decides about that?"), ("2", "The board of the agency does.")],
            [("3", "And who elects the board?"), ("4", "Nobody knows that.")],
        ]
        self.gone = False
        self.instead: str | None = None
        """What the thread answers with status 200 in place of its posts."""
        self._server = Server(self._respond)
        self.url = f"http://127.0.0.1:{self._server.port}/topic/7"

    def _respond(self, method: str, target: str, headers: dict[str, str]) -> Wire:
        number = {"/topic/7": 0, "/topic/7?page=2": 1}.get(target)
        if number is None or self.gone:
            return Wire(404)
        if self.instead is not None:
            html = f"<title>Our forum</title><nav><a href=/>Our forum</a></nav><div class=panel>{self.instead}</div>"
            return Wire(200, [("Content-Type", "text/html; charset=utf-8")], html.encode())
        posts = "".join(
            f"<li id=p{key}><a href=/user/u{key}>u{key}</a> <span>2026-11-20 10:0{key}</span><p class=says>{said}</p>"
            for key, said in self.pages[number]
        )
        following = "" if number else "<a rel=next href='?page=2'>2</a>"
        html = f"<title>The reactor</title><h1>The reactor</h1><ul>{posts}</ul>{following}"
        return Wire(200, [("Content-Type", "text/html; charset=utf-8")], html.encode())

    def __enter__(self) -> Changing:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()


def test_a_thread_is_joined_over_its_pages_with_the_history_of_its_posts(household: Household) -> None:
    with Changing() as forum:
        household.source("gazette", gazette(forum.url, walk="page"))
        household.run("archive", forum.url)
        alone = household.look("thread", forum.url, "--json").json
        household.run("archive", f"{forum.url}?page=2")
        first = household.look("thread", forum.url, "--json").json
        forum.pages = [
            [("1", "Who decides?"), ("2", "The board of the agency does.")],
            [("4", "Nobody knows that."), ("5", "I do.")],
        ]
        household.run("archive", forum.url)
        household.run("archive", f"{forum.url}?page=2")

        whole = household.look("thread", f"{forum.url}?page=2", "--json").json
        history = household.look("thread", forum.url, "--json").json

    assert (alone["complete"], alone["missing"]) == (False, [f"{forum.url}?page=2"])
    assert (first["complete"], [post["id"] for post in first["posts"]]) == (True, ["1", "2", "3", "4"])
    assert whole == history
    posts = {post["id"]: post for post in history["posts"]}
    assert list(posts) == ["1", "2", "3", "4", "5"]
    assert [edit["text"] for edit in posts["1"]["edits"]] == ["Who decides about that?"]
    assert {key for key, post in posts.items() if post["deleted"]} == {"3"}
    assert posts["5"]["added"] > posts["4"]["added"]
    with household.serving() as service:
        assert service.get(f"/api/v1/threads/latest/{forum.url}").json == history
        assert service.get("/api/v1/threads/latest/http://nowhere.example/").status == 404
    household.look("thread", "http://nowhere.example/", code=5)


def test_a_thread_that_no_longer_exists_is_deleted_with_its_posts(household: Household) -> None:
    with Changing() as forum:
        household.source("gazette", gazette(forum.url, walk="page"))
        for page in (forum.url, f"{forum.url}?page=2"):
            household.run("archive", page)
        there = household.look("thread", forum.url, "--json").json
        forum.gone = True
        household.run("archive", forum.url, code=1)

        history = household.look("thread", f"{forum.url}?page=2", "--json").json
        told = household.look("thread", forum.url)

    assert (there["deleted"], {post["deleted"] for post in there["posts"]}) == (None, {None})
    assert history["deleted"] and {post["deleted"] for post in history["posts"]} == {history["deleted"]}
    assert [post["text"] for post in history["posts"]] == [post["text"] for post in there["posts"]]
    assert "the thread was gone from the site when Pressmark checked it on " in told.err + told.out
    assert "what shows it: status 404" in told.err + told.out


LOGIN = "<p>Members only: please say who you are.</p><form>Name <input name=u> Key <input type=password name=p></form>"


@pytest.mark.parametrize(
    ("instead", "why"),
    [
        ("<p>This topic has been deleted.</p>", 'the words "topic has been deleted"'),
        pytest.param(
            "<p>What you look for went to the sea.</p>",
            'no post, but the message "What you look for went to the sea."',
            marks=pytest.mark.costly,
        ),
        pytest.param(LOGIN, None, marks=pytest.mark.costly),
    ],
    ids=["known words", "other words", "a login"],
)
def test_a_thread_whose_page_is_only_a_message_now_is_deleted_and_keeps_its_posts(
    household: Household, instead: str, why: str | None
) -> None:
    with Changing() as forum:
        household.source("gazette", gazette(forum.url, walk="page"))
        household.run("archive", forum.url)
        there = household.look("thread", forum.url, "--json").json
        forum.instead = instead
        household.run("archive", forum.url, code=None)
        history = household.look("thread", forum.url, "--json").json
        told = household.look("thread", forum.url)

    assert (history["deleted"] is not None, history["deleted_why"]) == (why is not None, why)
    assert [post["text"] for post in history["posts"]] == [post["text"] for post in there["posts"]]
    assert ("what shows it: " in told.err + told.out) == (why is not None)
    if why is not None:
        with household.serving() as service:
            page = service.get(f"/thread/all/latest/{forum.url}").text
            assert "The site no longer has this thread" in page
            assert escape(why, quote=True).replace("&quot;", "&#34;") in page
            assert service.get(f"/api/v1/threads/latest/{forum.url}").json["deleted_why"] == why
