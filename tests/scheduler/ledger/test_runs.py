from __future__ import annotations

import re
import threading
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.ledgers import NOON, Ledger, kept, tick

from crawler.policy.order import Counts, Outcome
from scheduler.ledger.runs import honest
from scheduler.run import LOOSE, RunOver, StaleEpoch, UnknownRun


def test_a_run_is_requested_taken_seen_and_over(ledger: Ledger) -> None:
    asked = ledger.request("a")
    epoch = ledger.epochs.begin("main")
    ledger.time.passes(seconds=1)
    taken = ledger.take(epoch)
    ledger.runs.configured(taken, "abcd")
    ledger.runs.seen(epoch, {taken.id: Counts(pages=1, captures=2, queued=7)})
    seen = ledger.runs.get(asked.id)
    ledger.time.passes(seconds=1)
    over = ledger.runs.finish(taken, kept(reason="all of it", bytes=100))

    assert (asked.status, taken.status, seen.status, over.status) == ("queued", "running", "running", "over")
    assert seen.counts == Counts(pages=1, captures=2, queued=7)
    assert over == ledger.runs.get(asked.id)
    assert (over.outcome, over.reason, over.counts.bytes, over.config_hash) == ("done", "all of it", 100, "abcd")
    assert (over.requested_at, over.started_at, over.ended_at) == (NOON, NOON + timedelta(seconds=1), ledger.time())
    assert [event.kind for event in ledger.events.after()] == ["run.queued", "run.started", "run.over"]


def test_a_run_id_contains_its_time_and_source(ledger: Ledger) -> None:
    assert re.fullmatch(r"20261124T120000Z-zgc-forum-[0-9a-f]{6}", ledger.request("zgc-forum").id)


def test_requesting_again_returns_the_queued_run(ledger: Ledger) -> None:
    first = ledger.request("a")

    assert ledger.request("a") == first
    assert ledger.request("b") != first


def test_requesting_during_an_active_run_queues_one_more(ledger: Ledger) -> None:
    ledger.request("a")
    running = ledger.take()
    second = ledger.request("a")

    assert second.id != running.id
    assert ledger.request("a") == second


def test_a_run_of_everything_differs_from_the_usual_one(ledger: Ledger) -> None:
    usual, whole = ledger.request("a"), ledger.runs.request("a", everything=True)
    again = ledger.runs.request("a", everything=True)

    assert whole is not None
    assert (whole.everything, usual.everything) == (True, False)
    assert whole.id != usual.id
    assert again == whole
    assert [ledger.runs.get(run.id).everything for run in (usual, whole)] == [False, True]


def test_single_urls_are_queued_separately(ledger: Ledger) -> None:
    one, two, again = (ledger.runs.request(url=f"https://example.org/{path}") for path in ("1", "2", "1"))

    assert one is not None
    assert two is not None
    assert one == again
    assert one.id != two.id
    assert (one.source, one.url) == (LOOSE, "https://example.org/1")


def test_a_slot_has_one_run_however_often_it_strikes(ledger: Ledger) -> None:
    first = ledger.request("a", tick())
    ledger.runs.finish(ledger.take(), kept())

    assert ledger.runs.request("a", tick()) is None
    assert [run.id for run in ledger.runs.list()] == [first.id]


def test_the_database_itself_refuses_a_second_run_of_a_slot(ledger: Ledger) -> None:
    from sqlalchemy import insert
    from sqlalchemy.exc import IntegrityError

    from archive.database.schema import runs, slots

    ledger.request("a", tick())
    row = {"source": "a", "requested_at": NOON, "status": "queued", "attempt": 1, "cancel": False}
    with pytest.raises(IntegrityError), ledger.database.writing() as connection:
        connection.execute(insert(runs).values(id="x", tick=NOON, **row))
    with pytest.raises(IntegrityError), ledger.database.writing() as connection:
        connection.execute(insert(slots).values(source="a", at=NOON, state="queued", noted_at=NOON))


# Taking


def test_the_oldest_run_is_taken_first(ledger: Ledger) -> None:
    names = ["c", "a", "b"]
    for name in names:
        ledger.request(name)
        ledger.time.passes(milliseconds=1)
    epoch = ledger.epochs.begin("main")

    assert [ledger.take(epoch).source for _ in names] == names
    assert ledger.runs.claim("main", epoch) is None


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


def test_a_run_in_full_differs_from_one_of_everything(ledger: Ledger) -> None:
    whole = ledger.runs.request("a", everything=True)
    full, again = (ledger.runs.request("a", everything=True, in_full=True) for _ in range(2))

    assert whole is not None
    assert full is not None
    assert full == again != whole
    assert [ledger.runs.get(run.id).in_full for run in (whole, full)] == [False, True]


def test_what_a_run_did_not_fetch_is_counted_by_reason(ledger: Ledger) -> None:
    ledger.request("a")
    taken = ledger.take()
    over = ledger.runs.finish(taken, Outcome(outcome="done", captures=3, dropped={"not-due": 71}))

    assert (taken.dropped, over.dropped) == ({}, {"not-due": 71})
    assert ledger.runs.get(over.id).dropped == {"not-due": 71}


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


def test_concurrent_takers_never_get_one_run_twice(ledger: Ledger) -> None:
    for number in range(40):
        ledger.request(f"s{number}")
    taken: list[str] = []

    def take_all(worker: str) -> None:
        epoch = ledger.epochs.begin(worker)
        while run := ledger.runs.claim(worker, epoch):
            taken.append(run.id)

    threads = [threading.Thread(target=take_all, args=(f"w{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(taken) == len(set(taken)) == 40


# Ending


def test_a_run_that_archived_nothing_is_never_done(ledger: Ledger) -> None:
    ledger.request("a")
    over = ledger.runs.finish(ledger.take(), Outcome(outcome="done", pages=3))

    assert (over.outcome, over.reason) == ("empty", "the run archived nothing")


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("the run archived nothing", "the run archived nothing"),
        ("the run archived nothing; the site is closed", "the run archived nothing; the site is closed"),
        ("the site is closed", "the run archived nothing; the site is closed"),
    ],
)
def test_the_reason_of_a_run_that_archived_nothing_says_so_once(told: str, kept: str) -> None:
    assert honest(Outcome(outcome="partial", reason=told)) == ("empty", kept)


endings = st.sampled_from(["done", "unchanged", "partial", "empty", "failed", "blocked", "limited", "cancelled"])


@given(endings, st.integers(0, 3), st.integers(0, 3), st.text(max_size=5))
def test_done_unchanged_and_partial_runs_archived_something(
    ending: str, captures: int, pages: int, reason: str
) -> None:
    told, why = honest(Outcome(outcome=ending, captures=captures, pages=pages, reason=reason))  # type: ignore[arg-type]

    assert captures > 0 or told not in ("done", "unchanged", "partial")
    assert told == ending or told == "empty"
    assert reason in (why or "")


def test_a_run_that_is_over_stays_unchanged(ledger: Ledger) -> None:
    ledger.request("a")
    taken = ledger.take()
    over = ledger.runs.finish(taken, kept())

    assert ledger.runs.finish(taken, kept("failed")) == over
    with pytest.raises(RunOver):
        ledger.runs.cancel(taken.id)
    assert ledger.runs.get(taken.id) == over


def test_an_interrupted_run_is_queued_again_unchanged(ledger: Ledger) -> None:
    asked = ledger.request("a")
    taken = ledger.take()
    ledger.runs.finish(taken, Outcome(outcome="interrupted", reason="the service stops", captures=5, queued=7))
    again = ledger.runs.get(asked.id)

    assert (again.status, again.attempt, again.epoch, again.reason) == ("queued", 1, None, "the service stops")
    assert (again.counts.captures, again.counts.queued) == (5, 7)
    assert ledger.take().started_at == taken.started_at
    kinds = [event.kind for event in ledger.events.after()]
    assert kinds == ["run.queued", "run.started", "run.interrupted", "run.started"]


def test_a_run_keeps_its_completeness_and_the_figures_of_its_spider(ledger: Ledger) -> None:
    told, spider = {"threads": {"listed": 3, "archived": 2}}, {"items": 7, "stats": {"pages": 2}}
    ledger.request("a")
    ledger.runs.finish(ledger.take(), Outcome(outcome="interrupted", captures=1, completeness=told, spider=spider))
    again = ledger.take()
    over = ledger.runs.finish(again, Outcome(outcome="done", captures=1))

    assert (again.completeness, again.spider) == (told, spider)
    assert (over.completeness, over.spider) == (None, spider)


def test_a_run_shows_the_states_of_its_urls_at_the_last_beat(ledger: Ledger) -> None:
    ledger.request("a")
    epoch = ledger.epochs.begin("main")
    taken = ledger.take(epoch)
    assert taken.counts.tasks == {}

    ledger.runs.seen(epoch, {taken.id: Counts(queued=3, tasks={"pending": 2, "leased": 1})})
    assert ledger.runs.get(taken.id).counts.tasks == {"pending": 2, "leased": 1}

    over = ledger.runs.finish(taken, Outcome(outcome="done", captures=3, tasks={"pending": 0, "done": 3}))
    assert ledger.runs.get(taken.id).counts.tasks == over.counts.tasks == {"pending": 0, "done": 3}


# Cancelling


def test_a_queued_run_is_cancelled_at_once(ledger: Ledger) -> None:
    asked = ledger.request("a", tick())
    over = ledger.runs.cancel(asked.id, "not today")

    assert (over.status, over.outcome, over.reason) == ("over", "cancelled", "not today")
    assert ledger.states() == [("24 12:00", "failed", "cancelled: not today")]


def test_a_run_that_is_cancelled_without_a_reason_says_so(ledger: Ledger) -> None:
    asked, other = ledger.request("a"), ledger.request("b")
    epoch = ledger.epochs.begin("main")
    active = ledger.take(epoch)
    waiting = other if active.id == asked.id else asked

    assert [ledger.runs.cancel(run.id).reason for run in (active, waiting)] == ["cancelled", "cancelled"]
    assert ledger.runs.seen(epoch, {}) == {active.id: "cancelled"}


def test_the_worker_of_an_active_run_is_asked_to_end_it(ledger: Ledger) -> None:
    ledger.request("a")
    epoch = ledger.epochs.begin("main")
    taken = ledger.take(epoch)
    assert ledger.runs.seen(epoch, {}) == {}

    assert ledger.runs.cancel(taken.id, "enough").status == "running"
    assert ledger.runs.seen(epoch, {taken.id: Counts()}) == {taken.id: "enough"}
    assert ledger.runs.finish(taken, kept("cancelled", reason="enough")).outcome == "cancelled"


def test_a_cancelled_run_does_not_return_when_its_worker_stops_or_dies(ledger: Ledger) -> None:
    for name in ("stops", "dies"):
        ledger.request(name)
    epoch = ledger.epochs.begin("main")
    stops, dies = ledger.take(epoch), ledger.take(epoch)
    for run in (stops, dies):
        ledger.runs.cancel(run.id, "enough")
    ledger.runs.finish(stops, Outcome(outcome="interrupted"))
    ledger.time.passes(seconds=61)
    ledger.runs.recover()

    assert {ledger.runs.get(run.id).outcome for run in (stops, dies)} == {"cancelled"}


def test_an_unknown_run_is_reported(ledger: Ledger) -> None:
    with pytest.raises(UnknownRun, match="no run with the id x"):
        ledger.runs.get("x")
    with pytest.raises(UnknownRun):
        ledger.runs.cancel("x")


# Dead workers


def test_the_runs_of_a_dead_worker_return_to_the_queue(ledger: Ledger) -> None:
    asked = ledger.request("a")
    taken = ledger.take()
    ledger.time.passes(seconds=59)
    assert ledger.runs.recover() == []
    ledger.time.passes(seconds=2)
    (back,) = ledger.runs.recover()

    assert back == ledger.runs.get(asked.id)
    assert (back.status, back.attempt) == ("queued", 2)
    assert back.reason == (
        "the run was interrupted, as the crawling process main (epoch"
        f" {taken.epoch}) ended or hung; the run continues automatically"
    )
    assert ledger.runs.recover() == []


def test_a_new_epoch_of_a_worker_ends_the_old_one_at_once(ledger: Ledger) -> None:
    ledger.request("a")
    old = ledger.take()
    ledger.epochs.begin("main")
    ledger.runs.recover()

    assert ledger.runs.get(old.id).attempt == 2


def test_after_too_many_deaths_a_run_has_failed(ledger: Ledger) -> None:
    asked = ledger.request("a", tick())
    for _ in range(3):
        ledger.take()
        ledger.time.passes(seconds=61)
        ledger.runs.recover()
    over = ledger.runs.get(asked.id)

    assert (over.status, over.outcome, over.attempt) == ("over", "failed", 3)
    assert over.reason is not None
    assert over.reason.endswith("ended or hung; this was attempt 3 of 3, so start another run")
    assert [state for _, state, _ in ledger.states()] == ["failed"]


def test_the_runs_of_live_workers_are_left_alone(ledger: Ledger) -> None:
    for name in ("a", "b"):
        ledger.request(name)
    dead, alive = ledger.epochs.begin("one"), ledger.epochs.begin("two")
    lost, going = ledger.take(dead), ledger.take(alive)
    ledger.time.passes(seconds=50)
    ledger.runs.seen(alive, {})
    ledger.time.passes(seconds=20)

    assert [run.id for run in ledger.runs.recover()] == [lost.id]
    assert ledger.runs.get(going.id).status == "running"


def test_the_runs_of_a_known_dead_worker_are_taken_back_with_the_reason(ledger: Ledger) -> None:
    ledger.request("a")
    ledger.request("b")
    mine, other = ledger.take(), ledger.take(worker="other")

    [taken] = ledger.runs.requeue("main", "the crawling process made no progress for 30 s")

    reason = "the run was interrupted: the crawling process made no progress for 30 s; the run continues automatically"
    assert (taken.id, taken.status, taken.reason, taken.attempt) == (mine.id, "queued", reason, 2)
    assert ledger.runs.get(other.id).status == "running"
    with pytest.raises(StaleEpoch):
        ledger.runs.finish(mine, kept())


def test_a_run_of_a_killed_crawl_of_scrapy_is_not_queued_again(ledger: Ledger) -> None:
    ledger.request("a")
    ledger.take(worker="scrapy-2")

    [taken] = ledger.runs.requeue("scrapy-2", "it was killed")

    assert (taken.status, taken.outcome) == ("over", "failed")
    assert taken.reason == "the run was interrupted: it was killed; its captures are safe: start it with Scrapy again"
