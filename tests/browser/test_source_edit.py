"""The form that changes a source, with scripts: what the typed file means is shown without a button."""

from __future__ import annotations

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
