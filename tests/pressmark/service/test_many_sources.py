"""Hundreds of sources: pages that list them continue by key, with links that need no script."""

from __future__ import annotations

import html
import json
import re
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import pytest
from services.calls import calls
from services.retrieving import served

from config.settings import Settings
from crawler.policy.order import Outcome
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service
from pressmark.views.describe import sources_after

COUNT, PAGE = 330, 100
NAMES = [f"s{number:03}" for number in range(COUNT)]
FAILING = ["s007", "s329"]
SOURCE = "name: {name}\nseeds: ['http://127.0.0.1:9/{name}']\nwalk: page\ntimetable: {{every: 1d}}\n"


@dataclass(frozen=True)
class Desk:
    url: str
    service: Service
    sources: Path

    def text(self, path: str) -> str:
        with urllib.request.urlopen(self.url + path, timeout=60) as answer:
            return str(answer.read().decode())

    def listed(self, path: str) -> tuple[list[str], str | None]:
        """Return the sources in the table of a page, and the target of its link to the next."""
        text = self.text(path)
        rows = re.findall(r'<th scope="row"[^>]*><a href="/sources/([^"]+)"', text)
        following = re.findall(r'rel="next" href="([^"]*after=[^"]*)">More sources', text)
        return rows, html.unescape(following[0]) if following else None

    def walked(self, path: str, between: Callable[[], None] = lambda: None) -> list[list[str]]:
        """Return all pages of a list; something is done after the first."""
        rows, following = self.listed(path)
        pages = [rows]
        between()
        while following is not None:
            rows, following = self.listed(following)
            pages.append(rows)
        return pages


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    home = tmp_path_factory.mktemp("many") / "home"
    (home / "sources").mkdir(parents=True)
    for name in NAMES:
        (home / "sources" / f"{name}.yaml").write_text(SOURCE.format(name=name))
    with open_pressmark(Settings(home=home)) as service:
        epoch = service.epochs.begin("w")
        for name in FAILING:
            service.request(name)
            run = service.runs.claim("w", epoch)
            assert run is not None
            service.runs.finish(run, Outcome(outcome="failed", reason="no answer"))
        with served(service) as url:
            yield Desk(url, service, home / "sources")


@pytest.mark.parametrize("path", ["/", "/sources"])
def test_failing_sources_come_first_and_each_source_once(desk: Desk, path: str) -> None:
    pages = desk.walked(path)

    assert [len(rows) for rows in pages] == [PAGE, PAGE, PAGE, COUNT - 3 * PAGE]
    assert list(chain(*pages)) == [*FAILING, *(name for name in NAMES if name not in FAILING)]


def test_the_overview_counts_all_on_every_page(desk: Desk) -> None:
    assert f"2 of {COUNT} sources (archived sites) need attention." in desk.text("/?after=well%20s300")


@pytest.mark.parametrize("path", ["/timetable", "/timetable?week=2026-01-31"])
def test_the_timetable_continues_by_name_and_keeps_its_week(desk: Desk, path: str) -> None:
    pages = desk.walked(path)
    second = desk.text(path + ("&" if "?" in path else "?") + "after=s099")

    assert list(chain(*pages)) == NAMES
    assert [len(rows) for rows in pages] == [PAGE, PAGE, PAGE, COUNT - 3 * PAGE]
    assert re.search(r'rel="next" href="/timetable\?week=[0-9-]+&amp;after=s099">Next week', second)
    weeks = {week for text in (desk.text(path), second) for week in re.findall(r"<caption>(.*?)</caption>", text)}
    assert len(weeks) == 1


def test_a_source_added_or_removed_between_two_pages_moves_no_other(desk: Desk) -> None:
    """By offset, one would be shown twice, or never."""
    new, gone = desk.sources / "a000.yaml", desk.sources / "s050.yaml"
    kept = gone.read_text()

    def change() -> None:
        new.write_text(SOURCE.format(name="a000"))
        new.with_name("a001.yaml").write_text(SOURCE.format(name="a001"))
        gone.unlink()

    try:
        pages = desk.walked("/timetable", between=change)
    finally:
        new.unlink()
        new.with_name("a001.yaml").unlink()
        gone.write_text(kept)

    assert list(chain(*pages)) == NAMES


@pytest.mark.parametrize("path", ["/", "/sources", "/timetable"])
def test_any_key_gets_an_answer(desk: Desk, path: str) -> None:
    for after in ("zzz%00%F0%9F%97%9E", "%22%3Cscript%3E"):
        assert "<script>" not in desk.text(f"{path}?after={after}")


def test_few_sources_have_no_further_page(desk: Desk) -> None:
    rows, following = desk.listed("/sources?after=well%20s300")

    assert len(rows) < PAGE
    assert following is None


def test_the_api_lists_all_sources_by_name_a_page_at_a_time(desk: Desk) -> None:
    names, cursor = list[str](), ""
    while cursor is not None:
        found = json.loads(desk.text(f"/api/v1/sources?limit=150&cursor={cursor}"))
        names, cursor = names + [source["name"] for source in found["items"]], found["next"]

    assert names == NAMES
    assert len(json.loads(desk.text("/api/v1/sources"))["items"]) == PAGE
    assert json.loads(desk.text("/api/v1/sources?cursor=zzz")) == {"items": [], "next": None}


def test_a_page_of_sources_costs_the_same_with_ten_times_the_sources(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    for name in NAMES[:33]:
        (tmp_path / "sources" / f"{name}.yaml").write_text(SOURCE.format(name=name))
    few, many = [list[int](), list[int]()]
    with open_pressmark(Settings(home=tmp_path)) as service:
        for _ in range(2):
            few.append(calls(lambda: sources_after(service, "s010", 20)))
    for _ in range(2):
        many.append(calls(lambda: sources_after(desk.service, "s010", 20)))
    stats = COUNT - 33  # each file is checked, up to 1,000 of them

    assert many[-1] <= few[-1] * 1.3 + 6 * stats


def test_opening_a_home_without_asking_for_sources_reads_none(desk: Desk) -> None:
    with open_pressmark(desk.service.settings) as service:
        assert "sources" not in vars(service)
        assert len(service.sources) == COUNT
