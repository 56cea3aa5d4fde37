"""`pressmark why` says whether a browser renders a page, and by which rule."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.index.pages import FetchPattern, Pages
from config.settings import Settings
from pressmark.service.assembly import open_pressmark
from pressmark.upkeep.why import why

NOW = datetime(2026, 11, 29, tzinfo=UTC)
SOURCE = """source: gazette
seeds: ['https://example.org/']
walk: site
fetch: auto
scope: {fetch: {/live/: browser, /plain/: http}}
"""
PATTERNS = (
    FetchPattern("https://example.org/tools/*", NOW, nothing=3, passed=4),
    FetchPattern("https://example.org/news/*", NOW, gained=5),
    FetchPattern("https://example.org/few/*", NOW, gained=1),
)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/live/1", "a browser renders the page (scope.fetch '/live/': browser)"),
        ("/plain/1", "no browser renders the page (scope.fetch '/plain/': http)"),
        (
            "/tools/1",
            "no browser renders the page, as the browser brought no text to the last 3 pages like "
            "https://example.org/tools/*; one of 20 such pages is rendered again",
        ),
        (
            "/news/1",
            "a browser renders the page where it has little text, as pages like https://example.org/news/* needed the "
            "browser",
        ),
        ("/few/1", "a browser renders the page if its text comes from scripts (fetch: auto)"),
    ],
)
def test_each_page_has_its_rule(tmp_path: Path, path: str, said: str) -> None:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "gazette.yaml").write_text(SOURCE)
    with open_pressmark(Settings(home=tmp_path)) as service:
        Pages(service.database).store_patterns("gazette", PATTERNS)

        [shown] = why(service, f"https://example.org{path}").sources

    assert shown.fetch == said
