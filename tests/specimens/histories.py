"""Histories of a ledger: runs are requested, taken, cancelled and ended; workers die, and their runs are taken back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st
from services.ledgers import Ledger

from crawler.policy.order import Outcome

Step = tuple[str, Any]
SOURCES = "abc"
SUMS = ("captures", "revisits", "failures", "bytes")
ENDINGS = ("done", "unchanged", "partial", "failed", "blocked", "limited", "interrupted")

STEPS = st.one_of(
    st.tuples(st.just("ask"), st.sampled_from(SOURCES)),
    st.tuples(st.just("take"), st.none()),
    st.tuples(st.just("cancel"), st.integers(0, 5)),
    st.tuples(
        st.just("finish"), st.builds(dict, outcome=st.sampled_from(ENDINGS), **dict.fromkeys(SUMS, st.integers(0, 9)))
    ),
    st.tuples(st.just("die"), st.none()),
)


def live(ledger: Ledger, steps: Sequence[Step]) -> None:
    epoch, taken = ledger.epochs.begin("main"), []
    for step, facts in steps:
        ledger.time.passes(seconds=1)
        if step == "ask":
            ledger.request(facts)
        elif step == "take" and (run := ledger.runs.claim("main", epoch)):
            taken.append(run)
        elif step == "cancel" and (open_runs := ledger.runs.unfinished()):
            ledger.runs.cancel(open_runs[facts % len(open_runs)].id)
        elif step == "finish" and taken:
            ledger.runs.finish(taken.pop(), Outcome(**facts))
        elif step == "die":
            ledger.time.passes(hours=1)
            ledger.runs.recover()
            epoch, taken = ledger.epochs.begin("main"), []
