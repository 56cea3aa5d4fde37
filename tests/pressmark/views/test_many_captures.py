"""Pages and lists cost the same with ten times the captures, counted in steps of the database's virtual machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from services.retrieving import served
from services.steps import Steps, steps_of
from specimens.captures import NOON, capture_of

from config.settings import Settings
from pressmark.service.assembly import open_pressmark

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
)


@contextmanager
def desk(home: Path, count: int) -> Iterator[tuple[str, Steps]]:
    with open_pressmark(Settings(home=home)) as service:
        made = [capture_of(f"http://a.example/page/{number}", minute=number, number=number) for number in range(count)]
        name = made[0].location.segment
        service.index.opened(name, collection="default", worker="w", epoch=1, path=home / "none", at=NOON)
        service.index.add(made)
        with served(service) as url:
            yield url, Steps(service.database)


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[tuple[str, Steps]]]:
    """One with few captures, and one with many."""
    with ExitStack() as stack:
        yield [stack.enter_context(desk(tmp_path_factory.mktemp("home"), count)) for count in (FEW, MANY)]


@pytest.mark.parametrize("path", PATHS)
def test_a_page_costs_the_same_with_ten_times_the_captures(desks: list[tuple[str, Steps]], path: str) -> None:
    few, many = (steps_of(*desk, path) for desk in desks)

    assert many <= 1.3 * few + 10


def test_a_list_of_all_is_seen_to_grow(desks: list[tuple[str, Steps]]) -> None:
    few, many = (steps_of(*desk, "/all/cdx?url=http://a.example/&matchType=prefix") for desk in desks)

    assert many > 5 * few
