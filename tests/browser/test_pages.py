"""Our own pages in a real browser: no WCAG 2.2 AA violation that axe finds, keyboard, languages, no script needed."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from browser.axe import THEMES, broken_in, violations
from browser.conftest import TOKEN, session_of
from browser.english import english_in
from browser.world import ARTICLE, BEARER, World, ask, populated
from conftest import figure
from journeys.household import gazette
from playwright.sync_api import Browser, Page, expect
from services.waiting import eventually

pytestmark = pytest.mark.system

STATUS = {"no such page": 404, "taken down": 451}
"""Of the pages whose status is not 200."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with populated(tmp_path_factory) as made:
        yield made


@pytest.fixture
def reader(world: World, page: Page) -> Page:
    page.context.add_cookies([session_of(world.served)])
    return page


@pytest.mark.slow
@pytest.mark.timeout(900)  # two themes of each page, on a busy machine
@pytest.mark.parametrize(("locale", "language"), [("en-GB", "en"), ("zh-CN", "zh-Hans")])
def test_no_page_violates_wcag_in_light_or_dark(world: World, browser: Browser, locale: str, language: str) -> None:
    """The sample looks at each page once: every other one in English and light, the others in Chinese and dark."""
    chinese = language != "en"
    themes = figure(THEMES[1:] if chinese else THEMES[:1], THEMES, THEMES)
    pages = list(world.paths().items())[figure(slice(chinese, None, 2), slice(None), slice(None))]
    context = browser.new_context(locale=locale)
    broken: dict[str, dict[str, list[str]]] = {}
    context.add_cookies([session_of(world.served)])
    page = context.new_page()
    for name, path in pages:
        answer = page.goto(world.served.url + path)
        assert answer is not None and answer.status == STATUS.get(name, 200), name
        broken |= broken_in(page, name, language, themes)
    context.clear_cookies()
    page.goto(f"{world.served.url}/login")
    broken |= broken_in(page, "login", language, themes)
    context.close()

    assert broken == {}


@pytest.mark.costly
@pytest.mark.timeout(900)
def test_text_has_a_contrast_of_seven_to_one_where_readers_want_more(world: World, reader: Page) -> None:
    """WCAG 1.4.6 (AAA): 7:1, and 4.5:1 for large text. Without that wish of the reader, not every text has it."""
    broken: dict[str, list[str]] = {}
    for name, path in world.paths().items():
        reader.goto(world.served.url + path)
        for theme in THEMES:
            reader.emulate_media(color_scheme=theme, contrast="more")
            if found := violations(reader, ["color-contrast-enhanced"]):
                broken[f"{name}, {theme}"] = found["color-contrast-enhanced"]
    reader.goto(world.served.url)
    reader.emulate_media(color_scheme="light", contrast="no-preference")
    control = violations(reader, ["color-contrast-enhanced"])

    assert broken == {}
    assert control


def test_a_violated_rule_is_detected(reader: Page) -> None:
    reader.set_content("<html><title>x</title><main><h1>x</h1><input><p style='color: #bbb'>pale</p></main></html>")

    assert {"label", "color-contrast", "html-has-lang"} <= violations(reader).keys()


def test_pages_violate_none_of_their_own_policies_and_their_scripts_run_without_errors(
    world: World, reader: Page
) -> None:
    complaints: list[str] = []
    reader.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    reader.on("pageerror", lambda error: complaints.append(str(error)))
    for name, path in world.paths().items():
        if STATUS.get(name, 200) == 200:  # Chromium logs a page with an error status as one
            reader.goto(world.served.url + path)

    assert complaints == []


def test_a_page_has_its_style_before_anything_else_has_loaded(world: World, reader: Page) -> None:
    reader.route("**/static/**", lambda route: route.abort())
    reader.goto(f"{world.served.url}/runs")

    expect(reader.locator(".skip")).to_have_css("position", "absolute")
    expect(reader.locator("td.number").first).to_have_css("text-align", "right")


STYLED = """() => new Promise(told => {
    document.addEventListener("securitypolicyviolation", broken => told(broken.effectiveDirective));
    document.head.append(Object.assign(document.createElement("style"), {textContent: "h1 { color: rgb(255, 0, 0) }"}));
})"""


def test_only_our_own_style_is_applied(world: World, reader: Page) -> None:
    reader.goto(f"{world.served.url}/runs")

    assert reader.evaluate(STYLED) == "style-src-elem"
    expect(reader.locator("h1")).not_to_have_css("color", "rgb(255, 0, 0)")


def test_everything_is_in_chinese_for_readers_of_chinese(world: World, browser: Browser) -> None:
    context = browser.new_context(locale="zh-CN")
    context.add_cookies([session_of(world.served)])
    page = context.new_page()
    page.goto(world.served.url)
    by_header = page.get_by_role("heading", level=1).inner_text(), page.locator("html").get_attribute("lang")
    page.get_by_role("button", name="English").click()
    chosen = page.get_by_role("heading", level=1).inner_text()
    page.goto(f"{world.served.url}/captures?url=https://nobody.example/&x=1")
    page.get_by_role("button", name="简体中文").click()
    page.wait_for_url("**/captures?url=https://nobody.example/&x=1")
    back = page.get_by_role("status").inner_text()
    context.close()

    assert by_header == ("概览", "zh-Hans")
    assert chosen == "Overview"
    assert back == "存档库中没有 https://nobody.example/ 的任何版本。"


def test_no_english_is_left_on_pages_in_chinese(world: World) -> None:
    paths = {name: path for name, path in world.paths().items() if name != "docs"} | {"login": "/login"}
    asked = {"Authorization": BEARER, "Accept": "text/html", "Accept-Language": "zh-CN"}
    pages = {name: world.served.ask("GET", path, headers=asked).text for name, path in paths.items()}
    found = {name: english for name, page in pages.items() if (english := english_in(page))}
    in_english = world.served.ask("GET", "/", headers=asked | {"Accept-Language": "en"}).text

    assert found == {}
    assert {"Overview", "Find captures"} <= english_in(in_english.replace('<html lang="en">', '<html lang="zh-Hans">'))


def test_a_user_logs_in_inspects_a_site_and_adds_it(world: World, page: Page) -> None:
    page.goto(f"{world.served.url}/add")
    page.get_by_label("Access token").fill(TOKEN)
    page.keyboard.press("Enter")
    page.wait_for_url("**/add")
    page.get_by_label("URL of any page of the site").fill(f"{world.paper.url}/")
    page.get_by_label("Name of the source").fill("by-hand")
    page.get_by_text("The site is on your own network").click()
    page.get_by_label("Private networks").fill("127.0.0.0/8")
    page.get_by_role("button", name="Check the site").click()
    page.get_by_role("heading", name="Test fetch").wait_for()
    seen = page.locator("main").inner_text()
    broken = violations(page)
    before = ask(world.served, "GET", "/api/v1/sources/by-hand").status
    text = page.get_by_label("You can edit this file")
    text.fill(re.sub("every: [^}]*", "cron: '30 2 * * *', timezone: Europe/Berlin", text.input_value(), count=1))
    page.get_by_role("button", name="Show the next run times").click()
    page.wait_for_url("**/add/times")
    times = page.locator("ul.times li").all_inner_texts(), page.locator("main").inner_text()
    text.fill(text.input_value().replace("walk: feed", "walk: page"))
    page.get_by_role("button", name="Save source").click()
    page.wait_for_url("**/sources/by-hand")
    after = ask(world.served, "GET", "/api/v1/sources/by-hand")
    world.household.look("source", "remove", "by-hand", "--yes")

    assert "200" in seen and "allowed" in seen and "another text about the queue" in seen
    assert "Next runs" in seen and "Links" in seen
    assert "Summer time does not change these schedules" in seen
    assert len(times[0]) == 5 and all("02:30" in one for one in times[0])
    assert "In the time zone Europe/Berlin, summer time next begins or ends at" in times[1]
    assert broken == {}
    assert (before, after.json["walk"]) == (404, "page")


def test_a_failed_inspection_is_reported_and_the_form_keeps_its_input(world: World, reader: Page) -> None:
    reader.goto(f"{world.served.url}/add")
    reader.get_by_label("URL of any page of the site").fill(f"{world.paper.url}/")
    reader.get_by_role("button", name="Check the site").click()
    told = reader.get_by_role("alert").inner_text()

    assert "127.0.0.1" in told
    assert reader.get_by_label("URL of any page of the site").input_value() == f"{world.paper.url}/"


def test_a_run_page_follows_an_active_run(world: World, reader: Page) -> None:
    slow = gazette(f"{world.paper.url}/").replace("gazette", "slow", 1).replace("delay: 0s", "delay: 300ms")
    world.household.source("slow", slow)
    eventually(lambda: ask(world.served, "GET", "/api/v1/sources/slow").status == 200)
    run = ask(world.served, "POST", "/api/v1/sources/slow/runs").json["id"]
    eventually(lambda: ask(world.served, "GET", f"/api/v1/runs/{run}").json["status"] == "running")
    reader.goto(f"{world.served.url}/runs/{run}")
    reader.evaluate("window.first = true")
    pages = reader.locator("[data-count=pages]")
    expect(pages).not_to_have_text(pages.inner_text())
    same = reader.evaluate("window.first")
    reader.get_by_role("button", name="Cancel").click()
    reader.get_by_role("button", name="Run again").wait_for()
    told = reader.locator("main").inner_text()

    assert same is True
    assert "cancelled" in told


def test_new_pages_are_read_with_the_keys(world: World, reader: Page) -> None:
    reader.goto(f"{world.served.url}/new")
    pieces = reader.locator("[data-piece]")
    reader.keyboard.press("j")
    reader.keyboard.press("j")
    reader.keyboard.press("k")
    focused = reader.evaluate("document.activeElement.textContent")
    first = pieces.first.locator("h2").inner_text()
    reader.keyboard.press("?")
    helped = reader.locator("#keys").is_visible()
    reader.keyboard.press("Escape")
    reader.keyboard.press("o")
    reader.wait_for_url("**/view/text/**")
    reader.go_back()
    reader.keyboard.press("j")
    reader.keyboard.press("v")
    reader.wait_for_url("**/snapshot/**")
    reader.goto(f"{world.served.url}/new?source=gazette")
    changed = reader.locator(".badge.changed").first.inner_text()

    assert focused == first
    assert helped
    assert changed == "changed"


def test_keys_can_be_turned_off_for_all_pages(world: World, reader: Page) -> None:
    reader.goto(f"{world.served.url}/new")
    reader.keyboard.press("?")
    reader.locator("#keys").get_by_label("Enable single-key shortcuts on all pages").uncheck()
    reader.keyboard.press("Escape")
    reader.goto(f"{world.served.url}/new?source=gazette")
    reader.keyboard.press("j")
    moved = reader.evaluate("document.activeElement.closest('[data-piece]') !== null")
    reader.get_by_role("button", name="Keys").click()
    reader.locator("#keys").get_by_label("Enable single-key shortcuts on all pages").check()
    reader.keyboard.press("Escape")
    reader.keyboard.press("j")

    assert not moved
    assert reader.evaluate("document.activeElement.closest('[data-piece]') !== null")


def test_the_keys_move_through_the_changes(world: World, reader: Page) -> None:
    reader.goto(f"{world.served.url}/new")
    reader.locator("a.badge.changed").first.click()
    reader.wait_for_url("**/diff/previous/**")
    reader.keyboard.press("j")
    first = reader.evaluate("[...document.querySelectorAll('[data-change]')].indexOf(document.activeElement)")
    reader.keyboard.press("j")
    second = reader.evaluate("[...document.querySelectorAll('[data-change]')].indexOf(document.activeElement)")
    reader.keyboard.press("?")
    helped = reader.locator("#keys").is_visible()
    reader.keyboard.press("Escape")
    reader.get_by_role("link", name="Side by side").click()
    columns = reader.locator("table.sides").first.locator("thead th").count()

    assert (first, second, helped, columns) == (0, 1, True, 2)


def test_two_captures_are_chosen_and_compared(world: World, reader: Page) -> None:
    reader.goto(f"{world.served.url}/captures?url={world.paper.url_of(ARTICLE)}")
    reader.locator("input[name=start]").last.check()
    reader.get_by_role("button", name="Compare the two captures").click()
    reader.wait_for_url("**/diff/2**")
    expect(reader.locator("ins").first).to_be_visible(timeout=60_000)

    assert "another text about the queue" in " ".join(reader.locator("ins").all_inner_texts())


def test_everything_readable_is_there_without_scripts(world: World, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([session_of(world.served)])
    page = context.new_page()
    page.goto(f"{world.served.url}/sources/gazette")
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Resume").click()
    page.get_by_role("link", name="New and changed").click()
    page.locator("[data-piece] h2 a").first.click()
    page.get_by_role("link", name="Cite").click()
    page.wait_for_url("**/view/cite/**")
    cited = page.locator("main").inner_text()
    again = page.get_by_role("button", name="Archive now").count()
    page.goto(f"{world.served.url}/captures?url={world.paper.url_of(ARTICLE)}")
    day = time.strftime("%Y-%m-%d", time.gmtime())
    page.locator(f".month caption a[href*='month={day[:7]}']").click()
    page.wait_for_url("**month=**")
    month = page.locator("h2", has_text=day[:7]).count(), page.locator("tbody time").count()
    page.locator(f".month a[href*='day={day}']").click()
    page.wait_for_url("**day=**")
    listed = page.locator("tbody time").count()
    page.goto(world.served.url)
    page.get_by_label("URL of a page").fill(world.paper.url_of(ARTICLE))
    page.get_by_role("button", name="Archive now").click()
    page.get_by_role("button", name="Run again").wait_for(timeout=60_000)  # the page reloads itself until then
    page.get_by_role("main").get_by_role("link", name="Captures").click()
    page.wait_for_url("**/captures?**")
    kept = page.get_by_role("heading", name="Years").count()
    empty = served_status(page, f"{world.served.url}/captures?url={world.paper.url_of(ARTICLE)}&month=1999-01")
    wrong = served_status(page, f"{world.served.url}/captures?url={world.paper.url_of(ARTICLE)}&month=2026-13")
    context.close()

    assert "@online{" in cited and "Archived" in cited
    assert month[0] == 1 and month[1] >= 2
    assert listed >= 2
    assert kept == again == 1
    assert (empty, wrong) == (200, 422)


def served_status(page: Page, url: str) -> int:
    answer = page.goto(url)
    assert answer is not None
    return answer.status


def test_everything_on_a_page_is_reachable_by_keyboard(world: World, reader: Page) -> None:
    reader.goto(world.served.url)
    reader.keyboard.press("Tab")
    first = reader.evaluate("document.activeElement.textContent")
    reader.keyboard.press("Enter")
    reader.keyboard.press("Tab")
    inside = reader.evaluate("document.querySelector('main').contains(document.activeElement)")

    assert first == "Skip to content"
    assert inside
