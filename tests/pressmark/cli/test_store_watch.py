"""Who waits for a command learns that its store does not answer, and what to do."""

from __future__ import annotations

from datetime import datetime

from services.waiting import eventually

from archive.store.silence import Silence
from pressmark.cli.store_watch import telling_of_silence

SENTENCE = "the bucket b at c has not answered since 2026-01-31 12:00:00 UTC"


def test_a_silence_is_told_once_with_the_way_out() -> None:
    told: list[str] = []
    looks: list[datetime] = []

    def silence(now: datetime) -> str | None:
        looks.append(now)
        return SENTENCE if len(looks) > 2 else None

    with telling_of_silence(silence, told.append, every=0.001):
        eventually(lambda: len(looks) > 5)

    assert told == [f"{SENTENCE}; look at the store and the network between; the command waits, Ctrl-C ends it"]


def test_of_a_store_that_answers_nothing_is_told() -> None:
    told: list[str] = []
    looks: list[datetime] = []
    silence = Silence("the bucket b at c")

    def look(now: datetime) -> str | None:
        looks.append(now)
        return silence.sentence(now)

    with telling_of_silence(look, told.append, every=0.001), silence.waiting():
        eventually(lambda: len(looks) > 5)

    assert told == []
