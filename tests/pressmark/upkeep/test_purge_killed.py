"""A purge that rewrites months is killed before any of its writes: nothing is lost, and the service ends it."""

from __future__ import annotations

import signal
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from conftest import figure
from specimens.archives import FORUM, NEWS, SEGMENTS

from config.settings import Settings
from pressmark.cli import main
from pressmark.service.access.purges import carry_on_purges, unfinished
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service
from pressmark.upkeep.audit import audit

PROGRAM = Path(__file__).parents[2] / "programs" / "dying_purge.py"


def command(home: Path, *words: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home), *words, "--json"])
    assert not ended.value.code


def bodies(service: Service, url: str) -> list[bytes]:
    found = []
    for one in service.archive.captures(url):
        with service.archive.open(one) as snapshot:
            found.append(snapshot.payload().body)
    return found


def named_in_months(home: Path, url: str) -> bool:
    """Return whether any line of any month in the store has a URL."""
    for file in (home / "store" / "months").rglob("cdx-*.gz"):
        data = file.read_bytes()
        while data:
            member = zlib.decompressobj(31)
            if f'"url":"{url}"'.encode() in member.decompress(data):
                return True
            data = member.unused_data
    return False


@pytest.mark.costly
@pytest.mark.parametrize("number", figure([20], range(1, 50), range(1, 60)))
def test_a_purge_of_months_that_is_killed_is_ended_by_the_service(tmp_path: Path, number: int) -> None:
    home = tmp_path / "home"
    with open_pressmark(Settings(home=home)) as service:
        for segment in sorted(SEGMENTS.glob("*.warc.gz")):
            service.archive.ingest(segment)
        id_ = service.take_downs.add(FORUM, "a court order", by="ada").id
    command(home, "months", "write", "--before", "2026-03")
    command(home, "months", "attach", "2026-01", "2026-02")
    with open_pressmark(Settings(home=home)) as service:
        before, news = bodies(service, FORUM), bodies(service, NEWS)
    done = subprocess.run([sys.executable, str(PROGRAM), str(home), id_, str(number)], check=False)
    with open_pressmark(Settings(home=home)) as service:
        killed, kept = bodies(service, FORUM), bodies(service, NEWS)
        carry_on_purges(service)
        left, after = unfinished(service), bodies(service, FORUM)
        flaws = [finding for checked in audit(service) for finding in checked.findings]

    assert done.returncode in (-signal.SIGKILL, 0)
    assert before and kept == news and killed in (before, after)
    assert (left, flaws) == ({}, [])
    assert after == before or (len(after) < len(before) and named_in_months(home, FORUM) == bool(after))
    assert len(list((home / "store" / "months").rglob("month-*.json"))) == 2
