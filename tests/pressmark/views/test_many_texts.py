"""Pages, lists and commands cost the same with ten times the texts.

Pages are counted in steps of the database's virtual machine, commands in calls of functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from journeys.household import Household
from services.calls import calls
from services.retrieving import served
from services.steps import Steps, least_steps, steps_of
from specimens.captures import NOON
from specimens.library import said

from archive.index.pages import Pages
from archive.values.digest import sha256
from config.settings import Settings
from config.source import Source
from pressmark.service.assembly import open_pressmark, utc_now
from pressmark.service.service import Service
from scheduler.timekeeper import Timekeeper

FEW, MANY = 300, 3_000
NEW = iter(range(1_000_000, 2_000_000))
FOUND = 30
"""Texts with the word that is searched."""
ONE = "http://a.example/page/7"
PATHS = (
    "/",
    "/new",
    "/search?q=lighthouse",
    "/api/v1/search?q=lighthouse",
    "/api/v1/search?q=lighthouse&source=example",
    "/api/v1/feeds/all",
    f"/captures?url={ONE}",
    f"/api/v1/captures?url={ONE}",
    f"/api/v1/similar/20260131120700/{ONE}",
)
COMMANDS = (("captures", ONE), ("search", "lighthouse"), ("runs", "list"), ("similar", ONE))


EACH_DAY = Source.model_validate(
    {"source": "example", "seeds": ["http://a.example/"], "walk": "page", "timetable": {"every": "1d"}}
)


def a_text(service: Service) -> None:
    """Have a new page and its text, in a segment of its own."""
    name = f"new-{(number := next(NEW))}"
    capture, text = said(_text(number), f"http://a.example/page/{number}", minute=number)
    service.index.opened(name, collection="default", worker="w", epoch=1, path=service.settings.home / name, at=NOON)
    service.index.add([capture._replace(location=replace(capture.location, segment=name))])
    service.index.note_texts(name, [replace(text, segment=name)])


def a_tick(service: Service) -> None:
    keeper = Timekeeper(service.database, now=utc_now)
    keeper.follow([EACH_DAY], complete=False)
    keeper.process_due()


RUN: tuple[Callable[[Service], object], ...] = (
    lambda service: service.index.originals("default", [sha256(b"<p>"), sha256(b"new")]),
    lambda service: service.index.latest_many("default", [ONE, "http://a.example/new"]),
    lambda service: Pages(service.database).recall("example", [ONE]),
    lambda service: service.runs.recover(),
    a_tick,
)
"""What a run and its worker ask of the database for a page, and at the end; and a tick of the clock."""


@contextmanager
def home_of(home: Path, count: int) -> Iterator[tuple[Household, str, Steps, Service]]:
    with open_pressmark(Settings(home=home)) as service:
        made = [said(_text(number), f"http://a.example/page/{number}", minute=number) for number in range(count)]
        name = made[0][0].location.segment
        service.index.opened(name, collection="default", worker="w", epoch=1, path=home / "none", at=NOON)
        service.index.add([capture for capture, _ in made])
        service.index.note_texts(name, [replace(row, segment=name) for _, row in made])
        with served(service) as url:
            yield Household(home), url, Steps(service.database), service


def _text(number: int) -> str:
    seen = "lighthouse" if number < FOUND else "harbour"
    number = 7 if number == 8 else number  # a near-duplicate
    return " ".join([seen, *(f"word{number}x{other}" for other in range(150))])


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[tuple[Household, str, Steps, Service]]]:
    """One with few texts, and one with many."""
    with ExitStack() as stack:
        yield [stack.enter_context(home_of(tmp_path_factory.mktemp("house") / "home", n)) for n in (FEW, MANY)]


@pytest.mark.parametrize("path", PATHS)
def test_a_page_costs_the_same_with_ten_times_the_texts(
    homes: list[tuple[Household, str, Steps, Service]], path: str
) -> None:
    few, many = (steps_of(url, steps, path) for _, url, steps, _ in homes)

    assert many <= 1.3 * few + 10


@pytest.mark.parametrize("number", range(len(RUN)))
def test_a_run_and_a_tick_cost_the_same_with_ten_times_the_texts(
    homes: list[tuple[Household, str, Steps, Service]], number: int
) -> None:
    few, many = (least_steps(steps, lambda: RUN[number](service)) for *_, steps, service in homes)  # noqa: B023

    assert many <= 1.3 * few + 10


def test_a_new_text_costs_the_same_with_ten_times_the_texts(homes: list[tuple[Household, str, Steps, Service]]) -> None:
    few, many = (least_steps(steps, lambda: a_text(service)) for *_, steps, service in homes)  # noqa: B023

    assert many <= 1.3 * few + 10


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_costs_the_same_with_ten_times_the_texts_and_captures(
    homes: list[tuple[Household, str, Steps, Service]], command: tuple[str, ...]
) -> None:
    few, many = (cost(household, command) for household, *_ in homes)

    assert many <= 1.3 * few


def cost(household: Household, command: tuple[str, ...]) -> int:
    """Return the cost of the third time: modules are loaded then."""
    for _ in range(2):
        household.look(*command)
    return calls(lambda: household.look(*command))


def test_a_search_that_finds_all_is_seen_to_grow(homes: list[tuple[Household, str, Steps, Service]]) -> None:
    few, many = (steps_of(url, steps, "/api/v1/search?q=harbour") for _, url, steps, _ in homes)

    assert many > 3 * few


def test_a_command_that_lists_all_is_seen_to_grow(homes: list[tuple[Household, str, Steps, Service]]) -> None:
    listing = ("captures", "http://a.example/", "--match", "prefix", "--limit", "10000")
    few, many = (cost(household, listing) for household, *_ in homes)

    assert many > 5 * few
