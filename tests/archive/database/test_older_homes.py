"""This version opens homes of earlier versions, and loses nothing.

The code of each revision wrote its archives in `older_homes` and `older_dumps`: see `programs/older_home.py`.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from conftest import figure
from services.postgresql import PostgresServer
from specimens.older import REVISIONS
from specimens.older_rows import columns_of, loaded, lost, lost_on_server, rows_of, rows_on_server, unpacked

from archive.intake.rebuild import Rebuild
from config.settings import load_settings
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service

HOMES = {file.name.partition(".")[0]: file for file in (Path(__file__).parent / "older_homes").iterdir()}
DUMPS = {file.name.partition(".")[0]: file for file in (Path(__file__).parent / "older_dumps").iterdir()}
"""Homes whose database is a dump of PostgreSQL."""
EARLIER = REVISIONS[-11:-1]
"""The ten revisions before the newest."""
WORDS = {"": "Kettles", "whistle": "kettle", "shuihu": "水壶"}
NEVER_NEWEST = {"0026"}
"""Revisions that came to the main branch together with the next one: no home has them."""
MADE = [earlier for earlier in EARLIER if earlier in HOMES]
URLS = "SELECT DISTINCT url FROM captures WHERE url NOT LIKE '%/robots.txt'"


@pytest.mark.parametrize("earlier", MADE)
def test_a_home_of_an_earlier_version_keeps_its_captures_texts_and_words(tmp_path: Path, earlier: str) -> None:
    home = unpacked(HOMES[earlier], tmp_path)
    database = home / "pressmark.db"
    before = rows_of(database, columns_of(database))

    assert [table for table in ("captures", "texts", "wordings", "worded", "runs") if not before[table][1]] == []
    assert lost(before, database) == set()
    with open_pressmark(load_settings({"home": str(home)})) as service:
        assert_all_is_read(service, urls_of(database))


def assert_all_is_read(service: Service, urls: list[str]) -> None:
    """Check the pages, texts, words and runs of a home that `programs/older_home.py` made."""
    pages = [one for url in urls for one in service.index.captures(url)]
    assert {page_of(one.url) for one in pages} == set(WORDS)
    for one in pages:
        with service.archive.open(one) as snapshot, snapshot.raw() as raw:
            assert WORDS[page_of(one.url)].encode() in raw.read()
    texts = {(page_of(one.url), row.text) for one in pages if (row := service.archive.text_of(one))}
    for page, words in (("whistle", "third time"), ("whistle", "fourth time"), ("shuihu", "没有人听见")):
        assert [text for name, text in texts if name == page and words in (text or "")]
    for words, page in (("librarian council", "whistle"), ("图书管理员", "shuihu")):
        assert {page_of(found.url) for found in service.archive.search(words).items} == {page}
    runs = service.runs.list()
    assert [(run.source, run.outcome, run.counts.captures > 0) for run in runs] == [("kettles", "done", True)] * 2


@pytest.mark.postgresql
@pytest.mark.parametrize("earlier", sorted(DUMPS))
def test_a_postgresql_database_of_an_earlier_version_keeps_its_captures_texts_and_words(
    tmp_path: Path, postgresql: PostgresServer, earlier: str
) -> None:
    with loaded(postgresql, DUMPS[earlier], tmp_path) as (home, url):
        before = rows_on_server(url)
        assert [table for table in ("captures", "texts", "wordings", "worded", "runs") if not before[table][1]] == []
        assert lost_on_server(before, url) == set()
        with psycopg.connect(url) as connection:
            urls = [url for (url,) in connection.execute(URLS)]
        with open_pressmark(load_settings({"home": str(home), "database": url})) as service:
            assert_all_is_read(service, urls)


@pytest.mark.postgresql
def test_a_row_that_postgresql_loses_on_the_way_is_seen(tmp_path: Path, postgresql: PostgresServer) -> None:
    with loaded(postgresql, DUMPS[max(DUMPS)], tmp_path) as (_, url):
        before = rows_on_server(url)
        with psycopg.connect(url) as connection:
            connection.execute("DELETE FROM texts WHERE record_id = (SELECT max(record_id) FROM texts)")

        assert lost_on_server(before, url) == {"texts"}


@pytest.mark.parametrize("earlier", figure(MADE[:1], MADE, MADE))
def test_the_store_of_an_earlier_version_fills_a_new_database(tmp_path: Path, earlier: str) -> None:
    home = unpacked(HOMES[earlier], tmp_path)
    old = rows_of(home / "pressmark.db", {"captures": "record_id, url, at, kind, digest", "texts": "record_id, text"})
    (home / "pressmark.db").unlink()
    shutil.rmtree(home / "spool")

    with open_pressmark(load_settings({"home": str(home)})) as service:
        assert Rebuild(service.store, service.index, level="full").run().findings == ()
    assert rows_of(home / "pressmark.db", {table: columns for table, (columns, _) in old.items()}) == old


def urls_of(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as connection:
        return [url for (url,) in connection.execute(URLS)]


def page_of(url: str) -> str:
    return url.rpartition("/")[2]


@pytest.mark.parametrize(
    ("table", "key"), [("captures", "record_id"), ("texts", "record_id"), ("worded", "record_id"), ("runs", "id")]
)
def test_a_row_that_is_lost_on_the_way_is_seen(tmp_path: Path, table: str, key: str) -> None:
    database = unpacked(HOMES[MADE[-1]], tmp_path) / "pressmark.db"
    before = rows_of(database, columns_of(database))
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(f"DELETE FROM {table} WHERE {key} = (SELECT max({key}) FROM {table})")

    assert table in lost(before, database)


def test_each_of_the_last_ten_revisions_except_the_two_newest_has_a_home_of_its_own_code() -> None:
    """The revisions of a change can't have a home before the change is merged."""
    assert [earlier for earlier in EARLIER[:-1] if earlier not in HOMES and earlier not in NEVER_NEWEST] == []


def test_each_earlier_revision_since_the_first_dump_has_a_dump_of_postgresql() -> None:
    """The same as for homes, except the two newest."""
    wanted = [earlier for earlier in EARLIER[:-1] if earlier >= min(DUMPS) and earlier not in NEVER_NEWEST]
    assert [earlier for earlier in wanted if earlier not in DUMPS] == []
