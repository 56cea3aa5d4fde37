"""The roll is as if all sources had been looked at, at the cost of those that changed."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pytest
from conftest import figure
from services.calls import calls
from services.ledgers import Ledger, kept, tick

from archive.values.errors import DatabaseUnreachable
from config.load import Sources
from scheduler.ledger.source_list import SourceList
from scheduler.ledger.source_states import SourceStates, standing_of

NAMES = ("a", "b", "c", "d")
EVERY = "source: {name}\nseeds: [https://{name}.example/]\ntimetable: {{every: 1h, jitter: 0s}}\n"


def sources_in(directory: Path, count: int = 0) -> Sources:
    for name in NAMES if not count else (f"s{number}" for number in range(count)):
        (directory / f"{name}.yaml").write_text(EVERY.format(name=name))
    return Sources(directory)


def roll_of(ledger: Ledger, sources: Sources) -> SourceList:
    stand = partial(standing_of, ledger.database, ledger.runs, ledger.pauses, problems={})
    return SourceList(sources, ledger.events, stand, zone="UTC")


def run(ledger: Ledger, source: str, outcome: str) -> None:
    """Request a run; the oldest that may begin ends so."""
    ledger.request(source)
    if taken := ledger.runs.claim("main", ledger.epochs.begin("main")):
        ledger.runs.finish(taken, kept(outcome))


def test_the_roll_is_at_any_time_as_one_that_looks_at_all_sources_for_the_first_time(
    ledger: Ledger, tmp_path: Path
) -> None:
    chance, sources = random.Random(28), sources_in(tmp_path)
    roll = roll_of(ledger, sources)
    acts: tuple[Callable[[str], object], ...] = (
        lambda name: run(ledger, name, chance.choice(("done", "failed", "blocked", "empty"))),
        ledger.request,
        lambda _: ledger.time.passes(minutes=chance.choice((1, 45, 75))),
        ledger.pauses.pause,
        ledger.pauses.resume,
        lambda _: ledger.pauses.pause(),
        lambda _: ledger.pauses.resume(),
        lambda name: (tmp_path / f"{name}.yaml").unlink(missing_ok=True) or sources.reload(),
        lambda _: sources_in(tmp_path) and sources.reload(),
    )
    unwell = set[int]()
    for _ in range(figure(30, 300, 3_000)):
        chance.choice(acts)(chance.choice(NAMES))
        found = roll.page("", 3, ledger.time())

        assert found == roll_of(ledger, sources).page("", 3, ledger.time())
        unwell.add(found.unwell)
    assert len(unwell) > 2  # else nothing was tried


def test_a_source_whose_run_is_missing_comes_first_though_nothing_happened(ledger: Ledger, tmp_path: Path) -> None:
    roll = roll_of(ledger, sources_in(tmp_path))
    run(ledger, "c", "done")
    assert roll.page("", 9, ledger.time()).names == ["a", "b", "c", "d"]

    ledger.time.passes(hours=1, minutes=9)
    assert roll.page("", 9, ledger.time()).unwell == 0
    ledger.time.passes(minutes=2)
    assert roll.page("", 9, ledger.time())[::2] == (["c", "a", "b", "d"], 1)


def test_pages_follow_each_other_to_the_last_source(ledger: Ledger, tmp_path: Path) -> None:
    roll = roll_of(ledger, sources_in(tmp_path))
    run(ledger, "d", "failed")
    first = roll.page("", 2, ledger.time())
    assert (first.names, first.unwell, first.all) == (["d", "a"], 1, 4)
    second = roll.page(first.following or "", 2, ledger.time())

    assert (second.names, second.following) == (["b", "c"], None)
    assert roll.page("x", 2, ledger.time()).names == []


@pytest.mark.parametrize("changed", [0, 5])
def test_a_page_costs_the_same_with_ten_times_the_sources(ledger: Ledger, tmp_path: Path, changed: int) -> None:
    costs = list[int]()
    for count in (60, 600):
        (tmp_path / str(count)).mkdir()
        roll = roll_of(ledger, sources_in(tmp_path / str(count), count))
        begin = calls(lambda roll=roll: roll.page("", 50, ledger.time()))  # type: ignore[misc]
        for number in range(changed):
            ledger.runs.request(f"s{number}", tick(f"s{number}", ledger.time.passes(minutes=1)))
        costs.append(calls(lambda roll=roll: roll.page("", 50, ledger.time())))  # type: ignore[misc]

    assert costs[1] < 1.3 * costs[0]
    assert begin > 5 * costs[1]  # the first page, which looks at all of them, shows that growth would be seen


def test_a_look_that_fails_loses_no_change(ledger: Ledger, tmp_path: Path) -> None:
    sources = sources_in(tmp_path)
    failing = False

    def stand(names: Sequence[str]) -> SourceStates:
        if failing:
            raise DatabaseUnreachable("sqlite", "it is away")
        return standing_of(ledger.database, ledger.runs, ledger.pauses, names, problems={})

    roll = SourceList(sources, ledger.events, stand, zone="UTC")
    assert roll.page("", 9, ledger.time()).unwell == 0
    run(ledger, "c", "failed")
    failing = True
    with pytest.raises(DatabaseUnreachable):
        roll.page("", 9, ledger.time())
    failing = False

    assert roll.page("", 9, ledger.time()) == roll_of(ledger, sources).page("", 9, ledger.time())
    assert roll.page("", 9, ledger.time()).unwell == 1
