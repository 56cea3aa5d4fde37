"""A segment of attached months that is added while a lookup runs is in its answer, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest
from conftest import figure
from specimens.month_worlds import FIRST, URLS, MonthWorld, copy_rows
from sqlalchemy import delete, select

from archive.database.engine import Database
from archive.database.prepared import Query
from archive.database.schema import captures, segments
from archive.index.cdx.engine import Cdx
from archive.index.cdx.query import CdxQuery
from archive.index.index import Index
from archive.index.months import lookups
from archive.index.months.segment_names import SegmentNames
from archive.index.selection import Selection
from archive.index.selection_rows import chosen
from archive.index.tallies import Tallies, ports_beside

Ask = Callable[[Index], Any]
HOST = "https://example.org/"


def cdx(**asked: Any) -> Ask:
    return lambda index: list(Cdx(index.database, index.months).rows(CdxQuery(HOST, **asked)))


def selected(**asked: Any) -> Ask:
    def ask(index: Index) -> Any:
        found = list(chosen(index, Selection(**asked)))
        assert len(found) == len(set(found)), "each is selected once"
        return sorted(found, key=lambda one: (one.urlkey, one.at, one.location.segment, one.location.offset))

    return ask


LOOKUPS: dict[str, Ask] = {
    "of a URL": lambda index: list(index.captures(URLS[1])),
    "the newest": lambda index: list(index.captures(URLS[1], newest_first=True, limit=3)),
    "of a domain": lambda index: list(index.captures(HOST, match="domain")),
    "the closest": lambda index: [index.closest(url, FIRST) for url in URLS],
    "in a second": lambda index: [list(index.in_second(one, FIRST)) for one in URLS],
    "crowded": lambda index: index.crowded((url, FIRST, "none") for url in URLS),
    "rows": cdx(match="domain", unchanged=True),
    "rows, reversed": cdx(match="domain", order="reverse", limit=20),
    "rows by distance": cdx(order="closest", closest=int(FIRST.timestamp() * 1e6), limit=9),
    "count": lambda index: Cdx(index.database, index.months).count(CdxQuery(HOST, "domain", unchanged=True)),
    "days": lambda index: Tallies(index.database, index.months).days(URLS[1]),
    "ports": lambda index: ports_beside(index.database, HOST, index.months),
    "all": selected(),
    "the latest": selected(latest=True),
    "of a prefix": selected(url=HOST),
}


@contextmanager
def at_step(step: int, act: Callable[[], None]) -> Iterator[Callable[[], bool]]:
    """Act just before a lookup reads the database for the `step`-th time. Yield what says whether that was."""
    steps, busy, acted = count(), [False], [False]

    def before(method: Callable[..., Any]) -> Callable[..., Any]:
        def called(*arguments: Any, **named: Any) -> Any:
            if not busy[0] and next(steps) == step:
                busy[0] = acted[0] = True
                act()
                busy[0] = False
            return method(*arguments, **named)

        return called

    with pytest.MonkeyPatch.context() as patch:
        for kind, name in ((Query, "rows"), (Query, "rows_of_each"), (Database, "reading"), (SegmentNames, "has")):
            patch.setattr(kind, name, before(getattr(kind, name)))
        yield lambda: acted[0]


def remove(database: Database, name: str) -> None:
    with database.writing() as connection:
        of_it = select(segments.c.id).where(segments.c.name == name).scalar_subquery()
        connection.execute(delete(captures).where(captures.c.segment_id == of_it))
        connection.execute(delete(segments).where(segments.c.name == name))


@pytest.mark.parametrize("kind", LOOKUPS)
@pytest.mark.parametrize("length", figure([3], [1, 3, 1000], [1, 2, 3, 7, 1000]))
def test_a_segment_that_is_added_at_any_step_of_a_lookup_is_in_its_answer_once(
    world: MonthWorld, kind: str, length: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookups, "_PAGE", length)
    monkeypatch.setattr("archive.index.cdx.engine._PAGE", length)
    monkeypatch.setattr("archive.index.cdx.engine._FIRST_PAGE", length)
    monkeypatch.setattr("archive.index.selection_rows._PAGE", length)
    ask, index = LOOKUPS[kind], world.split(frozenset({0, 2}))
    expected = ask(world.all)
    for name in ("s-1", "s-4"):
        for step in figure(range(9), range(60), range(400)):
            with at_step(step, lambda name=name: copy_rows(world.rows, index.database, {name})) as acted:  # type: ignore[misc]
                found = ask(index)
            if acted():
                remove(index.database, name)
            assert found == expected, (name, step)
            if not acted():
                break
