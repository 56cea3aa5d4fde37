"""The dialog that "/" and Ctrl-K open on every page: letters, arrows and Enter lead to a page or a source."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser.axe import violations
from browser.english import english_in
from playwright.sync_api import Browser, Page, expect
from services.retrieving import Retrieving
from services.source_forms import archive_with

pytestmark = pytest.mark.system
GAZETTE = "source: gazette\nseeds: [http://news.example/]\n"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retrieving]:
    with archive_with(
        tmp_path_factory.mktemp("go"), gazette="source: gazette\nseeds: [http://news.example/]\n"
    ) as made:
        yield made


@pytest.fixture
def reader(archive: Retrieving, browser: Browser) -> Iterator[Page]:
    page = browser.new_page(locale="zh-CN")
    page.goto(f"{archive.url}/runs")
    yield page
    page.close()


def test_a_slash_finds_a_source_and_enter_opens_it(reader: Page) -> None:
    reader.keyboard.press("/")
    links = reader.locator("#go-found a")
    expect(links.first).to_be_visible()
    reader.keyboard.type("gazette")
    expect(links.first).to_have_text("gazette")
    broken, english = violations(reader), english_in(reader.content())
    reader.keyboard.press("Enter")
    reader.wait_for_url("**/sources/gazette")

    assert (broken, english) == ({}, set())


def test_enter_opens_a_page_and_never_does_what_a_button_does(reader: Page, archive: Retrieving) -> None:
    reader.keyboard.press("/")
    reader.locator("#go input[name=q]").fill("pause")
    expect(reader.locator("#go-found button").first).to_be_visible()
    reader.keyboard.press("Enter")
    reader.wait_for_url(lambda url: not url.endswith("/runs"))

    assert archive.service.pauses.all() == {}


def test_control_k_and_the_arrows_reach_a_page_also_from_a_field(reader: Page, archive: Retrieving) -> None:
    reader.goto(f"{archive.url}/search")
    reader.locator("main input[name=q]").focus()
    reader.keyboard.press("/")
    typed = reader.locator("main input[name=q]").input_value()
    reader.keyboard.press("Control+k")
    reader.locator("#go input[name=q]").fill("timetable")
    expect(reader.locator("#go-found a").first).to_have_attribute("href", "/timetable")
    reader.keyboard.press("ArrowDown")
    reader.keyboard.press("Enter")
    reader.wait_for_url("**/timetable")

    assert typed == "/", "a field gets the letter"


def test_the_slash_can_be_turned_off_and_the_link_still_opens_the_dialog(reader: Page) -> None:
    dialog = reader.locator("#go")
    reader.locator("nav a[href='/search/go']").click()
    reader.locator("#go-keys").uncheck()
    reader.keyboard.press("Escape")
    reader.keyboard.press("/")
    after_slash = dialog.is_visible()
    reader.keyboard.press("Control+k")

    expect(dialog).to_be_visible()
    assert after_slash is False


def test_without_scripts_the_link_leads_to_a_form(archive: Retrieving, browser: Browser) -> None:
    page = browser.new_page(java_script_enabled=False)
    page.goto(f"{archive.url}/runs")
    page.locator("nav a[href='/search/go']").click()
    page.locator("main input[name=q]").fill("gazette")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/go?q=gazette")
    page.locator("#found a").first.click()
    page.wait_for_url("**/sources/gazette")
    page.close()
