"""Sources as cards: the choice is remembered, and each card has a picture that its reader may see."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from services.illustrated import HIDDEN, IMAGE, OLD_PAGE, PNG, illustrated
from services.retrieving import Retrieving

from pressmark.service.access.roles import Role
from pressmark.web.looks.cards import placeholder

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Retrieving]:
    with illustrated(tmp_path / "home") as made:
        yield made


def look(archive: Retrieving, **chosen: str) -> tuple[int, str, list[str]]:
    """Send the form, and return the status, where it leads, and the cookies that it sets."""
    connection = http.client.HTTPConnection(archive.url.removeprefix("http://").rstrip("/"), timeout=30)
    connection.request("POST", "/sources/look", urlencode(chosen), {"Content-Type": FORM})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, answer.headers["Location"], answer.headers.get_all("Set-Cookie") or []


def test_a_choice_is_remembered_in_a_cookie_and_leads_back(archive: Retrieving) -> None:
    status, where, cookies = look(archive, layout="cards", next="/sources?tag=a")
    name, _, value = cookies[0].partition(";")[0].partition("=")
    before = archive.text("/sources")
    after = archive.get("/sources", Cookie=f"{name}={value}")[2].decode()

    assert (status, where, len(cookies)) == (303, "/sources?tag=a", 1)
    assert "HttpOnly" in cookies[0] and "SameSite=strict" in cookies[0]
    assert '<ul class="tiles">' not in before and '<table aria-labelledby="sources"' in before
    assert '<ul class="tiles">' in after and '<table aria-labelledby="sources"' not in after
    assert re.findall(r'src="/sources/([\w-]+)/picture"', after) == ["empty-pages", "news", "vault"]
    assert after.count('name="source"') == 3, "cards can be selected, too"


@pytest.mark.parametrize("path", ["/", "/sources", "/runs", "/timetable"])
def test_compact_rows_hold_for_every_page(archive: Retrieving, path: str) -> None:
    _, _, [cookie] = look(archive, density="compact")
    page = archive.get(path, Cookie=cookie.partition(";")[0])[2].decode()

    assert '<body class="compact">' in page
    assert '<body class="compact">' not in archive.text(path)


def test_an_unknown_choice_and_a_foreign_target_change_nothing(archive: Retrieving) -> None:
    assert look(archive, layout="round", density="", next="//elsewhere.example/") == (303, "/", [])
    assert '<ul class="tiles">' not in archive.get("/sources", Cookie="pressmark_layout=round")[2].decode()


def test_the_card_of_a_source_shows_the_newest_archived_lead_image_from_the_origin_of_replay(
    archive: Retrieving,
) -> None:
    status, headers, _ = archive.get("/sources/news/picture")
    assert archive.stage is not None
    origin = archive.stage.origin_for(archive.url.rstrip("/"))
    shown = archive.ask("GET", headers["Location"])
    policy = archive.get("/sources")[1]["Content-Security-Policy"]

    assert (status, headers["Cache-Control"]) == (302, "private, max-age=300")
    assert headers["Location"].startswith(f"{origin}/") and headers["Location"].endswith(f"im_/{IMAGE}")
    assert (shown[0], shown[1]["Content-Type"], shown[2]) == (200, "image/png", PNG)
    assert f"img-src 'self' {origin};" in policy
    assert origin not in archive.get("/runs")[1]["Content-Security-Policy"]


def test_a_source_without_an_archived_image_has_a_placeholder(archive: Retrieving) -> None:
    status, headers, body = archive.get("/sources/empty-pages/picture")

    assert (status, headers["Content-Type"]) == (200, "image/svg+xml")
    assert "sandbox" in headers["Content-Security-Policy"]
    assert ">EP</text>" in body.decode()
    assert placeholder("empty-pages") != placeholder("empty-papers")


def test_an_image_that_was_taken_down_is_not_shown(archive: Retrieving) -> None:
    archive.service.take_downs.add(IMAGE, "a request", by="ada")
    status, headers, _ = archive.get("/sources/news/picture")

    assert (status, headers["Content-Type"]) == (200, "image/svg+xml")


def test_the_picture_of_a_closed_source_is_for_those_who_may_read_it(archive: Retrieving) -> None:
    asked = {}
    for role in (Role.READ, Role.CURATE):
        bearer = f"Bearer {archive.service.access.add_token(role.value, role)[1]}"
        asked[role] = archive.get("/sources/vault/picture", Authorization=bearer)

    assert asked[Role.CURATE][0] == 302 and HIDDEN in asked[Role.CURATE][1]["Location"]
    assert asked[Role.READ][0] == 404 and b"vault.example" not in asked[Role.READ][2]


def test_the_picture_of_a_page_that_was_taken_down_is_not_shown_either(archive: Retrieving) -> None:
    archive.service.take_downs.add(OLD_PAGE, "a request", by="ada")

    assert archive.get("/sources/news/picture")[1]["Content-Type"] == "image/svg+xml"


def test_an_unknown_source_has_no_picture(archive: Retrieving) -> None:
    assert archive.get("/sources/nobody/picture")[0] == 404
