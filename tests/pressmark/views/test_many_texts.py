"""Pages, lists and commands cost the same with ten times the texts.

Pages are counted in steps of the database's virtual machine, commands in calls of functions.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from journeys.household import Household
from services.calls import calls
from services.retrieving import served
from services.steps import Steps, steps_of
from specimens.captures import NOON
from specimens.library import said

from config.settings import Settings
from pressmark.service.assembly import open_pressmark

FEW, MANY = 300, 3_000
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


@contextmanager
def home_of(home: Path, count: int) -> Iterator[tuple[Household, str, Steps]]:
    with open_pressmark(Settings(home=home)) as service:
        made = [said(_text(number), f"http://a.example/page/{number}", minute=number) for number in range(count)]
        name = made[0][0].location.segment
        service.index.opened(name, collection="default", worker="w", epoch=1, path=home / "none", at=NOON)
        service.index.add([capture for capture, _ in made])
        service.index.note_texts(name, [replace(row, segment=name) for _, row in made])
        with served(service) as url:
            yield Household(home), url, Steps(service.database)


def _text(number: int) -> str:
    seen = "lighthouse" if number < FOUND else "harbour"
    number = 7 if number == 8 else number  # a near-duplicate
    return " ".join([seen, *(f"word{number}x{other}" for other in range(150))])


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[tuple[Household, str, Steps]]]:
    """One with few texts, and one with many."""
    with ExitStack() as stack:
        yield [stack.enter_context(home_of(tmp_path_factory.mktemp("house") / "home", n)) for n in (FEW, MANY)]


@pytest.mark.parametrize("path", PATHS)
def test_a_page_costs_the_same_with_ten_times_the_texts(homes: list[tuple[Household, str, Steps]], path: str) -> None:
    few, many = (steps_of(url, steps, path) for _, url, steps in homes)

    assert many <= 1.3 * few + 10


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_costs_the_same_with_ten_times_the_texts_and_captures(
    homes: list[tuple[Household, str, Steps]], command: tuple[str, ...]
) -> None:
    few, many = (cost(household, command) for household, _, _ in homes)

    assert many <= 1.3 * few


def cost(household: Household, command: tuple[str, ...]) -> int:
    """Return the cost of the third time: modules are loaded then."""
    for _ in range(2):
        household.look(*command)
    return calls(lambda: household.look(*command))


def test_a_search_that_finds_all_is_seen_to_grow(homes: list[tuple[Household, str, Steps]]) -> None:
    few, many = (steps_of(url, steps, "/api/v1/search?q=harbour") for _, url, steps in homes)

    assert many > 3 * few


def test_a_command_that_lists_all_is_seen_to_grow(homes: list[tuple[Household, str, Steps]]) -> None:
    listing = ("captures", "http://a.example/", "--match", "prefix", "--limit", "10000")
    few, many = (cost(household, listing) for household, _, _ in homes)

    assert many > 5 * few
