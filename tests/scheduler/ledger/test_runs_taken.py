"""Which run a worker takes, and when."""

from __future__ import annotations

import threading

import pytest
from services.calls import calls
from services.ledgers import NOON, Ledger, kept
from specimens.plans import asked

from scheduler.ledger import runs
from scheduler.ledger.next_run import start_run
from scheduler.ledger.queue import queue
from scheduler.run import LOOSE, Run, StaleEpoch


def test_the_oldest_run_is_taken_first(ledger: Ledger) -> None:
    names = ["c", "a", "b"]
    for name in names:
        ledger.request(name)
        ledger.time.passes(milliseconds=1)
    epoch = ledger.epochs.begin("main")

    assert [ledger.take(epoch).source for _ in names] == names
    assert ledger.runs.claim("main", epoch) is None


def test_a_run_that_a_person_requested_goes_before_those_of_the_timetable(ledger: Ledger) -> None:
    epoch = ledger.epochs.begin("main")
    for source in ("a", "b"):
        with ledger.database.writing() as connection:
            queue(connection, source, NOON, tick=NOON)
    ledger.time.passes(seconds=1)
    ledger.request("c")

    assert [ledger.take(epoch).source for _ in range(3)] == ["c", "a", "b"]
    ledger.request("d")
    with ledger.database.writing() as connection:
        queue(connection, "e", NOON, tick=NOON)
    left = ledger.runs.claim("main", epoch, known=lambda sources: set(sources) - {"d"})
    assert left is not None
    assert left.source == "e"


def test_a_run_of_the_timetable_waits_for_runs_by_hand_for_ten_minutes_at_most(ledger: Ledger) -> None:
    with ledger.database.writing() as connection:
        queue(connection, "a", ledger.time(), tick=NOON)
    order = []
    for _ in range(12):
        ledger.time.passes(minutes=1)
        ledger.request("b")
        run = ledger.take(ledger.epochs.begin("main"))
        order.append(run.source)
        ledger.runs.finish(run, kept())

    assert order == ["b"] * 10 + ["a", "b"]


def test_a_source_is_crawled_once_at_a_time(ledger: Ledger) -> None:
    epoch = ledger.epochs.begin("main")
    ledger.request("a")
    first = ledger.take(epoch)
    ledger.request("a")

    assert ledger.runs.claim("main", epoch) is None
    ledger.runs.finish(first, kept())
    assert ledger.take(epoch).source == "a"


def test_a_paused_source_is_not_taken_until_it_is_resumed(ledger: Ledger) -> None:
    epoch = ledger.epochs.begin("main")
    ledger.request("a")
    ledger.request("b")
    ledger.pauses.pause("a", "being rebuilt")

    assert ledger.take(epoch).source == "b"
    assert ledger.runs.claim("main", epoch) is None
    ledger.pauses.resume("a")
    assert ledger.take(epoch).source == "a"


def test_nothing_is_taken_while_everything_is_paused(ledger: Ledger) -> None:
    epoch = ledger.epochs.begin("main")
    ledger.request("a")
    ledger.pauses.pause()

    assert ledger.runs.claim("main", epoch) is None
    ledger.pauses.resume()
    assert ledger.take(epoch).source == "a"


def test_only_the_named_runs_are_taken(ledger: Ledger) -> None:
    epoch = ledger.epochs.begin("main")
    ledger.request("a")
    named = ledger.request("b")

    assert ledger.runs.claim("main", epoch, only=[]) is None
    taken = ledger.runs.claim("main", epoch, only=[named.id])
    assert taken is not None
    assert taken.id == named.id


def test_a_run_of_an_unknown_source_is_left_to_workers_that_know_it(ledger: Ledger) -> None:
    epoch = ledger.epochs.begin("main")
    for name in ("unknown", "known", LOOSE):
        ledger.request(name)
        ledger.time.passes(milliseconds=1)
    taken = [ledger.runs.claim("main", epoch, known=lambda sources: {"known"} & set(sources)) for _ in range(3)]

    assert [run and run.source for run in taken] == ["known", LOOSE, None]
    assert ledger.take(epoch).source == "unknown"


def test_a_run_that_a_person_starts_here_is_taken_also_if_others_have_its_source(ledger: Ledger) -> None:
    """It ends with the reason. Otherwise, the command would wait for another machine, which may not exist."""
    epoch, named = ledger.epochs.begin("main"), ledger.request("unknown")

    assert ledger.runs.claim("main", epoch, known=lambda sources: ()) is None
    taken = ledger.runs.claim("main", epoch, only=[named.id], known=lambda sources: ())
    assert taken is not None
    assert taken.id == named.id


def test_concurrent_takers_never_get_one_run_twice(ledger: Ledger) -> None:
    for number in range(40):
        ledger.request(f"s{number}")
    taken: list[str] = []

    def take_all(worker: str) -> None:
        epoch = ledger.epochs.begin(worker)
        while run := ledger.runs.claim(worker, epoch):
            taken.append(run.id)

    threads = [threading.Thread(target=take_all, args=(f"w{number}",), daemon=True) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len(taken) == len(set(taken)) == 40


def taken_beside_another_of_its_source(ledger: Ledger) -> list[Run | None]:
    """Return what a worker takes of two queued runs of a source, while another worker is taking the first."""
    here, there = ledger.epochs.begin("here"), ledger.epochs.begin("there")
    with ledger.database.writing() as connection:
        first, second = queue(connection, "a", NOON), queue(connection, "a", NOON)
    taken: list[Run | None] = []
    taker = threading.Thread(target=lambda: taken.append(ledger.runs.claim("there", there, only=[second.id])))
    with ledger.database.beside("runs a") as connection:
        start_run(connection, first.id, "here", here, NOON)
        taker.start()
        taker.join(0.3)
    taker.join(60)
    return taken


def test_two_runs_of_a_source_are_never_taken_at_once(ledger: Ledger) -> None:
    assert taken_beside_another_of_its_source(ledger) == [None]


@pytest.mark.postgresql
@pytest.mark.parametrize("either", ["postgresql"], indirect=True)
def test_without_a_lock_of_the_source_both_are_taken(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "_lock", lambda source: f"another {source}")

    assert taken_beside_another_of_its_source(ledger) != [None]


def test_a_run_that_a_program_begins_itself_is_active_at_once(ledger: Ledger) -> None:
    epoch = ledger.epochs.begin("main")

    begun = ledger.runs.begin("a", "main", epoch)

    assert begun == ledger.runs.get(begun.id)
    facts = (begun.source, begun.status, begun.worker, begun.epoch, begun.started_at, begun.seen_at)
    assert facts == ("a", "running", "main", epoch, NOON, NOON)
    assert ledger.runs.claim("main", epoch) is None
    assert ledger.runs.finish(begun, kept()).outcome == "done"
    ledger.epochs.begin("main")
    with pytest.raises(StaleEpoch):
        ledger.runs.begin("a", "main", epoch)


def test_a_run_that_was_taken_and_whose_answer_was_lost_is_found(ledger: Ledger) -> None:
    epoch, other = ledger.epochs.begin("main"), ledger.epochs.begin("other")
    assert ledger.runs.mislaid(epoch, []) is None
    ledger.request("a")
    taken = ledger.take(epoch)

    assert ledger.runs.mislaid(epoch, []) == ledger.runs.mislaid(epoch, ["another"]) == taken
    assert ledger.runs.mislaid(epoch, [taken.id]) is None
    assert ledger.runs.mislaid(other, []) is None
    ledger.runs.finish(taken, kept())
    assert ledger.runs.mislaid(epoch, []) is None


def test_a_claim_builds_no_condition_again_and_looks_at_no_list_of_sources(ledger: Ledger) -> None:
    epoch = ledger.epochs.begin("main")
    for name in "abc":
        ledger.request(name)
    ledger.take(epoch)

    def claims() -> None:
        assert ledger.runs.mislaid(epoch, ["another"])
        ledger.take(epoch)

    with asked(ledger.database) as statements:
        conditions = calls(claims, "operate")

    assert conditions == 0
    assert len([sql for sql, _ in statements if sql.startswith("SELECT") and "runs" in sql]) == 4
