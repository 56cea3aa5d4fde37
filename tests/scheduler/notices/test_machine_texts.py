"""Texts of a language model, its budget and its failures, in either kind of database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from archive.database.engine import Database
from scheduler.notices.assistant_state import LONGEST_PAUSE, AssistantState
from scheduler.notices.machine_texts import MachineText, MachineTexts, Wish

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
WISH = Wish("translation", "zh")


def asked(hit: int = 1) -> MachineText:
    return MachineText(hit, "translation", "zh", "small", "d", "asked", None, None, NOON, 1)


def test_only_the_process_that_took_a_text_over_writes_it(either: Database) -> None:
    texts = MachineTexts(either)
    one = asked()
    made = replace(one, state="made", text="文", at=NOON + timedelta(microseconds=1))
    taken = texts.write(one, None), texts.write(one, None)
    written = texts.write(made, one), texts.write(replace(made, text="other"), one)

    assert (taken, written) == ((True, False), (True, False))
    assert texts.of([1, 2]) == {1: {WISH: made}}
    assert texts.made_of("d", WISH, "small") == "文"
    assert [texts.made_of(*other) for other in (("e", WISH, "small"), ("d", WISH, "large"))] == [None, None]
    assert texts.made_of("d", Wish("summary", "zh"), "small") is None


def test_texts_about_sentences_that_are_not_there_are_pruned(either: Database) -> None:
    texts = MachineTexts(either)
    texts.write(asked(), None)

    assert (texts.prune(), texts.of([1])) == (1, {})


@pytest.mark.parametrize(
    "limits", [{"requests_a_day": 2, "characters_a_day": 99}, {"requests_a_day": 9, "characters_a_day": 20}]
)
def test_a_budget_is_for_a_day(either: Database, limits: dict[str, int]) -> None:
    state = AssistantState(either)
    today = [state.take(10, NOON, **limits) for _ in range(3)]
    spent = state.is_spent(NOON), state.used(NOON).requests, state.used(NOON).characters
    tomorrow = NOON + timedelta(hours=13)

    assert (today, spent) == ([True, True, False], (True, 2, 20))
    assert (state.is_spent(tomorrow), state.used(tomorrow).requests) == (False, 0)
    assert state.take(10, tomorrow, **limits)


def test_pauses_grow_up_to_an_hour_and_a_good_answer_ends_them(either: Database) -> None:
    state = AssistantState(either)
    pauses = [state.fail("no", NOON).until - NOON for _ in range(12)]
    failure = state.failure()
    state.succeed()

    assert pauses[:3] == [timedelta(seconds=30), timedelta(minutes=1), timedelta(minutes=2)]
    assert pauses[-1] == LONGEST_PAUSE and failure is not None and failure.since == NOON
    assert failure.holds(NOON) and not failure.holds(NOON + LONGEST_PAUSE)
    assert not failure.holds(NOON - timedelta(days=1)), "a clock that was ahead delays nothing"
    assert state.failure() is None
