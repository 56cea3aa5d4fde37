"""The tables of runs, on a laptop and on a phone, with long URLs and long reasons."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page
from services.retrieving import served

from config.settings import Settings
from crawler.policy.order import Outcome
from pressmark.service.assembly import open_pressmark

pytestmark = pytest.mark.system

LONG = f"http://127.0.0.1:9/{quote('港口的挖泥船再次延误' * 12)}?id=1"
REASON = f"nothing was kept; {LONG}: 404, and 3 more, of which nobody knew that they were gone"
ROWS = "[...document.querySelectorAll('tbody tr')].map(row => row.getBoundingClientRect().height)"
CUT = "[...document.querySelectorAll('.scroll')].filter(one => one.scrollWidth > one.clientWidth).length"
LINE = 16 * 1.55


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home: Path = tmp_path_factory.mktemp("runs") / "home"
    (home / "sources").mkdir(parents=True)
    name = "a-forum-with-a-long-name"
    (home / "sources" / "a.yaml").write_text(f"source: {name}\nseeds: ['http://127.0.0.1:9/']\nwalk: page\n")
    with open_pressmark(Settings(home=home)) as service:
        epoch = service.epochs.begin("w")
        counts = {"captures": 123_456, "revisits": 98_765, "pages": 43_210, "failures": 1_234}
        for asked in (None, LONG, "http://news.example/a"):
            service.request_url(asked) if asked else service.request(name)
            run = service.runs.claim("w", epoch)
            assert run is not None
            service.runs.finish(run, Outcome(outcome="partial", reason=REASON, **counts))  # type: ignore[arg-type]
        with served(service) as address:
            yield address


@pytest.mark.parametrize("path", ["/runs", "/", "/sources/a-forum-with-a-long-name"])
def test_no_column_is_cut_at_1280_pixels(url: str, page: Page, path: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(url + path)
    cut = page.evaluate(CUT)
    page.set_viewport_size({"width": 660, "height": 800})

    assert cut == 0
    assert page.evaluate(CUT) > 0  # so that a table that is cut off is detected


@pytest.mark.parametrize("path", ["/runs", "/"])
def test_a_phone_shows_the_values_of_a_run_below_each_other(url: str, page: Page, path: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(url + path)

    assert page.evaluate(CUT) == 0


@pytest.mark.parametrize(("width", "lines"), [(360, 16), (1280, 6)])
def test_rows_stay_low_with_long_urls_and_reasons(url: str, page: Page, width: int, lines: int) -> None:
    page.set_viewport_size({"width": width, "height": 740})
    page.goto(f"{url}/runs")

    assert max(page.evaluate(ROWS)) < lines * LINE


def test_a_run_of_a_single_page_shows_its_source_and_a_decoded_url(url: str, page: Page) -> None:
    page.goto(f"{url}/runs")
    rows = page.locator("tbody tr").all_inner_texts()

    assert [row.split()[0] for row in rows] == ["single", "a-forum-with-a-long-name", "a-forum-with-a-long-name"]
    assert "港口的挖泥船" in rows[1]
