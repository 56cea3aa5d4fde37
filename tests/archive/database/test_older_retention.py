"""A rule of retention purges what an earlier version archived, and nothing else is lost."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from services.postgresql import PostgresServer
from specimens.older import REVISIONS
from specimens.older_rows import loaded, migrated, unpacked

from archive.spool.release import remove
from archive.values.capture import Capture
from config.settings import load_settings
from pressmark.service.access.holds import holds_of
from pressmark.service.access.purged_since import RETENTION
from pressmark.service.access.trail import COMMAND_LINE
from pressmark.service.assembly import open_pressmark
from pressmark.service.exits import Exit
from pressmark.service.service import Service
from pressmark.upkeep.audit import audit
from pressmark.upkeep.purging import examine_purges, purges_of

HERE = Path(__file__).parent
HOMES = {file.name.partition(".")[0]: file for file in (HERE / "older_homes").iterdir()}
DUMPS = {file.name.partition(".")[0]: file for file in (HERE / "older_dumps").iterdir()}
EARLIER = [earlier for earlier in REVISIONS[-11:-1] if earlier in HOMES]
LATER = datetime.now(UTC) + timedelta(days=30)
HELD, GONE = "reading room whistles", "没有人听见"
ORDER = RETENTION + "default"


@contextmanager
def opened(home: Path, **more: object) -> Iterator[Service]:
    settings = load_settings({"home": str(home), "retention": {"default": "1d"}, "spool.ballast": "0B", **more})
    with open_pressmark(settings) as service:
        yield replace(service, now=lambda: LATER)


def captures(service: Service) -> list[Capture]:
    with service.database.reading() as connection:
        urls = [url for (url,) in connection.exec_driver_sql("SELECT DISTINCT url FROM captures")]
    return [capture for url in urls for capture in service.index.captures(url)]


def stored(home: Path) -> str:
    return b"".join(gzip.decompress(file.read_bytes()) for file in home.rglob("*.warc.gz")).decode("utf-8", "replace")


def release_spool(service: Service, home: Path) -> None:
    """Remove the local files, as the worker does a day after their upload."""
    for file in (home / "spool").rglob("*.warc.gz"):
        remove(file)
    for segment in list(service.index.segments()):
        service.index.released(segment.name)


def purge_all_but_the_held(service: Service, home: Path) -> None:
    release_spool(service, home)
    before = captures(service)
    held = next(one.url for one in before if one.url.endswith("/whistle"))
    holds_of(service).add(url=held, reason="a court", by="ada")
    kept = {one.record_id for one in before if one.url == held}
    purges = purges_of(service)
    plan = purges.plan(ORDER)
    runs = [(run.source, run.outcome) for run in service.runs.list()]

    purges.run(ORDER, plan.token, by="ada", origin=COMMAND_LINE)

    left = captures(service)
    assert kept
    assert {one.record_id for one in left} >= kept
    assert not [one for one in left if one.url.endswith("/shuihu")]
    for one in left:
        with service.archive.open(one) as snapshot, snapshot.raw() as raw:
            assert raw.read() or not one.has_payload
    assert (HELD in stored(home), GONE in stored(home)) == (True, False)
    assert [(run.source, run.outcome) for run in service.runs.list()] == runs
    assert not service.archive.search("图书管理员").items
    assert service.archive.search("librarian council").items
    assert [code for _, code in examine_purges(service)] == [Exit.OK, Exit.OK]
    assert [finding for each in audit(service) for finding in each.findings] == []


@pytest.mark.costly
@pytest.mark.parametrize("earlier", EARLIER)
def test_a_rule_purges_a_home_of_an_earlier_version(tmp_path: Path, earlier: str) -> None:
    home = unpacked(HOMES[earlier], tmp_path)
    with opened(home) as service:
        purge_all_but_the_held(service, home)


@pytest.mark.costly
@pytest.mark.postgresql
@pytest.mark.parametrize("earlier", sorted(DUMPS)[-2:])
def test_a_rule_purges_a_postgresql_database_of_an_earlier_version(
    tmp_path: Path, postgresql: PostgresServer, earlier: str
) -> None:
    with loaded(postgresql, DUMPS[earlier], tmp_path) as (home, url):
        migrated(url)
        with opened(home, database=url) as service:
            purge_all_but_the_held(service, home)
