"""The bookmark that archives and cites a page: it opens our form from any site, and only the button acts."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote, urlsplit

import pytest
from browser.axe import broken_in
from browser.conftest import TOKEN, session_of
from browser.english import english_in
from browser.strangers import Stranger
from journeys.household import QUICK, Household, Served, gazette
from playwright.sync_api import Browser, Page, expect
from services.waiting import eventually

pytestmark = pytest.mark.system
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def site() -> Iterator[Stranger]:
    """A site that the service may archive."""
    with Stranger() as server:
        yield server


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, site: Stranger) -> Iterator[Served]:
    household = Household(tmp_path_factory.mktemp("bookmark") / "home", {**QUICK, "PRESSMARK_TOKEN": TOKEN})
    household.source("gazette", gazette(f"{elsewhere(site.url)}/", walk="page"))
    with household.serving() as service:
        yield service


def elsewhere(url: str) -> str:
    """Return the same URL with another host name: for a browser, that is another site than the service."""
    return url.replace("127.0.0.1", "localhost")


def runs(served: Served) -> list[object]:
    found: list[object] = served.ask("GET", "/api/v1/runs", headers=BEARER).json["items"]
    return found


def bookmark(served: Served) -> str:
    """Return the script of the bookmark, as the page shows it."""
    page = served.ask("GET", "/archive", headers=BEARER).text
    return page.partition('data-text="bookmark">javascript:')[2].partition("</pre>")[0].replace("&#39;", "'")


def press(page: Page, served: Served) -> None:
    """Press the bookmark: its script runs in the page that is open."""
    page.evaluate(bookmark(served))
    page.wait_for_url(f"{served.url}/**")


def test_the_bookmark_opens_the_form_with_the_page_and_its_button_leads_to_a_citation(
    served: Served, site: Stranger, page: Page
) -> None:
    page.context.add_cookies([session_of(served)])
    text = "<title>Pilot</title><p>The pilot boat left at noon with the new crew.</p>"
    own = elsewhere(site.has("/a?b=1&c=%E6%B8%AF", text))
    page.goto(own)
    before = runs(served)
    press(page, served)
    field = page.get_by_label("URL of a page")
    expect(field).to_have_value(own)
    page.keyboard.press("Enter")
    expect(field).to_have_value(own)
    unchanged = runs(served)
    page.get_by_role("button", name="Archive now").click()
    page.get_by_role("link", name="Cite").click()
    page.wait_for_url("**/view/cite/**")
    citation = page.locator("[data-text=apa]")
    eventually(lambda: "Pilot" in citation.inner_text() or not page.reload())  # once the text is extracted
    cited = page.locator("main").inner_text()
    page.goto(own)
    press(page, served)
    page.get_by_role("link", name="Cite this capture").click()
    page.wait_for_url("**/view/cite/**")

    assert before == unchanged, "neither a GET nor a key archives anything"
    assert "@online{" in cited and "Archive and cite from any page" in cited


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_who_has_to_log_in_comes_to_the_form_with_the_page_afterwards(
    served: Served, stranger: Stranger, page: Page, host: str
) -> None:
    page.goto(stranger.has("/elsewhere", "<p>a page</p>").replace("127.0.0.1", host))
    press(page, served)
    page.get_by_label("Access token").fill(TOKEN)
    page.keyboard.press("Enter")

    expect(page.get_by_label("URL of a page")).to_have_value(f"http://{host}:{urlsplit(stranger.url).port}/elsewhere")


def test_no_page_of_another_site_presses_the_button(served: Served, stranger: Stranger, page: Page) -> None:
    page.context.add_cookies([session_of(served)])
    before = runs(served)
    fields = f'<input name=url value="{stranger.url}/kept"><button>go</button>'
    page.goto(stranger.has("/form", f'<form method=post action="{served.url}/archive">{fields}</form>'))
    with page.expect_response("**/archive") as answered:
        page.get_by_role("button").click()
    framed = stranger.has("/frame", f'<iframe src="{served.url}/archive?url={quote(stranger.url)}/kept"></iframe>')
    page.goto(framed, wait_until="load")
    shown = page.frames[-1].locator("button").count()

    assert answered.value.status == 403
    assert shown == 0
    assert runs(served) == before


@pytest.mark.parametrize(("locale", "language"), [("en-GB", "en"), ("zh-CN", "zh-Hans")])
def test_the_form_is_accessible_in_both_languages_also_for_an_address_that_no_page_has(
    served: Served, browser: Browser, locale: str, language: str
) -> None:
    context = browser.new_context(locale=locale, viewport={"width": 360, "height": 740})
    context.add_cookies([session_of(served)])
    page, broken, english, wide = context.new_page(), {}, set[str](), []
    for path in (
        "/archive",
        f"/archive?url={quote('https://nobody.example/a b')}",
        "/archive?url=https://nobody.example/",
    ):
        page.goto(served.url + path)
        broken |= broken_in(page, path, language)
        english |= english_in(page.content())
        wide.append(page.evaluate("document.documentElement.scrollWidth > innerWidth"))
    context.close()

    assert (broken, english, wide) == ({}, set(), [False] * 3)
