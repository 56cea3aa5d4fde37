"""This version opens homes in which earlier versions have purged: what is gone stays gone, and all say so.

The code of each revision wrote them: see `programs/older_home.py`, with ``--purged``.
"""

from __future__ import annotations

import gzip
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from services.postgresql import PostgresServer
from specimens.older_rows import columns_of, loaded, lost, lost_on_server, rows_of, rows_on_server, unpacked
from sqlalchemy import select

from archive.database.schema import marks
from archive.index.purges.purged_marks import RECORD, purged_counts, purged_records
from archive.intake.rebuild import Rebuild
from archive.shipping.purge_chains import Successions
from config.settings import load_settings
from pressmark.service.assembly import open_pressmark
from pressmark.service.exits import Exit
from pressmark.service.service import Service
from pressmark.upkeep.audit import audit
from pressmark.upkeep.purging import examine_purges, purges_of

PURGES = Path(__file__).parent / "older_purges"
HOMES = {file.name.partition(".")[0]: file for file in PURGES.glob("*.tar.xz")}
DUMPS = {file.name.partition(".")[0]: file for file in (PURGES / "dumps").iterdir()}
GONE, HELD = "没有人听见", "reading room whistles"


def stored(home: Path) -> str:
    return b"".join(gzip.decompress(path.read_bytes()) for path in (home / "store").rglob("*.warc.gz")).decode()


def as_the_store_says(service: Service) -> bool:
    """Return whether the database knows as purged exactly what the manifests of the store name as purged."""
    known = Successions(service.store)
    said = {record for former in known.formers if (one := known.of(former)) for record in one.purged}
    return bool(said) and said == purged_records(service.database)


def assert_it_is_gone(service: Service, home: Path) -> None:
    [one] = service.take_downs.active()
    there = [each.url for each in service.index.captures(one.url)]

    assert one.reason == "a court order"
    assert (GONE in stored(home), HELD in stored(home)) == (False, True)
    assert there == []
    assert purged_counts(service.database) == {one.id: 3}
    assert as_the_store_says(service)
    assert [code for _, code in examine_purges(service)] == [Exit.OK, Exit.OK]
    assert [finding for each in audit(service) for finding in each.findings] == []
    trail = [row.entry for row in service.access.trail.newest(limit=99)]
    assert [each.outcome for each in trail if each.action == "purge"][:2] == ["done", "begun"]
    assert service.access.trail.verify().problem is None
    other = service.take_downs.add(one.url.replace("shuihu", "whistle"), "another reason", by="ada")
    assert {each.why for each in purges_of(service).plan(other.id).kept_back} == {"hold"}


@pytest.mark.costly
@pytest.mark.parametrize("earlier", sorted(HOMES))
def test_what_an_earlier_version_purged_stays_purged_and_the_rest_is_there(tmp_path: Path, earlier: str) -> None:
    home = unpacked(HOMES[earlier], tmp_path)
    database = home / "pressmark.db"
    before = rows_of(database, columns_of(database))

    assert lost(before, database) == set()
    with open_pressmark(load_settings({"home": str(home)})) as service:
        assert_it_is_gone(service, home)


@pytest.mark.costly
@pytest.mark.postgresql
@pytest.mark.parametrize("earlier", sorted(DUMPS))
def test_what_an_earlier_version_purged_on_postgresql_stays_purged(
    tmp_path: Path, postgresql: PostgresServer, earlier: str
) -> None:
    with loaded(postgresql, DUMPS[earlier], tmp_path) as (home, url):
        before = rows_on_server(url)
        assert lost_on_server(before, url) == set()
        with open_pressmark(load_settings({"home": str(home), "database": url})) as service:
            assert_it_is_gone(service, home)


@pytest.mark.costly
@pytest.mark.parametrize("earlier", sorted(HOMES))
def test_a_database_that_is_built_again_from_that_store_knows_the_purge(tmp_path: Path, earlier: str) -> None:
    home = unpacked(HOMES[earlier], tmp_path)
    (home / "pressmark.db").unlink()
    shutil.rmtree(home / "spool")
    with open_pressmark(load_settings({"home": str(home)})) as service:
        assert Rebuild(service.store, service.index, level="full").run().findings == ()
        texts = [page.url for page in service.index.captures("http://127.0.0.1/", match="host")]
        known = as_the_store_says(service)
        with service.database.reading() as connection:
            names = connection.execute(select(marks.c.name)).scalars().all()

    assert known
    assert len([name for name in names if name.startswith(RECORD)]) == 3
    assert not [url for url in texts if url.endswith("shuihu")]


@pytest.mark.costly
def test_a_purge_that_is_lost_on_the_way_is_seen(tmp_path: Path) -> None:
    """The control of the tests above."""
    home = unpacked(HOMES[min(HOMES)], tmp_path)
    with closing(sqlite3.connect(home / "pressmark.db")) as connection, connection:
        connection.execute(
            "DELETE FROM marks WHERE name = (SELECT max(name) FROM marks WHERE name LIKE ?)", [f"{RECORD}%"]
        )
    with open_pressmark(load_settings({"home": str(home)})) as service:
        assert not as_the_store_says(service)
