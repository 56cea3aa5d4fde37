"""A hanging store is reported by this process, or by the worker's note at the segment that it ships."""

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
from archive.store.hung_calls import SILENT, Silence
from archive.store.memory import MemoryStore
from config.settings import load_settings
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service
from pressmark.service.store_silence import reporting_silence, store_silence

SENTENCE = "the bucket b at c has not answered since 2026-01-31 12:00:00 UTC"
NOTED = f"the bucket b at c {SILENT} 2026-01-31 12:00:00 UTC"


class Hanging(MemoryStore):
    """A store with a hanging call of this process."""

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


def test_a_silence_noted_by_the_worker_is_reported_and_other_problems_are_not(service: Service) -> None:
    note(service, "one", "sealed", "the bucket b at c refused (AccessDenied)")
    refused = store_silence(service)
    note(service, "two", "sealed", NOTED)

    assert refused is None
    assert store_silence(service) == NOTED


def test_the_note_at_a_segment_shipped_meanwhile_is_ignored(service: Service) -> None:
    note(service, "one", "committed", NOTED)

    assert store_silence(service) is None


def test_a_hanging_call_of_this_process_is_reported_first(service: Service) -> None:
    note(service, "one", "sealed", NOTED)
    told = store_silence(replace(service, store=Hanging(), now=lambda: NOON))

    assert told == f"this store {SILENT} 12:00:00 UTC"


def test_a_silence_is_reported_once_with_the_way_out() -> None:
    told: list[str] = []
    looks: list[datetime] = []

    def silence(now: datetime) -> str | None:
        looks.append(now)
        return SENTENCE if len(looks) > 2 else None

    with reporting_silence(silence, told.append, every=0.001):
        eventually(lambda: len(looks) > 5)

    assert told == [f"{SENTENCE}; look at the store and the network between; the command waits, Ctrl-C ends it"]


def test_a_store_that_answers_is_not_reported() -> None:
    told: list[str] = []
    looks: list[datetime] = []
    silence = Silence("the bucket b at c")

    def look(now: datetime) -> str | None:
        looks.append(now)
        return silence.sentence(now)

    with reporting_silence(look, told.append, every=0.001), silence.waiting():
        eventually(lambda: len(looks) > 5)

    assert told == []
