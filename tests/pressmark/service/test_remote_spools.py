"""What another machine sends is the record, or an error that says who did not answer: it never proves damage."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from crawling.site import Reply, serving
from faults.deaf import deaf
from services.postgresql import EMPTY, PostgresServer
from specimens.captures import capture_of
from sqlalchemy import insert, select

from archive.database.engine import Database, open_database
from archive.database.schema import damaged, epochs, segments
from archive.index.index import Index
from archive.retrieval.retrieval import Retrieval
from archive.store.local import LocalStore
from archive.values.capture import Location
from archive.values.errors import ObjectNotFound, SpoolUnreachable
from pressmark.service.peers.addresses import SpoolAddresses
from pressmark.service.peers.remote_spools import RemoteSpools
from pressmark.service.peers.signatures import SIZE, Signatures

pytestmark = pytest.mark.postgresql
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
WHERE = Location("20260131T120000Z-1-0-first", 0, 1200)


@pytest.fixture
def database(postgresql: PostgresServer) -> Iterator[Database]:
    """A database with a capture that the worker `first` of another machine has."""
    with postgresql.database(EMPTY) as url:
        database = open_database(url)
        with database.writing() as connection:
            alive = {"id": 1, "worker": "first", "host": "attic", "started_at": NOON, "seen_at": NOON}
            connection.execute(insert(epochs).values(**alive))
            row = {"name": WHERE.segment, "collection": "default", "worker": "first", "epoch": 1, "state": "open"}
            connection.execute(insert(segments).values(path="/nowhere/a.warc.gz", opened_at=NOON, **row))
        Index(database, now=lambda: NOON).add([capture_of(location=WHERE)])
        yield database
        database.close()


def spools(database: Database, url: str) -> RemoteSpools:
    addresses = SpoolAddresses(database)
    addresses.note("first", url)
    return RemoteSpools(addresses, Signatures(database, now=lambda: NOON), own="second")


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(body="<h1>Log in to the network</h1>"), SpoolUnreachable),
        (Reply(body="<h1>Log in</h1>", headers=((SIZE, "5000"),)), SpoolUnreachable),
        (Reply(body=b"\x1f\x8b\x08\x00", headers=((SIZE, "4"),)), ObjectNotFound),
        (Reply(status=404), ObjectNotFound),
        (Reply(status=500), SpoolUnreachable),
    ],
)
def test_anything_else_than_the_record_is_an_error_and_no_damage(
    database: Database, tmp_path: Path, reply: Reply, error: type[Exception]
) -> None:
    with serving() as site:
        site.otherwise = reply
        index = Index(database, now=lambda: NOON)
        retrieval = Retrieval(index, LocalStore(tmp_path / "store"), spools(database, site.url))
        with pytest.raises(error, match="the worker first on the machine attic"):
            retrieval.record(WHERE)
    with database.reading() as connection:
        assert connection.execute(select(damaged)).all() == []


def test_a_machine_that_does_not_answer_holds_few_readers_and_is_not_asked_again_at_once(database: Database) -> None:
    asked = list[socket.socket]()
    with deaf(asked.append) as url, ThreadPoolExecutor(24) as pool:
        remote = spools(database, url)

        def told() -> str:
            with pytest.raises(SpoolUnreachable) as refused:
                remote.get(WHERE)
            return str(refused.value)

        answers = [one.result() for one in [pool.submit(told) for _ in range(24)]]
        assert len(asked) <= 8
        assert all(answer.startswith("the worker first on the machine attic") for answer in answers)
        before = len(asked)
        assert "does not answer at" in told()
        assert len(asked) == before


def test_an_answer_that_never_ends_is_given_up(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pressmark.service.peers.remote_spools._PATIENCE", 1.0)
    monkeypatch.setattr("pressmark.service.peers.remote_spools._SLOWEST", 1200.0)

    def drip(client: socket.socket) -> None:
        client.recv(65536)
        client.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: 1200\r\n{SIZE}: 1200\r\n\r\n".encode())
        with suppress(OSError):
            while True:
                client.sendall(b"x")
                time.sleep(0.05)

    with (
        deaf(drip) as url,
        spools(database, url).get(WHERE) as file,
        pytest.raises(SpoolUnreachable, match="too slowly"),
    ):
        while file.read(1):
            pass
