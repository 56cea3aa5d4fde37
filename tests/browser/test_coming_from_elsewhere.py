"""Permanent links on pages of other sites, for users with and without a session."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from browser.conftest import TOKEN, serving, session_of
from browser.strangers import Stranger
from journeys.household import Served
from playwright.sync_api import Page
from specimens.segments import SegmentFile, answered

pytestmark = pytest.mark.system

URL = "http://kept.example/news?id=1&x=%2525"
LINK = f"/view/text/latest/{URL}"


@pytest.fixture(scope="module")
def served(
    tmp_path_factory: pytest.TempPathFactory, keep: Callable[[Path, Callable[[SegmentFile], None]], None]
) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("elsewhere") / "home"
    home.mkdir()
    keep(home, lambda segment: segment.write(answered(URL, b"<p>kept</p>")) and None)
    with serving(home) as service:
        yield service


def elsewhere(stranger: Stranger, target: str) -> str:
    """A page of another site that links to one of ours."""
    page = stranger.has("/links", f'<a href="{target}">a source</a>')
    return page.replace("127.0.0.1", "localhost")


def test_a_logged_in_user_who_comes_from_another_site_need_not_log_in_again(
    served: Served, stranger: Stranger, page: Page
) -> None:
    page.context.add_cookies([session_of(served)])
    page.goto(elsewhere(stranger, served.url + LINK))
    page.get_by_role("link", name="a source").click()
    page.get_by_role("link", name="Cite").wait_for()

    assert page.url == served.url + LINK


def test_a_user_without_a_session_enters_the_token_and_then_sees_the_linked_page(
    served: Served, stranger: Stranger, page: Page
) -> None:
    page.goto(elsewhere(stranger, served.url + LINK))
    page.get_by_role("link", name="a source").click()
    page.get_by_label("Access token").fill(TOKEN)
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Cite").wait_for()

    assert page.url == served.url + LINK


def test_no_link_of_another_site_archives_a_page(served: Served, stranger: Stranger, page: Page) -> None:
    page.context.add_cookies([session_of(served)])
    page.goto(elsewhere(stranger, f"{served.url}/save/{stranger.url}/kept"))
    page.get_by_role("link", name="a source").click()
    page.get_by_label("Access token").wait_for()

    assert urlsplit(page.url).path == "/login"
    assert served.get("/api/v1/runs", Authorization=f"Bearer {TOKEN}").json["items"] == []
