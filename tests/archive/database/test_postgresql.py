"""PostgreSQL: writers wait for each other, unsuitable databases are refused, and errors are clear."""

from __future__ import annotations

import secrets
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from services.postgresql import PostgresServer, running_server
from specimens.captures import NOON
from specimens.library import Library, said
from sqlalchemy import Connection, event, select, update

from archive.database import postgresql as ours
from archive.database import writers
from archive.database.engine import Database, open_database
from archive.database.marks import Marks
from archive.database.schema import marks
from archive.index.index import Index
from archive.values.capture import Capture
from archive.values.errors import DatabaseRefused, DatabaseUnreachable, DatabaseUnusable, MissingExtra

pytestmark = pytest.mark.postgresql


@pytest.fixture
def url(postgresql: PostgresServer) -> Iterator[str]:
    with postgresql.database() as url:
        yield url


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    with closing(open_database(url)) as database:
        yield database


def number(connection: Connection) -> int:
    return int(connection.execute(select(marks.c.value).where(marks.c.name == "n")).scalar_one())


def counted_by_two(database: Database) -> str | None:
    """Return the count when a second writer starts after the first one has read and before it writes."""
    Marks(database, "").set("n", "0")
    second_has_read = threading.Event()

    def count(first: bool) -> None:
        with database.writing() as connection:
            read = number(connection)
            if first:
                second.start()
                second_has_read.wait(0.5)
            else:
                second_has_read.set()
            connection.execute(update(marks).where(marks.c.name == "n").values(value=str(read + 1)))

    second = threading.Thread(target=count, args=(False,))
    count(True)
    second.join()
    return Marks(database, "").get("n")


def test_two_writers_wait_for_each_other_and_nothing_is_lost(database: Database) -> None:
    assert counted_by_two(database) == "2"


def test_without_the_lock_a_write_is_lost(database: Database) -> None:
    event.remove(database.engine, "begin", writers._begin)

    assert counted_by_two(database) == "1"


def test_the_error_after_waiting_for_the_lock_gives_the_reason(database: Database) -> None:
    with database.writing(), closing(open_database(database.engine.url.render_as_string())) as other:
        event.listen(other.engine, "connect", lambda connection, _: set_short(connection))
        other.engine.dispose()

        with (
            pytest.raises(DatabaseUnreachable, match="another process is writing and does not finish"),
            other.writing(),
        ):
            pass


def set_short(connection: Any) -> None:
    connection.execute("SET lock_timeout = '50ms'")
    connection.commit()


def seen_twice(database: Database) -> list[int]:
    """Return a mark, read twice in one transaction while another process changes it."""
    Marks(database, "").set("n", "0")
    with database.reading() as connection:
        before = number(connection)
        Marks(database, "").set("n", "1")
        return [before, number(connection)]


def test_a_reader_sees_the_database_at_one_time(database: Database) -> None:
    assert seen_twice(database) == [0, 0]
    assert Marks(database, "").get("n") == "1"


def test_without_isolation_a_reader_sees_two_times(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archive.database.engine._READING", {})

    assert seen_twice(database) == [0, 1]


def test_a_nul_becomes_the_replacement_character(database: Database) -> None:
    Marks(database, "").set("a\0", "b\0 ü 字")

    assert Marks(database, "").get("a\ufffd") == "b\ufffd ü 字"


def kept_long(database: Database, octets: int) -> tuple[Capture, bool]:
    """Add a capture with an incompressible key of that many bytes, and its text; return whether it is found."""
    index = Index(database, now=lambda: NOON)
    url = f"https://e.org/{secrets.token_hex(octets)[: octets - len('org,e)/')]}"
    whose = {"source": "s" * 63, "collection": "c" * 63}
    capture, row = said("a quantum leap", url, **whose)
    Library(database).keep((capture, row), said("another", "https://e.org/short", minute=1, **whose))
    assert [one.url for one in index.captures("https://e.org/short")] == ["https://e.org/short"]
    return capture, bool(list(index.captures(url)))


@pytest.mark.parametrize(("octets", "indexed"), [(2_300, True), (2_301, False), (9_000, False)])
def test_a_url_too_long_for_an_index_is_skipped_and_logged(
    database: Database, caplog: pytest.LogCaptureFixture, octets: int, indexed: bool
) -> None:
    capture, found = kept_long(database, octets)

    assert len(capture.urlkey) == octets
    assert found == indexed
    assert (f"not indexed, because its URL is too long: {capture.record_id}" in caplog.text) != indexed


def test_without_skipping_it_the_whole_segment_would_be_refused(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ours, "_LONGEST_KEY", 9_000)

    with pytest.raises(DatabaseRefused, match="index row size"):
        kept_long(database, 2_800)


def test_a_restart_of_the_server_causes_no_error(postgresql: PostgresServer) -> None:
    with running_server(postgresql.programs) as server, closing(open_database(server.url("migrated"))) as database:
        index = Index(database, now=lambda: NOON)
        Marks(database, "").set("n", "0")
        server.stop()
        with pytest.raises(DatabaseUnreachable, match=r"/migrated.* can't be used: connection .*failed"):
            Marks(database, "").get("n")
        with pytest.raises(DatabaseUnreachable, match=r"/migrated.* can't be used: connection .*failed"):
            index.latest("default", "https://example.org/")
        server.start()

        assert Marks(database, "").get("n") == "0"
        assert index.latest("default", "https://example.org/") is None


def test_a_vanished_server_is_waited_for_half_a_minute_or_as_long_as_the_url_says(url: str) -> None:
    def patience(url: str) -> tuple[str | None, str | None]:
        with closing(open_database(url)) as database, database.reading() as connection:
            told = connection.connection.dbapi_connection.info.get_parameters()  # type: ignore[union-attr]
            return told.get("tcp_user_timeout"), told.get("keepalives_idle")

    assert patience(url) == ("30000", "15")
    assert patience(f"{url}{'&' if '?' in url else '?'}tcp_user_timeout=7000") == ("7000", "15")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:canary-word@127.0.0.1:1/pressmark",
        "postgresql+psycopg://me@127.0.0.1:1/pressmark?password=canary-word",
        "postgresql://me@/pressmark?host=/nowhere&password=canary-word",
    ],
)
def test_the_error_for_an_unreachable_server_does_not_show_the_password(url: str) -> None:
    with pytest.raises(DatabaseUnreachable, match=r"postgresql.*/pressmark.* can't be used: .*fail") as told:
        open_database(url)

    assert "canary" not in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("made", "told"),
    [
        ("ENCODING SQL_ASCII LOCALE 'C'", "its encoding is SQL_ASCII and its locale C; create it with createdb "),
        ("LOCALE_PROVIDER icu ICU_LOCALE 'en'", "its encoding is UTF8 and its locale en; create it with createdb "),
    ],
)
def test_a_database_with_a_linguistic_sort_order_is_refused(postgresql: PostgresServer, made: str, told: str) -> None:
    with postgresql.database(f"TEMPLATE template0 {made}") as url, pytest.raises(DatabaseUnusable, match=told):
        open_database(url)


def test_the_error_for_a_missing_driver_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(MissingExtra, match=r"PostgreSQL needs psycopg, .* pip install 'pressmark\[postgresql\]'"):
        open_database("postgresql://me@127.0.0.1:1/pressmark")
