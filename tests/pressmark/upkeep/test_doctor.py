"""The doctor reports what the next start would do to the spool, and fails when acknowledged captures are lost."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from specimens.exchanges import numbered
from specimens.spools import crashed

from archive.values.capture import Capture
from config.settings import load_settings
from pressmark.service.assembly import open_pressmark
from pressmark.service.exits import Exit
from pressmark.upkeep import doctor


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def left_open(home: Path) -> tuple[list[Capture], Path]:
    return crashed(load_settings({"home": home}).spool_path, [numbered(n) for n in range(5)])


def recovery(home: Path) -> list[doctor.Condition]:
    with open_pressmark(load_settings({"home": home})) as service:
        return [condition for condition in doctor.examine(service) if condition.part == "recovery"]


def test_an_intact_segment_left_by_a_crash_passes(home: Path) -> None:
    left_open(home)

    (told,) = recovery(home)

    assert (told.code, "keeps 5 captures" in told.sentence) == (Exit.OK, True)


def test_lost_acknowledged_captures_fail(home: Path) -> None:
    captures, warc = left_open(home)
    os.truncate(warc, captures[3].location.offset + 10)

    (told,) = recovery(home)

    assert told.code == Exit.INTEGRITY
    assert told.sentence.endswith("; 2 acknowledged captures are lost")


def test_a_segment_that_the_disk_can_not_read_fails(home: Path) -> None:
    _, warc = left_open(home)
    warc.unlink()
    warc.mkdir()

    (told,) = recovery(home)

    assert told.code == Exit.INTEGRITY
    assert told.sentence.startswith(f"{warc} can't be read (Is a directory)")
