"""A purge that is killed at any instant is ended by the service, and loses nothing else."""

from __future__ import annotations

import gzip
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import figure
from services.reading_house import CLOSED, OPEN, REASON, furnished

from archive.intake.rebuild import Rebuild
from config.settings import Settings
from pressmark.service.access.purges import carry_on_purges, unfinished
from pressmark.service.assembly import open_pressmark
from pressmark.upkeep.audit import audit

PROGRAM = Path(__file__).parents[3] / "programs" / "dying_purge.py"
LAST = 40


@pytest.fixture(scope="module")
def furnished_home(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    home = furnished(tmp_path_factory.mktemp("house"))
    for file in (home / "items").rglob("*.jsonl"):
        file.unlink()
    with open_pressmark(Settings(home=home)) as service:
        return home, service.take_downs.add(CLOSED, REASON, by="ada").id


def holds_secret(home: Path) -> bool:
    return any(b"Zanzibarite" in gzip.decompress(path.read_bytes()) for path in (home / "store").rglob("*.gz"))


def counted(home: Path) -> tuple[int, int]:
    with open_pressmark(Settings(home=home)) as service:
        return len(list(service.index.captures(CLOSED))), len(list(service.index.captures(OPEN)))


@pytest.mark.parametrize("number", figure([2, 9, 17], range(1, 31), range(1, LAST)))
def test_a_purge_that_is_killed_is_ended_by_the_service(
    furnished_home: tuple[Path, str], tmp_path: Path, number: int
) -> None:
    home, id_ = tmp_path / "home", furnished_home[1]
    shutil.copytree(furnished_home[0], home)
    done = subprocess.run([sys.executable, str(PROGRAM), str(home), id_, str(number)], check=False)
    killed, held = counted(home), holds_secret(home)
    with open_pressmark(Settings(home=home)) as service:
        carry_on_purges(service)
        left = unfinished(service)
        findings = [finding for checked in audit(service) for finding in checked.findings]
        Rebuild(service.store, service.index).run()
        rebuilt = len(list(service.index.captures(CLOSED))), len(list(service.index.captures(OPEN)))

    assert done.returncode in (-signal.SIGKILL, 0)
    assert held or number > 12  # the control: so early, nothing is deleted
    assert killed in ((1, 1), (0, 1))
    assert (left, findings, rebuilt) == ({}, [], (0, 1))
    assert not holds_secret(home)
