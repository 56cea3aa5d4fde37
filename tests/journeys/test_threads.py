"""A thread of a forum: kept, read as its posts, and given back as them."""

from __future__ import annotations

from collections.abc import Iterator

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
    """The URL of a thread in a forum of no engine that is known."""

    def respond(method: str, target: str, headers: dict[str, str]) -> Wire:
        if target != "/topic/7":
            return Wire(404)
        html = f"<title>The reactor</title><h1>The reactor</h1><ul>{PAGE}</ul>"
        return Wire(200, [("Content-Type", "text/html; charset=utf-8")], html.encode())

    server = Server(respond)
    server.start()
    yield f"http://127.0.0.1:{server.port}/topic/7"
    server.stop()


def test_the_posts_of_a_page_are_given_back(household: Household, forum: str) -> None:
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
    household.look("snapshot", "get", forum, "--thread", "--text", code=2)


def test_the_posts_come_back_from_the_store_alone(household: Household, forum: str) -> None:
    household.source("gazette", gazette(forum, walk="page"))
    household.run("archive", forum)
    before = household.look("snapshot", "get", forum, "--thread").json

    for file in (*household.home.glob("pressmark.db*"), *(household.home / "spool").rglob("*.*")):
        file.unlink()
    household.run("rebuild")

    assert household.look("snapshot", "get", forum, "--thread").json == before
