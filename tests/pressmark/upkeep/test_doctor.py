"""The doctor reports what the next start would do to the spool, and fails when acknowledged captures are lost."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from faults.segments import COLLECTION, START, seal
from specimens.exchanges import numbered
from specimens.spools import crashed

from archive.values.capture import Capture
from archive.warc import journal
from config.settings import load_settings
from pressmark.service.assembly import open_pressmark
from pressmark.service.exits import Exit
from pressmark.service.service import Service
from pressmark.upkeep import doctor
from pressmark.upkeep.audit import audit
from pressmark.upkeep.conditions import conditions


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


@pytest.mark.parametrize("state", ["open", "sealed"])
def test_captures_whose_files_in_the_spool_are_gone_fail(home: Path, state: str) -> None:
    with open_pressmark(load_settings({"home": home})) as service:
        spool = service.settings.spool_path
        sealed = seal(spool, 1)
        captures = journal.load(sealed.journal).captures
        service.index.opened(sealed.name, collection=COLLECTION, worker="main", epoch=7, path=sealed.path, at=START)
        service.index.add(captures)
        if state == "sealed":
            service.index.sealed(sealed)
        assert _codes(service, "captures") == [Exit.OK]  # the control
        shutil.rmtree(spool)
        assert _codes(service, "captures") == [Exit.INTEGRITY]
        [found] = [found for checked in audit(service) for found in checked.findings]
        assert (found.kind, found.file) == ("missing", sealed.name)
        assert service.index.damaged_count() == len(service.index.damages.records_of(sealed.name)) > 0
        assert {one.state for one in conditions(service)} >= {"captures-out-of-reach"}


def _codes(service: Service, part: str) -> list[Exit]:
    return [condition.code for condition in doctor.examine(service) if condition.part == part]


def test_files_of_a_home_that_has_moved_are_not_missing(home: Path) -> None:
    with open_pressmark(load_settings({"home": home})) as service:
        sealed = seal(service.settings.spool_path, 1)
        service.index.opened(sealed.name, collection=COLLECTION, worker="main", epoch=7, path=sealed.path, at=START)
        service.index.add(journal.load(sealed.journal).captures)
    moved = home.rename(home.with_name("moved"))
    with open_pressmark(load_settings({"home": moved})) as service:
        assert _codes(service, "captures") == [Exit.OK]
