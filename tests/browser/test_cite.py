"""The citations of a snapshot, in a browser: each is copied by its button."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser.axe import violations
from playwright.sync_api import Browser, expect
from services.retrieving import ARTICLE, retrieving

from pressmark.views.citations.styles import STYLES

pytestmark = pytest.mark.system


def test_each_citation_is_copied_by_its_button_and_there_is_none_without_scripts(
    tmp_path: Path, browser: Browser
) -> None:
    with retrieving(tmp_path) as archive:
        context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
        page = context.new_page()
        page.goto(f"{archive.url}/view/cite/latest/{ARTICLE}")
        buttons = page.get_by_role("button", name="Copy")
        expect(buttons).to_have_count(len(STYLES) + 2)
        buttons.nth(1).click()
        expect(page.get_by_role("button", name="Copied")).to_have_count(1)
        short = page.evaluate("navigator.clipboard.readText()")
        page.goto(short)
        led = page.url
        page.go_back()
        broken = violations(page)
        context.close()
        without = browser.new_context(java_script_enabled=False)
        plain = without.new_page()
        plain.goto(f"{archive.url}/view/cite/latest/{ARTICLE}")
        expect(plain.get_by_role("button", name="Copy")).to_have_count(0)
        without.close()

    assert short.startswith(f"{archive.url}/c/")
    assert led.endswith(f"/snapshot/20260131120100/{ARTICLE}")
    assert broken == {}
