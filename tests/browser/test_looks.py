"""Lists as cards and with compact rows, in a browser without scripts: on a phone, dark, in Chinese."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.axe import violations
from browser.english import english_in
from playwright.sync_api import Browser, Page, expect
from services.illustrated import illustrated
from services.retrieving import Retrieving

pytestmark = pytest.mark.system
WIDTHS = "[...document.querySelectorAll('.tile img')].map(image => image.naturalWidth)"
NAMES = {"test", "vault", "选择 vault"}


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Retrieving]:
    with illustrated(tmp_path / "home") as made:
        yield made


def test_cards_and_compact_rows_are_chosen_without_scripts_on_a_phone(archive: Retrieving, browser: Browser) -> None:
    phone = {"width": 360, "height": 740}
    context = browser.new_context(
        java_script_enabled=False,
        locale="zh-CN",
        color_scheme="dark",
        viewport=phone,  # type: ignore[arg-type]
    )
    page = context.new_page()
    page.goto(f"{archive.url}/sources?tag=test")
    rows = page.locator("table.sources tbody tr").count()
    page.get_by_role("button", name="卡片").click()
    expect(page.locator(".tile")).to_have_count(3)
    there, pressed = page.url, page.get_by_role("button", name="卡片").get_attribute("aria-pressed")
    page.get_by_role("button", name="紧凑").click()
    expect(page.locator("body.compact .tile")).to_have_count(3)
    english = english_in(page.content())
    page.get_by_role("button", name="列表").click()
    expect(page.locator("body.compact table.sources")).to_have_count(1)
    context.close()

    assert rows == 3 and there.endswith("/sources?tag=test") and pressed == "true"
    assert english <= NAMES


def test_the_cards_show_their_pictures_violate_no_policy_and_are_no_wider_than_a_phone(
    archive: Retrieving, browser: Browser
) -> None:
    complaints: list[str] = []
    broken, wide = dict[str, object](), list[str]()
    for name, scheme, width in (("desktop", "light", 1100), ("phone", "dark", 360)):
        context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 740})  # type: ignore[arg-type]
        context.add_cookies([{"name": "pressmark_layout", "value": "cards", "url": archive.url}])
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        for density in ("comfortable", "compact"):
            context.add_cookies([{"name": "pressmark_density", "value": density, "url": archive.url}])
            for path in ("/sources", "/", "/runs", "/timetable"):
                page.goto(f"{archive.url}{path}")
                if found := violations(page):
                    broken[f"{name} {density} {path}"] = found
                if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                    wide.append(f"{name} {density} {path}")
        page.goto(f"{archive.url}/sources")
        for card in page.locator(".tile").all():
            card.scroll_into_view_if_needed()
        page.wait_for_function(f"{WIDTHS}.every(width => width > 0)")
        shown = page.evaluate(WIDTHS)
        context.close()

    assert (broken, wide, complaints) == ({}, [], [])
    assert shown == [320, 320, 320], "the placeholder is as wide as the image"


def test_a_card_can_be_opened_and_selected_by_keyboard(archive: Retrieving, page: Page) -> None:
    page.context.add_cookies([{"name": "pressmark_layout", "value": "cards", "url": archive.url}])
    page.goto(f"{archive.url}/sources")
    page.get_by_role("checkbox", name="Select news").press("Space")
    page.get_by_role("button", name="Pause", exact=True).press("Enter")
    expect(page.locator("tbody .done")).to_have_count(1)
    paused = set(archive.service.pauses.all())
    page.get_by_role("button", name="Undo").press("Enter")
    page.get_by_text("Undone for 1 of 1 sources.").wait_for()
    after = set(archive.service.pauses.all())
    page.goto(f"{archive.url}/sources")
    page.get_by_role("link", name="news", exact=True).press("Enter")
    page.wait_for_url("**/sources/news")

    assert (paused, after) == ({"news"}, set())
