"""A worker that pauses tells the other processes, as soon as the database accepts it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from config.settings import load_settings
from pressmark.processes.halt_notice import HaltNotice
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service

FULL = "the spool is 85 % full"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with open_pressmark(load_settings({"home": tmp_path / "home"})) as service:
        yield service


@pytest.fixture
def halt_notice(service: Service) -> HaltNotice:
    return HaltNotice(service, service.epochs.begin("main"))


def reasons(service: Service) -> list[str]:
    return [halt.reason for halt in service.halts.all()]


def rename(service: Service, old: str, new: str) -> None:
    with service.database.writing() as connection:
        connection.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))


def test_a_pause_is_noted_once_and_lifted(service: Service, halt_notice: HaltNotice) -> None:
    halt_notice.note()
    before = reasons(service)
    halt_notice.reason = FULL
    halt_notice.note()
    [first] = service.halts.all()
    halt_notice.note()
    [again] = service.halts.all()
    halt_notice.reason = None
    halt_notice.note()

    assert before == []
    assert first == again
    assert first.reason == FULL
    assert reasons(service) == []


def test_a_database_that_refuses_writes_is_tried_again(service: Service, halt_notice: HaltNotice) -> None:
    halt_notice.reason = FULL
    rename(service, "marks", "away")
    halt_notice.note()
    rename(service, "away", "marks")
    missed = reasons(service)
    halt_notice.note()
    rename(service, "marks", "away")
    halt_notice.reason = None
    halt_notice.note()
    rename(service, "away", "marks")
    kept = reasons(service)
    halt_notice.note()

    assert (missed, kept, reasons(service)) == ([], [FULL], [])
