"""Models of the frontier: leases, results, changes and kills in any order."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from crawling.frontiers import HOST, page
from hypothesis import given
from hypothesis import strategies as st

from crawler.frontier.frontier import Frontier
from crawler.policy.rows import FetchResult, Link, Row, State


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans(), st.lists(st.integers(0, 30), max_size=5)), max_size=30))
def test_each_url_ends_in_one_state_and_none_is_lost_in_any_order_of_events(
    steps: list[tuple[int, bool, list[int]]],
) -> None:
    """A model: leases, results and kills in any order; in the end all URLs ever found are done, each once."""
    import tempfile

    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "run.db"
        frontier = Frontier(path)
        frontier.add([page("/0")])
        found, done = {HOST + "/0"}, Counter[str]()
        kills = 0
        for size, kill, links in steps:
            rows = frontier.lease(1, size, 0.0)
            if kill and kills < 8:
                kills += 1
                frontier._db.close()
                frontier = Frontier(path)
                continue
            new = [page(f"/{number}") for number in links]
            found |= {link.url for link in new} if rows else set()
            frontier.write_results([FetchResult(row.id, State.DONE, links=new) for row in rows])
            done.update(row.url for row in rows)
        for _ in range(40):
            rows = frontier.lease(1, 10, 0.0)
            frontier.write_results([FetchResult(row.id, State.DONE) for row in rows])
            done.update(row.url for row in rows)
        frontier.close()

        assert done == Counter(found)


@given(st.lists(st.tuples(st.sampled_from("lpd"), st.integers(0, 2), st.integers(1, 9)), max_size=40))
def test_a_page_is_always_decided_with_the_latest_change_that_a_list_gives(
    steps: list[tuple[str, int, int]],
) -> None:
    """A model of lists that give changes (p), leases (l) and decisions (d) to pass a page over, in any order.

    In the end each page was decided with the latest change given, and the counts are those of the rows.
    """
    import tempfile

    told: dict[str, float] = {}
    decided: dict[str, float] = {}
    leased: dict[str, Row] = {}
    with tempfile.TemporaryDirectory() as directory:
        frontier = Frontier(Path(directory) / "run.db")

        def decide(row: Row) -> None:
            assert row.modified is not None
            decided[row.url] = row.modified
            frontier.tally["dropped:not-newer"] += 1
            frontier.write_results([FetchResult(row.id, State.DROPPED, "not-newer", modified=row.modified)])

        for kind, number, moment in steps:
            link = Link(f"{HOST}/{number}", modified=float(moment))
            if kind == "p":
                frontier.add([link])
                told[link.url] = max(told.get(link.url, 0.0), link.modified or 0.0)
            elif kind == "l":
                leased |= {row.url: row for row in frontier.lease(1, 1, 0.0)}
            elif row := leased.pop(link.url, None):
                decide(row)
        for row in [*leased.values()]:
            decide(row)
        while rows := frontier.lease(1, 9, 0.0):
            for row in rows:
                decide(row)
        counts, tally = +frontier.states, frontier.tally["dropped:not-newer"]
        frontier.close()

    assert decided == told
    assert counts == +Counter({State.DROPPED: len(told)})
    assert tally == len(told)
