"""With PostgreSQL as the home of sources, a run and a tick cost the same with ten times the sources."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.request import urlopen

import pytest
from services.calls import calls
from services.postgresql import EMPTY, PostgresServer
from services.retrieving import served
from sqlalchemy import event

from config.settings import Settings
from pressmark.discover.source_texts import apply_texts
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service

pytestmark = pytest.mark.postgresql
FEW, MANY = 30, 300
SOURCE = "source: s{0:05}\nseeds: [http://127.0.0.1:9/]\nwalk: page\ntimetable: {{every: 1d}}\n"


def texts(count: int) -> dict[str, str]:
    return {f"s{number:05}.yaml": SOURCE.format(number) for number in range(count)}


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory, postgresql: PostgresServer) -> Iterator[tuple[Service, ...]]:
    """Few sources, and many, that another machine has applied."""
    with ExitStack() as stack:
        yield tuple(_home(stack, postgresql, tmp_path_factory.mktemp("homes"), count) for count in (FEW, MANY))


def _home(stack: ExitStack, postgresql: PostgresServer, directory: Path, count: int) -> Service:
    url = stack.enter_context(postgresql.database(EMPTY))
    desk, here = (
        stack.enter_context(open_pressmark(Settings(home=directory / name, database=url))) for name in ("desk", "here")
    )
    apply_texts(desk, texts(count), "user ann")
    assert len(here.sources) == count
    return here


def cost(ask: Callable[[], object]) -> int:
    """The cost of the third time: files have been compared with their versions, and statements are prepared."""
    for _ in range(2):
        ask()
    return calls(ask)


def test_the_source_of_a_run_costs_the_same_with_ten_times_the_sources(homes: tuple[Service, ...]) -> None:
    few, many = (cost(lambda service=service: service.sources.refresh("s00003")) for service in homes)  # type: ignore[misc]

    assert many < 1.3 * few


def connections(service: Service, ask: Callable[[], object]) -> int:
    """Return how many connections to the database are taken for the second time."""
    ask()
    taken = list[object]()
    event.listen(service.database.engine, "checkout", note := lambda *given: taken.append(given[0]))
    try:
        ask()
    finally:
        event.remove(service.database.engine, "checkout", note)
    return len(taken)


def test_a_page_begins_few_transactions(homes: tuple[Service, ...]) -> None:
    service = homes[0]
    names = service.sources.names
    with served(service) as url:
        for path, most in (("/", 10), ("/sources", 6), ("/api/v1/sources", 4)):
            assert connections(service, lambda path=path: urlopen(url + path).read()) <= most  # type: ignore[misc]

    assert connections(service, lambda: (service.standing(names), service.coming(service.sources.some(names)))) > 5


def test_a_look_at_all_files_is_seen_to_grow(homes: tuple[Service, ...]) -> None:
    few, many = (cost(service.sources.reload) for service in homes)

    assert many > 3 * few


def test_files_of_many_versions_are_written_together_and_each_says_its_text(homes: tuple[Service, ...]) -> None:
    there = homes[1].settings.sources

    assert {file.name: file.read_text() for file in there.glob("*.yaml")} == texts(MANY)
    assert [file for file in there.iterdir() if file.name.endswith(".new")] == []


def test_many_files_of_which_one_cannot_be_written_are_written_but_that_one(
    homes: tuple[Service, ...], tmp_path: Path
) -> None:
    database = homes[1].settings.database_url
    (tmp_path / "sources" / "s00007.yaml").mkdir(parents=True)  # nothing replaces a directory
    with open_pressmark(Settings(home=tmp_path, database=database)) as service:
        assert len(service.sources) == MANY - 1
        assert ["s00007.yaml" in str(error) for error in service.sources.errors] == [True]
