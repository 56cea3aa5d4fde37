"""Pages under strain: long titles and URLs, other scripts, many sources, errors; on a phone, in Chinese, dark."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from browser.axe import violations
from browser.longwinded import ARABIC, CHINESE, HOSTILE, LONG_TITLE, LONG_URL, fill
from journeys.household import QUICK, Household, Served
from playwright.sync_api import Browser, Page
from specimens.versions import THREAD

from pressmark.views.links import link

pytestmark = pytest.mark.system

SOURCES = 60
PATHS = {
    "overview": "/",
    "sources": "/sources",
    "timetable": "/timetable",
    "new": "/new",
    "captures of a long title": f"/captures?url={LONG_TITLE}",
    "its month": f"/captures?url={LONG_TITLE}&month=2026-03",
    "captures of a long URL": f"/captures?url={quote(LONG_URL, safe='')}",
    "nothing kept": "/captures?url=https://nobody.example/",
    "search": "/search?q=harbour",
    "search in Chinese": f"/search?q={quote('港口')}",
    "search that is refused": "/search?q=x&since=moon",
    "search in vain": "/search?q=zzzz",
    "no runs": "/runs",
    "collections": "/collections",
    "thread": f"/thread/all/latest/{THREAD}",
    "diff of a thread": f"/diff/previous/latest/{THREAD}",
    "diff, side by side": f"/compare/side-all/previous/latest/{LONG_TITLE}",
    "long title": f"/view/text/latest/{LONG_TITLE}",
    "long URL": f"/view/text/latest/{link(LONG_URL)}",
    "its record": f"/view/record/latest/{link(LONG_URL)}",
    "to cite it": f"/view/cite/latest/{link(LONG_URL)}",
    "its page": f"/snapshot/latest/{link(LONG_URL)}",
    "Chinese": f"/view/text/latest/{link(CHINESE)}",
    "Arabic": f"/view/text/latest/{ARABIC}",
    "hostile": f"/view/text/latest/{HOSTILE}",
    "no such page": "/nothing",
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("layout") / "home"
    fill(home, tmp_path_factory.mktemp("warcs"), SOURCES)
    (home / "sources" / "broken.yaml").write_text("source: broken\nwalk: moon\n")
    with Household(home, dict(QUICK)).serving() as running:
        yield running


def too_wide(page: Page) -> bool:
    """Return whether the page must be scrolled sideways to be read; tables and code have their own scrollbars."""
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def test_no_archived_content_makes_a_page_wider_than_a_phone_or_violates_wcag(served: Served, browser: Browser) -> None:
    size = {"width": 360, "height": 740}
    phone = browser.new_context(locale="zh-CN", color_scheme="dark", viewport=size)  # type: ignore[arg-type]
    page = phone.new_page()
    wide, broken = [], {}
    for name, path in PATHS.items():
        page.goto(served.url + path)
        if too_wide(page):
            wide.append(name)
        if found := violations(page):
            broken[name] = found
    page.set_content(f"<p>{'w' * 500}</p>")
    control = too_wide(page)
    phone.close()

    assert (wide, broken) == ([], {})
    assert control


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
@pytest.mark.parametrize("width", [360, 390])
def test_the_links_to_all_pages_take_one_row_of_a_phone_and_open_without_scripts(
    served: Served, browser: Browser, width: int, locale: str
) -> None:
    phone = browser.new_context(locale=locale, viewport={"width": width, "height": 740}, java_script_enabled=False)
    page = phone.new_page()
    page.goto(f"{served.url}/sources")
    header, links = page.locator("header.bar"), page.locator("header nav a")
    box = header.bounding_box()
    assert box is not None and box["height"] <= 56
    assert not links.first.is_visible()

    menu = page.locator("header button.menu")
    menu.focus()
    page.keyboard.press("Enter")
    assert all(one.is_visible() for one in links.all())
    page.keyboard.press("Tab")
    assert page.locator("header nav a:focus").count() == 1
    opened = page.locator("header nav").bounding_box()
    assert opened is not None and opened["x"] + opened["width"] <= width
    page.keyboard.press("Escape")
    assert not links.first.is_visible()
    assert page.locator("header button.menu:focus").count() == 1
    menu.click()
    page.locator("header nav").get_by_role("link").nth(1).click()
    assert page.url != f"{served.url}/sources"
    phone.close()


def test_an_open_menu_of_a_phone_violates_no_rule_and_a_wide_page_has_none(served: Served, page: Page) -> None:
    page.goto(f"{served.url}/sources")
    assert not page.locator("header button.menu").is_visible()
    assert page.locator("header nav a").first.is_visible()
    page.set_viewport_size({"width": 360, "height": 740})
    page.locator("header button.menu").click()
    assert page.locator("header nav a").first.is_visible()
    assert violations(page) == {}
    assert not too_wide(page)


def test_long_strings_are_cut_in_lists_and_shown_in_full_on_the_record(served: Served, page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{served.url}/view/record/latest/{link(LONG_URL)}")
    top = page.get_by_role("navigation", name="This snapshot").bounding_box()
    told = page.locator("dl.facts").inner_text()

    assert top is not None and top["y"] < 740, "the tabs are seen without scrolling"
    assert LONG_URL in told


@pytest.mark.costly
def test_lists_are_read_from_top_to_bottom_on_a_phone(served: Served, page: Page) -> None:
    scrolls = (
        "[...document.querySelectorAll('.scroll:has(> .stacked)')].map(each => each.scrollWidth > each.clientWidth)"
    )
    page.set_viewport_size({"width": 360, "height": 740})
    for path in ("/", "/sources"):
        page.goto(served.url + path)
        assert {*page.evaluate(scrolls)} == {False}, path
        assert violations(page) == {}, path
        cell = page.locator(".stacked [data-label]").first
        label = cell.get_attribute("data-label")
        assert cell.evaluate("each => getComputedStyle(each, '::before').content") == f'"{label}: "'
    page.locator(".stacked").evaluate("each => each.classList.remove('stacked')")  # the control: a table of its width
    assert page.evaluate("[...document.querySelectorAll('.scroll')].some(each => each.scrollWidth > each.clientWidth)")


def test_the_box_that_selects_a_page_stands_beside_its_title(served: Served, page: Page) -> None:
    page.goto(f"{served.url}/new")
    title = page.locator("h2.titled").first
    box, link_of_it = title.locator("input").bounding_box(), title.locator("a").bounding_box()

    assert box is not None and link_of_it is not None
    assert box["x"] < link_of_it["x"] and box["y"] < link_of_it["y"] + 30 and box["width"] < 40


def test_a_title_is_shown_from_the_side_where_its_script_begins(served: Served, page: Page) -> None:
    page.goto(f"{served.url}/view/text/latest/{ARABIC}")
    arabic = page.locator("h1").evaluate("each => getComputedStyle(each).direction")
    page.goto(f"{served.url}/view/text/latest/{link(CHINESE)}")
    chinese = page.locator("h1").evaluate("each => [getComputedStyle(each).direction, each.lang]")

    assert (arabic, chinese) == ("rtl", ["ltr", "zh"])


def test_a_title_with_html_is_shown_as_text_on_every_page(served: Served, page: Page) -> None:
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    told = {}
    for path in (
        PATHS["hostile"],
        f"/snapshot/latest/{HOSTILE}",
        f"/view/cite/latest/{HOSTILE}",
        "/new?before=9",
        "/search?q=taken",
    ):
        page.goto(served.url + path)
        told[path] = page.locator("main").inner_text()

    assert all("<img src=x onerror=alert(1)>" in text and "{{ 7 * 7 }}" in text for text in told.values()), told
    assert dialogs == []
