"""A purge that rewrites months is killed before any of its writes: nothing is lost, and the service ends it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import figure
from services.buckets import store_in
from services.postgresql import EMPTY, PostgresServer
from specimens.archives import FORUM, NEWS, SEGMENTS
from specimens.month_purges import lines_with, of_store

from archive.store.s3_settings import S3Settings
from config.settings import load_settings
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


def is_ended_by_the_service(home: Path, number: int) -> None:
    """Check that a purge which is killed before this write loses nothing, and that the service ends it."""
    settings = load_settings({"home": str(home)}, dotenv=None)
    with open_pressmark(settings) as service:
        for segment in sorted(SEGMENTS.glob("*.warc.gz")):
            service.archive.ingest(segment)
        id_ = service.take_downs.add(FORUM, "a court order", by="ada").id
    command(home, "months", "write", "--before", "2026-03")
    command(home, "months", "attach", "2026-01", "2026-02")
    with open_pressmark(settings) as service:
        before, news = bodies(service, FORUM), bodies(service, NEWS)
    done = subprocess.run([sys.executable, str(PROGRAM), str(home), id_, str(number)], check=False)
    with open_pressmark(settings) as service:
        killed, kept = bodies(service, FORUM), bodies(service, NEWS)
        carry_on_purges(service)
        left, after = unfinished(service), bodies(service, FORUM)
        flaws = [finding for checked in audit(service) for finding in checked.findings]
        named = lines_with(service.store, f'"url":"{FORUM}"'.encode())
        months = of_store(service.store)

    assert done.returncode in (-signal.SIGKILL, 0)
    assert before and kept == news and killed in (before, after)
    assert (left, flaws) == ({}, [])
    assert after == before or (len(after) < len(before) and bool(named) == bool(after))
    assert len(months) == 2


@pytest.mark.costly
@pytest.mark.parametrize("number", figure([20], range(1, 50), range(1, 60)))
def test_a_purge_of_months_that_is_killed_is_ended_by_the_service(tmp_path: Path, number: int) -> None:
    is_ended_by_the_service(tmp_path / "home", number)


@pytest.mark.costly
@pytest.mark.postgresql
@pytest.mark.s3
@pytest.mark.parametrize("number", figure([20], range(1, 36, 2), range(1, 40)))
def test_it_is_ended_with_postgresql_and_a_bucket_too(
    tmp_path: Path, postgresql: PostgresServer, bucket: S3Settings, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    with postgresql.database(EMPTY) as url:
        for name, value in {**store_in(bucket), "PRESSMARK_DATABASE": url}.items():
            monkeypatch.setenv(name, value)
        is_ended_by_the_service(tmp_path / "home", number)
