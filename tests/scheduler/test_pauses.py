from __future__ import annotations

from services.ledgers import NOON, Ledger, tick

from scheduler.pauses import Pause


def test_a_pause_lasts_until_it_is_lifted(ledger: Ledger) -> None:
    assert ledger.pauses.pause("a", "being rebuilt")
    assert not ledger.pauses.pause("a", "again")

    assert ledger.pauses.all() == {"a": Pause("a", NOON, "being rebuilt")}
    assert ledger.pauses.resume("a")
    assert not ledger.pauses.resume("a")
    assert ledger.pauses.all() == {}
    assert [event.kind for event in ledger.events.after()] == ["source.paused", "source.resumed"]


def test_an_active_run_continues_when_its_source_is_paused(ledger: Ledger) -> None:
    ledger.request("a")
    taken = ledger.take()
    ledger.pauses.pause()

    assert ledger.runs.seen(taken.epoch or 0, {}) == {}


def test_a_person_may_request_a_run_during_a_pause_and_a_slot_may_not(ledger: Ledger) -> None:
    ledger.pauses.pause("a")

    assert ledger.runs.request("a", tick()) is None
    assert ledger.request("a").status == "queued"
