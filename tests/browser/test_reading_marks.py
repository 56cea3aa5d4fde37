"""Marks of a reader, in a browser: keys set them without loading the page, and they are still set when it is loaded."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser.axe import violations
from playwright.sync_api import Browser, expect
from services.retrieving import served
from specimens.versions import Version, keep

from config.settings import Settings
from pressmark.service.assembly import open_pressmark

pytestmark = pytest.mark.system


def test_keys_set_and_clear_marks_that_stay(tmp_path: Path, browser: Browser) -> None:
    (tmp_path / "warcs").mkdir()
    with open_pressmark(Settings(home=tmp_path / "home")) as service:
        keep(service, tmp_path / "warcs", Version("The harbour was quiet.", facts={"language": "en"}))
        with served(service) as url:
            page = browser.new_page()
            page.goto(f"{url}/new")
            pressed = page.locator("[aria-pressed=true]")
            for key, count in (("j", 0), ("m", 1), ("s", 2), ("l", 3), ("l", 2)):
                page.keyboard.press(key)
                expect(pressed).to_have_count(count, timeout=60_000)
            broken = violations(page)
            page.goto(f"{url}/new?show=star")
            expect(page.locator("article.read")).to_have_count(1)
            expect(pressed).to_have_count(2)
            page.close()

    assert broken == {}
