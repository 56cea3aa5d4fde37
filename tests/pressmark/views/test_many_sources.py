"""What a person or a run asks for costs the same with ten times the sources, counted in calls of functions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.request import urlopen

import pytest
from journeys.household import Household
from services.calls import calls
from services.retrieving import served

from config.load import Sources
from config.settings import Settings
from pressmark.service import assembly
from pressmark.service.assembly import open_pressmark, utc_now
from pressmark.service.service import Service
from pressmark.upkeep.conditions import conditions
from pressmark.upkeep.ledger.saving import LedgerSaving
from pressmark.upkeep.why import why
from pressmark.views.collections import Collections
from pressmark.views.describe import source_shape, source_shapes, sources_after
from pressmark.views.source_lines import source_lines
from pressmark.web.overview import lines
from scheduler.run import Run
from scheduler.timekeeper import Timekeeper
from scheduler.workers.orders import Orders

FEW, MANY = 110, 1_100
SOURCE = "source: s{:05}\nseeds: [http://127.0.0.1:9/]\nwalk: page\ntimetable: {{every: 1d}}\n"


def a_run(service: Service) -> object:
    return Orders(service.sources, service.settings.home).order(Run("r", "s00003", "running", utc_now()))


def a_look_of_the_ledger() -> Callable[[Service], object]:
    savings = dict[Path, LedgerSaving]()

    def look(service: Service) -> object:
        home = service.settings.home
        if home not in savings:
            savings[home] = LedgerSaving(service, looked_at=100)
        return savings[home].save()

    return look


def a_tick(service: Service) -> object:
    keeper = Timekeeper(service.database, now=utc_now)
    keeper.follow([service.sources.get("s00003")], complete=False)
    return keeper.process_due()


COSTS: tuple[Callable[[Service], object], ...] = (
    lambda service: lines(service, ""),
    lambda service: lines(service, "well s00005"),
    lambda service: sources_after(service, "s00005", 100),
    lambda service: source_shape(service, "s00005"),
    lambda service: service.request("s00007"),
    lambda service: Collections(service).knows("default"),
    lambda service: Collections(service).names(),
    lambda service: list(conditions(service)),
    lambda service: service.sources.poll(100),
    lambda service: why(service, ONE),
    a_run,
    a_tick,
    a_look_of_the_ledger(),
)

ONE = "http://a.example/"
COMMANDS = (("captures", ONE), ("search", "harbour"), ("runs", "list"), ("similar", ONE), ("watches",))


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, Service]]:
    """Few sources, and many, at noon: right after the tick of a day, what comes next costs more."""
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        late = utc_now().replace(hour=12) - utc_now()
        patch.setattr(assembly, "utc_now", lambda: utc_now() + late)
        yield tuple(stack.enter_context(open_pressmark(_home(tmp_path_factory.mktemp("home"), n))) for n in (FEW, MANY))  # type: ignore[misc]


def _home(home: Path, count: int) -> Settings:
    (home / "sources").mkdir()
    for number in range(count):
        (home / "sources" / f"s{number:05}.yaml").write_text(SOURCE.format(number))
    return Settings(home=home)


def cost(ask: Callable[[Service], object], service: Service) -> int:
    """The cost of the fourth time: modules are loaded, statements are prepared, and it was seen that no file came."""
    for _ in range(3):
        ask(service)
    return calls(lambda: ask(service))


@pytest.mark.parametrize("number", range(len(COSTS)))
def test_it_costs_the_same_with_ten_times_the_sources(homes: tuple[Service, Service], number: int) -> None:
    few, many = (cost(COSTS[number], service) for service in homes)

    assert many < 1.3 * few


PATHS = ("/", "/new", "/runs", "/sources", "/search?q=harbour", f"/captures?url={ONE}", "/collections", "/metrics")


@pytest.mark.parametrize("path", PATHS)
def test_a_page_has_the_same_size_with_ten_times_the_sources(homes: tuple[Service, Service], path: str) -> None:
    few, many = (len(page_of(service, path)) for service in homes)

    assert many < 1.3 * few


def test_a_collection_of_many_sources_links_the_first_ones_and_counts_the_others(
    homes: tuple[Service, Service],
) -> None:
    shown = page_of(homes[1], "/collections").decode()

    assert shown.count('<a href="/sources/s0') == 20
    assert f", and {MANY - 20} more" in shown


def test_a_page_asks_for_a_source_by_a_list_of_few_and_by_name_among_many(homes: tuple[Service, Service]) -> None:
    few, many = (page_of(service, "/search?q=harbour&source=s00003").decode() for service in homes)

    assert "<option selected>s00003</option>" in few
    assert 'name="source" value="s00003"' in many


def page_of(service: Service, path: str) -> bytes:
    with served(service) as url, urlopen(url + path) as answer:
        octets: bytes = answer.read()
    return octets


def cost_of(command: tuple[str, ...], service: Service) -> int:
    """The cost of a command at the third time. It may find nothing in these homes."""
    household = Household(service.settings.home)
    for _ in range(2):
        household.look(*command, code=None)
    return calls(lambda: household.look(*command, code=None))


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_costs_the_same_with_ten_times_the_sources(
    homes: tuple[Service, Service], command: tuple[str, ...]
) -> None:
    few, many = (cost_of(command, service) for service in homes)

    assert many < 1.3 * few


def test_a_command_that_lists_all_sources_is_seen_to_grow(homes: tuple[Service, Service]) -> None:
    few, many = (cost_of(("source", "list"), service) for service in homes)

    assert many > 2 * few


def test_a_check_of_one_source_builds_no_other(homes: tuple[Service, Service]) -> None:
    _, many = homes
    household = Household(many.settings.home)

    assert calls(lambda: household.look("source", "check", "s00005", code=None), "sources") < 5
    assert calls(lambda: household.look("source", "check", code=None), "sources") >= MANY


def test_a_command_that_shows_or_checks_one_source_looks_at_each_file_once(homes: tuple[Service, Service]) -> None:
    _, many = homes
    household, directory = Household(many.settings.home), many.settings.sources

    for command in ("show", "check"):
        assert MANY <= calls(lambda: household.look("source", command, "s00005", code=None), "stamp_of") < MANY + 20  # noqa: B023
    assert calls(lambda: Sources(directory).poll(), "stamp_of") > 2 * MANY


def test_a_table_of_all_sources_costs_half_of_their_shapes(homes: tuple[Service, Service]) -> None:
    _, many = homes

    assert cost(source_lines, many) < 0.5 * cost(source_shapes, many)


def test_a_table_of_all_sources_says_what_their_shapes_say(homes: tuple[Service, Service]) -> None:
    few, _ = homes
    shapes = [(one.name, one.state, one.walk, one.timetable, one.next[0], one.seeds) for one in source_shapes(few)]

    assert [(*line[:5], list(line.seeds)) for line in source_lines(few)] == shapes


def test_a_cost_that_grows_would_be_seen(homes: tuple[Service, Service]) -> None:
    few, many = (cost(source_shapes, service) for service in homes)

    assert many > 5 * few
