"""Counters of processes: nothing is counted twice, only a kill loses counts, and sums cover all processes."""

from __future__ import annotations

from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.database import figures
from archive.database.engine import Database
from archive.values.counters import BOUNDS, SUM, Figure, Figures, bucket_names, observed


def test_the_counts_of_two_processes_are_summed(database: Database) -> None:
    for times in (2, 3):
        one = Figures()
        for _ in range(times):
            one.count(Figure.FETCHES, "gazette", "2xx")
        one.count(Figure.FETCHES, "gazette", "dns")
        figures.write(database, one)
        figures.write(database, one)  # written counts are not written again

    assert figures.sums(database) == {"fetches": {("gazette", "2xx"): 5.0, ("gazette", "dns"): 2.0}}


def test_counts_that_could_not_be_written_are_written_the_next_time(database: Database) -> None:
    counting = Figures()
    counting.count(Figure.UPLOADS, "ok")
    with pytest.raises(OSError, match="full"), counting.drained() as taken, database.writing() as connection:
        figures.add(connection, taken.items())
        counting.count(Figure.UPLOADS, "ok")  # meanwhile
        raise OSError("the disk is full")
    assert figures.sums(database) == {}

    figures.write(database, counting)
    assert figures.sums(database) == {"uploads": {("ok",): 2.0}}


def test_no_count_of_several_threads_is_lost() -> None:
    counting, taken = Figures(), 0.0

    def count() -> None:
        for _ in range(2_000):
            counting.count(Figure.FORBIDDEN, "private")

    threads = [Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        with counting.drained() as some:
            taken += sum(some.values())
    for thread in threads:
        thread.join()
    with counting.drained() as rest:
        taken += sum(rest.values())

    assert taken == 8_000


@given(figure=st.sampled_from(sorted(BOUNDS)), seconds=st.floats(0, 1e6))
def test_a_duration_is_in_the_first_bucket_that_is_not_below_it(figure: Figure, seconds: float) -> None:
    (((_, (bucket,)), one), ((_, (whole,)), added)) = observed(figure, seconds)

    ends = [float(name) for name in bucket_names(figure)]
    assert (one, whole, added) == (1.0, SUM, seconds)
    assert float(bucket) == min(end for end in ends if end >= seconds)
