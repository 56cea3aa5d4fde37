"""What a request gave is written with its end, or not at all: a process that dies between writes doubles nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from services.calls import calls

from crawler.userspiders.ledger import Ledger, PendingOutput, Planned, copy_items, read_items, read_tally

ASKED, FURTHER = Planned(1, 0, 1, b"one"), Planned(2, 0, 2, b"two", b"print")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The ledger of a run that has leased its one request."""
    file = tmp_path / "run.db"
    with closing(Ledger(file)) as ledger:
        ledger.write(PendingOutput([ASKED]), started=b"start")
        assert ledger.lease() == ASKED
    return file


def gone_through_again(file: Path, item: str) -> list[str]:
    """The items, once a new process has made all requests that wait, each of which gives this item."""
    with closing(Ledger(file)) as ledger:
        while (row := ledger.lease()) is not None:
            ledger.write(PendingOutput([], [item]), over=row.id)
    return list(read_items(file))


def test_a_request_whose_end_is_not_written_waits_again_and_has_given_nothing(file: Path) -> None:
    with closing(Ledger(file)) as ledger:
        leased = ledger.lease()
        assert leased == ASKED
        with pytest.raises(sqlite3.IntegrityError):
            ledger.write(PendingOutput([FURTHER], ["{}", None]), over=1)  # type: ignore[list-item]

    assert read_tally(file)["items"] == 0
    assert gone_through_again(file, "{}") == ["{}"]


def test_a_request_whose_end_is_written_is_not_made_again(file: Path) -> None:
    with closing(Ledger(file)) as ledger:
        ledger.lease()
        ledger.write(PendingOutput([], ["{}"]), over=1)

    assert gone_through_again(file, "{}") == ["{}"]


def test_items_that_are_written_before_the_end_of_their_request_are_given_twice(file: Path) -> None:
    """What the ledger must not do."""
    with closing(Ledger(file)) as ledger:
        ledger.lease()
        ledger.write(PendingOutput([], ["{}"]))

    assert gone_through_again(file, "{}") == ["{}", "{}"]


def test_items_are_durable_before_their_ledger_is_deleted(file: Path) -> None:
    item = '{"item": 1}'
    gone_through_again(file, item)
    to = file.parent / "items" / "news" / "run.jsonl"

    assert calls(lambda: copy_items(file, to), "fsync") == 3  # the file, its directory, and the new directory's name
    assert to.read_text() == f"{item}\n"
    assert list(to.parent.iterdir()) == [to]


def test_a_view_that_a_spider_puts_into_its_ledger_reads_nothing_of_the_worker(file: Path) -> None:
    with closing(sqlite3.connect(file)) as db:
        for table in ("items", "tally"):
            db.execute(f"DROP TABLE {table}")
        db.execute("CREATE VIEW items AS SELECT 1 AS id, file AS item FROM pragma_database_list")
        db.execute("CREATE VIEW tally AS SELECT file AS name, 7 AS value FROM pragma_database_list")
        db.commit()
        assert db.execute("SELECT item FROM items").fetchall() == [(str(file),)]  # the control

    with pytest.raises(sqlite3.OperationalError, match="unsafe use of virtual table"):
        list(read_items(file))
    assert read_tally(file) == {}
    with pytest.raises(sqlite3.DatabaseError):
        Ledger(file)
