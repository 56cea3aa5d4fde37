"""The front page: the state of each source, its captures and its next run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from services.ledgers import Time
from services.retrieving import Retrieving, served

from config.settings import Settings
from crawler.policy.order import Outcome
from pressmark.service.assembly import open_pressmark
from scheduler.timekeeper import Timekeeper

SOURCE = "source: {name}\nseeds: ['http://127.0.0.1:9/{name}']\nwalk: page\ntimetable: {{every: 1d}}\n"
MOMENT = r"<time[^>]*>"


@dataclass
class Desk:
    pages: Retrieving
    epoch: int

    def ran(self, source: str, outcome: str, captures: int, url: str | None = None) -> None:
        runs = self.pages.service.runs
        runs.request(source, url=url)
        run = runs.claim("w", self.epoch)
        assert run is not None
        runs.finish(run, Outcome(outcome=outcome, reason=None, captures=captures))  # type: ignore[arg-type]

    def cells(self, source: str) -> list[str]:
        """Return the cells of a source's row on the front page, without the first."""
        text = self.pages.text("/")
        [row] = re.findall(rf'<a href="/sources/{source}">{source}</a></th>(.*?)</tr>', text, re.DOTALL)
        return re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    directory = tmp_path / "home" / "sources"
    directory.mkdir(parents=True)
    for name in ("docs", "news"):
        (directory / f"{name}.yaml").write_text(SOURCE.format(name=name))
    with open_pressmark(Settings(home=tmp_path / "home")) as service, served(service) as url:
        yield Desk(Retrieving(url, service, []), service.epochs.begin("w"))


def test_a_missing_single_page_does_not_change_the_state_of_its_source(desk: Desk) -> None:
    desk.ran("docs", "done", 7)
    before = desk.cells("docs")
    desk.ran("docs", "empty", 1, url="http://127.0.0.1:9/docs/nope")

    assert "state done" in before[0]
    after = desk.cells("docs")
    assert after[:2] == before[:2]
    assert re.findall('/runs/[^"]+', after[2]) == re.findall('/runs/[^"]+', before[2])
    assert "need attention" not in desk.pages.text("/")


def test_a_source_whose_own_run_is_empty_is_shown_as_such(desk: Desk) -> None:
    desk.ran("docs", "done", 7)
    desk.ran("docs", "empty", 1)

    assert "state empty" in desk.cells("docs")[0]
    assert "1 of 2 sources (archived sites) need attention" in desk.pages.text("/")


def test_captures_are_counted_over_all_runs_of_a_source(desk: Desk) -> None:
    for captures in (7, 1, 2):
        desk.ran("docs", "done", captures)
    desk.ran("docs", "done", 1, url="http://127.0.0.1:9/docs/page")

    assert [desk.cells(name)[3] for name in ("docs", "news")] == ["11", "0"]


def test_a_paused_source_has_no_next_time_on_any_page(desk: Desk) -> None:
    service = desk.pages.service
    assert len(service.next_ticks(4)) == 4
    service.pauses.pause("docs")

    assert re.search(MOMENT, desk.cells("news")[4])
    assert not re.search(MOMENT, desk.cells("docs")[4])
    assert {tick.source for tick in service.next_ticks(9)} == {"news"}
    rows = desk.pages.text("/timetable?week=2199-01-01").split('<th scope="row">')
    assert ["paused" in row and not re.search(r"\d\d:\d\d", row.split("</th>")[1]) for row in rows[1:]] == [True, False]


@pytest.mark.parametrize("paused", ["docs", "*"])
def test_a_paused_source_has_no_next_time_on_its_own_page(desk: Desk, paused: str) -> None:
    before = desk.pages.text("/sources/docs")
    desk.pages.service.pauses.pause(paused)

    assert '<ul class="times">' in before
    assert '<ul class="times">' not in desk.pages.text("/sources/docs")


def test_a_clock_that_was_set_back_is_reported_for_a_day(desk: Desk) -> None:
    service = desk.pages.service
    told = "Sources that Pressmark crawls again only once the clock has reached its former time: 2."
    assert told not in desk.pages.text("/")
    moved = Time(service.now() + timedelta(days=5))
    keeper = Timekeeper(service.database, now=moved)
    keeper.follow(service.sources)
    moved.at = service.now() - timedelta(seconds=1)
    keeper.process_due()

    page = desk.pages.text("/")
    assert "The clock of this computer was set back at <time" in page and told in page
    moved.passes(days=-1)
    keeper.process_due()
    assert told not in desk.pages.text("/")
