from __future__ import annotations

from datetime import timedelta

from services.ledgers import NOON, Ledger, kept, tick


def test_slots_are_listed_newest_first_within_a_span(ledger: Ledger) -> None:
    for hour in range(4):
        ledger.runs.request("a", tick("a", NOON + timedelta(hours=hour)))
    ledger.runs.request("b", tick("b", NOON))
    found = ledger.slots.list("a", since=NOON, until=NOON + timedelta(hours=2))

    assert [slot.at for slot in found] == [NOON + timedelta(hours=2), NOON + timedelta(hours=1)]
    assert len(ledger.slots.list(limit=3)) == 3


def test_a_slot_ends_as_its_run_does(ledger: Ledger) -> None:
    ends = {"done": "ran", "unchanged": "ran", "partial": "ran", "limited": "ran"}
    fails = dict.fromkeys(["empty", "failed", "blocked", "cancelled"], "failed")
    for source, outcome in enumerate(ends | fails):
        ledger.request(f"s{source}", tick(f"s{source}"))
        ledger.runs.finish(ledger.take(), kept(outcome, captures=3))

    assert {(slot.reason, slot.state) for slot in ledger.slots.list()} == set((ends | fails).items())


def test_the_slot_of_an_interrupted_run_still_waits(ledger: Ledger) -> None:
    ledger.request("a", tick())
    ledger.runs.finish(ledger.take(), kept("interrupted"))

    assert [state for _, state, _ in ledger.states()] == ["queued"]


def test_old_slots_are_deleted_unless_they_still_wait(ledger: Ledger) -> None:
    for source in ("over", "failed", "waits"):
        ledger.request(source, tick(source))
    ledger.runs.finish(ledger.take(), kept())
    ledger.runs.finish(ledger.take(), kept("failed"))

    assert ledger.slots.prune(NOON + timedelta(seconds=1)) == 2
    assert [slot.source for slot in ledger.slots.list()] == ["waits"]
