"""Pages, lists and runs cost the same with ten times the captures: steps of the database's virtual machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from services.retrieving import served
from services.steps import Steps, least_steps, steps_of
from specimens.captures import NOON, capture_of

from archive.index.aliases import Aliases
from archive.index.pages import Pages
from archive.index.run_captures import tallied
from archive.values.digest import sha256
from config.settings import Settings
from config.source import Source
from pressmark.service.assembly import open_pressmark, utc_now
from pressmark.service.service import Service
from scheduler.timekeeper import Timekeeper

FEW, MANY = 5_000, 50_000
"""More than a list looks at to fill a page."""
ONE = "http://a.example/page/7"
PATHS = (
    "/",
    "/new",
    "/runs",
    "/sources",
    f"/captures?url={ONE}",
    f"/api/v1/captures?url={ONE}",
    "/api/v1/captures?url=http://a.example/&match=prefix&limit=20",
    "/api/v1/captures?url=http://a.example/&match=host&limit=20",
    f"/all/cdx?url={ONE}",
    "/readyz",
    "/metrics",
    "/search?q=harbour",
    "/api/v1/feeds/all",
)
EACH_DAY = Source.model_validate(
    {"source": "example", "seeds": ["http://a.example/"], "walk": "page", "timetable": {"every": "1d"}}
)


def a_tick(service: Service) -> object:
    keeper = Timekeeper(service.database, now=utc_now)
    keeper.follow([EACH_DAY], complete=False)
    return keeper.process_due()


NEW = iter(range(1_000_000, 2_000_000))
RUN: tuple[Callable[[Service], object], ...] = (
    lambda service: service.index.originals("default", [sha256(b"<p>"), sha256(b"new")]),
    lambda service: service.index.latest_many("default", [ONE, "http://a.example/new"]),
    lambda service: Pages(service.database).recall("example", [ONE]),
    lambda service: Aliases(service.database).canonical_of([ONE]),
    lambda service: service.index.add([capture_of(ONE, minute=9e5, number=next(NEW))]),
    lambda service: tallied(service.database, "run-2"),
    lambda service: service.runs.recover(),
    a_tick,
)
"""What a run and its worker ask of the database for a page, and at the end; and a tick of the clock."""


@contextmanager
def desk(home: Path, count: int) -> Iterator[tuple[str, Steps, Service]]:
    with open_pressmark(Settings(home=home)) as service:
        made = [capture_of(f"http://a.example/page/{number}", minute=number, number=number) for number in range(count)]
        name = made[0].location.segment
        service.index.opened(name, collection="default", worker="w", epoch=1, path=home / "none", at=NOON)
        service.index.add(made)
        with served(service) as url:
            yield url, Steps(service.database), service


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[tuple[str, Steps, Service]]]:
    """One with few captures, and one with many."""
    with ExitStack() as stack:
        yield [stack.enter_context(desk(tmp_path_factory.mktemp("home"), count)) for count in (FEW, MANY)]


@pytest.mark.parametrize("path", PATHS)
def test_a_page_costs_the_same_with_ten_times_the_captures(desks: list[tuple[str, Steps, Service]], path: str) -> None:
    few, many = (steps_of(*desk[:2], path) for desk in desks)

    assert many <= 1.3 * few + 10


@pytest.mark.parametrize("number", range(len(RUN)))
def test_a_page_of_a_run_costs_the_same_with_ten_times_the_captures(
    desks: list[tuple[str, Steps, Service]], number: int
) -> None:
    few, many = (least_steps(steps, lambda: RUN[number](service)) for _, steps, service in desks)  # noqa: B023

    assert many <= 1.3 * few + 10


def test_a_count_of_all_captures_is_seen_to_grow(desks: list[tuple[str, Steps, Service]]) -> None:
    few, many = (least_steps(steps, lambda: tallied(service.database, "run-1")) for _, steps, service in desks)  # noqa: B023

    assert many > 5 * few


def test_a_list_of_all_is_seen_to_grow(desks: list[tuple[str, Steps, Service]]) -> None:
    few, many = (steps_of(*desk[:2], "/all/cdx?url=http://a.example/&matchType=prefix") for desk in desks)

    assert many > 5 * few
