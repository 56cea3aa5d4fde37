"""Lists of sources in a browser: a file is shown, added, and its sources are changed at once. No page has a script."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser.axe import violations
from browser.english import english_in
from playwright.sync_api import Browser, expect
from services.source_forms import archive_with

pytestmark = pytest.mark.system
COLLECTION = "harbour"
"""The name of a collection of the archive."""


def test_a_file_is_shown_and_added_and_its_sources_are_changed_at_once(tmp_path: Path, browser: Browser) -> None:
    listed = tmp_path / "list.txt"
    listed.write_text("https://a.example/\nhttps://b.example/\nftp://c.example/\n")
    broken, english = dict[str, dict[str, list[str]]](), dict[str, set[str]]()
    with archive_with(
        tmp_path / "home", gazette="source: gazette\ntags: [海事]\nseeds: [http://news.example/]\n"
    ) as archive:
        page = browser.new_page(locale="zh-CN", viewport={"width": 390, "height": 844})

        def look(name: str) -> None:
            broken[name], english[name] = violations(page), english_in(page.content()) - {COLLECTION}

        for path in ("/sources?tag=news", "/sources", "/new", "/sources/gazette/edit", "/add/list"):
            page.goto(f"{archive.url}{path}")
            look(path)
        page.locator("input[type=file]").set_input_files(listed)
        page.locator("form[enctype] button").click()
        expect(page.locator("tbody tr")).to_have_count(3)
        look("preview")
        page.locator("form[action='/add/list/write'] button").click()
        expect(page.locator("tbody a")).to_have_count(2)
        look("added")
        page.goto(f"{archive.url}/sources")
        for name in ("a-example", "b-example"):
            page.locator(f"input[value={name}]").check()
        page.locator("input[name=collection]").fill("coast")
        page.locator("input[name=collection]").press("Enter")
        stayed = page.url
        page.locator("button[formaction='/sources/collection']").click()
        expect(page.locator("tbody .done")).to_have_count(2)
        look("changed")
        page.goto(f"{archive.url}/sources/gazette/edit")
        page.locator("textarea[name=text]").evaluate("it => { it.value = '# long, '.repeat(9000); }")
        page.locator("form.fields > p button").first.click()
        expect(page.locator(".note.error")).to_contain_text("65536")
        look("too long")
        page.close()
        kept = {name: archive.service.sources.get(name).keep.collection for name in archive.service.sources.names}
        runs = list(archive.service.runs.unfinished())

    assert broken == {name: {} for name in broken} and english == {name: set() for name in english}
    assert stayed.endswith("/sources") and runs == [], "Enter in a field starts nothing"
    assert kept == {"a-example": "coast", "b-example": "coast", "gazette": "default"}
