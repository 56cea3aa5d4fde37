"""The form that changes a source, with scripts: what the typed file means is shown without a button."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from browser.axe import violations
from playwright.sync_api import Browser, expect
from services.retrieving import ARTICLE, retrieving

pytestmark = pytest.mark.system
TEXT = "source: harbour\nseeds: [http://news.example/]\nwalk: site\nscope: {include: [/b]}\n"


def test_the_scope_is_tested_as_the_file_is_typed(tmp_path: Path, browser: Browser) -> None:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "harbour.yaml").write_text(TEXT)
    with retrieving(tmp_path) as archive:
        page = browser.new_page(locale="zh-CN", viewport={"width": 390, "height": 844})
        page.goto(f"{archive.url}/sources/harbour/edit")
        text, urls = page.locator("textarea[name=text]"), page.locator("textarea[name=urls]")
        urls.fill(ARTICLE)
        rows = page.locator("#outcome tbody tr")
        expect(rows).to_have_count(1, timeout=60_000)
        expect(rows).to_contain_text("否")
        text.fill(TEXT.replace("/b", "/a"))
        expect(rows).to_contain_text("是", timeout=60_000)
        broken, wide = violations(page), page.evaluate("document.documentElement.scrollWidth")
        written = page.url
        page.close()

    assert broken == {}
    assert wide <= 390
    assert written.endswith("/sources/harbour/edit"), "no button was pressed"


def test_the_fields_and_the_text_write_each_other_as_they_are_typed_and_comments_stay(
    tmp_path: Path, browser: Browser
) -> None:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "harbour.yaml").write_text(f"# Ask Anna first.\n{TEXT}timetable: {{every: 6h}}\n")
    with retrieving(tmp_path) as archive:
        page = browser.new_page()
        page.goto(f"{archive.url}/sources/harbour/edit")
        text, when = page.locator("textarea[name=text]"), page.locator("input[name=when]")
        when.fill("12h")
        expect(text).to_have_value(re.compile("every: 12h"), timeout=60_000)
        kept = text.input_value()
        text.fill(kept.replace("12h", "3h").replace("[/b]", "[/c]"))
        expect(when).to_have_value("3h", timeout=60_000)
        include = page.locator("textarea[name=include]").input_value()
        text.fill(kept.replace("12h", "soon"))
        expect(page.locator("#outcome .note.error")).to_be_visible(timeout=60_000)
        left = when.input_value()
        text.fill(kept)
        expect(when).to_have_value("12h", timeout=60_000)
        page.get_by_role("button", name="Save source").click()
        page.wait_for_url("**/sources/harbour")
        page.close()
        written = (tmp_path / "sources" / "harbour.yaml").read_text()

    assert kept.startswith("# Ask Anna first.\n") and include == "/c"
    assert left == "3h", "an invalid text changes no field"
    assert written == kept
