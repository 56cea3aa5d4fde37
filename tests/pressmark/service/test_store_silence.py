"""A store that hangs is told by this process, or by what the worker noted at the segment that it ships."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from services.waiting import eventually
from specimens.captures import NOON
from sqlalchemy import update

from archive.database.schema import segments
from archive.store.memory import MemoryStore
from archive.store.silence import SILENT, Silence
from config.settings import load_settings
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service
from pressmark.service.store_silence import store_silence, telling_of_silence

SENTENCE = "the bucket b at c has not answered since 2026-01-31 12:00:00 UTC"
NOTED = f"the bucket b at c {SILENT} 2026-01-31 12:00:00 UTC"


class Hanging(MemoryStore):
    """A store of which a call of this process hangs."""

    def silence(self, now: datetime) -> str | None:
        return f"this store {SILENT} {now:%H:%M:%S} UTC"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with open_pressmark(load_settings({"home": tmp_path / "home"})) as service:
        for name in ("one", "two"):
            service.index.opened(name, collection="default", worker="w", epoch=1, path=tmp_path / name, at=NOON)
        yield service


def note(service: Service, name: str, state: str, problem: str | None) -> None:
    with service.database.writing() as connection:
        row = update(segments).where(segments.c.name == name)
        connection.execute(row.values(state=state, problem=problem))


def test_a_silence_that_the_worker_noted_is_told_and_other_problems_are_not(service: Service) -> None:
    note(service, "one", "sealed", "the bucket b at c refused (AccessDenied)")
    refused = store_silence(service)
    note(service, "two", "sealed", NOTED)

    assert refused is None
    assert store_silence(service) == NOTED


def test_what_was_noted_at_a_segment_that_is_shipped_meanwhile_is_over(service: Service) -> None:
    note(service, "one", "committed", NOTED)

    assert store_silence(service) is None


def test_a_call_of_this_process_that_hangs_is_told_first(service: Service) -> None:
    note(service, "one", "sealed", NOTED)
    told = store_silence(replace(service, store=Hanging(), now=lambda: NOON))

    assert told == f"this store {SILENT} 12:00:00 UTC"


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
