"""PostgreSQL: writers pass each other unless they name one of the same locks, and are repeated when they collide."""

from __future__ import annotations

import ast
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any

import pytest
from services.postgresql import PostgresServer
from specimens.captures import capture_of
from specimens.library import Library, said
from specimens.manifests import manifest_of
from sqlalchemy import Connection, event, func, select, update

from archive.database import writers
from archive.database.engine import Database, open_database
from archive.database.failures import DatabaseConflict
from archive.database.marks import Marks
from archive.database.schema import captures, marks, objects, wordings
from archive.database.writers import retried
from archive.index.index import Index
from archive.index.objects import Objects
from archive.index.purges.needs import newest
from archive.index.row_counts import lacking_rows, note_rows_now
from archive.texts import later_texts
from archive.values.capture import Capture, Location
from archive.warc.keys import MANIFESTS

ROOT = Path(__file__).parents[3]
CALL = "database.beside("
HELD = 0.3
"""Seconds after which a call that waits for a lock is taken for one that waits."""


@pytest.fixture(scope="module")
def database(postgresql: PostgresServer) -> Iterator[Database]:
    with postgresql.database() as url, closing(open_database(url)) as database:
        yield database


def waits(call: Callable[[], object], open_now: AbstractContextManager[Any]) -> bool:
    """Return whether a call waits for the end of a transaction that is open now; it then comes to its end."""
    called = threading.Thread(target=call)
    with open_now:
        called.start()
        called.join(HELD)
        waited = called.is_alive()
    called.join(60)
    assert not called.is_alive()
    return waited


def begun(transaction: AbstractContextManager[Any]) -> None:
    with transaction:
        pass


@pytest.mark.parametrize(
    ("here", "there", "waited"),
    [
        (("a",), ("b",), False),
        ((), (), False),
        (("a", "b"), ("b", "c"), True),
    ],
)
@pytest.mark.postgresql
def test_writers_pass_each_other_unless_they_name_the_same_lock(
    database: Database, here: tuple[str, ...], there: tuple[str, ...], waited: bool
) -> None:
    assert waits(lambda: begun(database.beside(*there)), database.beside(*here)) == waited


@pytest.mark.postgresql
def test_who_needs_all_rows_to_stand_still_waits_for_all_writers_and_they_for_it(database: Database) -> None:
    assert waits(lambda: begun(database.writing()), database.beside("a"))
    assert waits(lambda: begun(database.beside("a")), database.writing())
    assert waits(lambda: begun(database.settled()), database.beside())


@pytest.mark.postgresql
def test_a_transaction_that_would_take_too_many_locks_takes_that_of_all_writers(database: Database) -> None:
    names = [f"segment {number}" for number in range(writers._MOST + 1)]

    assert waits(lambda: begun(database.beside(*names)), database.beside("another"))
    assert not waits(lambda: begun(database.beside(*names[1:])), database.beside("another"))


def crossing(database: Database, decorated: Callable[..., Any]) -> list[str]:
    """Return the errors of two writers that change the same two rows, each in another order."""
    Marks(database, "").set_all({"a": "0", "b": "0"})
    met, errors = threading.Barrier(2), list[str]()

    @decorated
    def change(names: str, first: list[bool]) -> None:
        with database.beside() as connection:
            for name in names:
                added = update(marks).where(marks.c.name == name).values(value=marks.c.value.concat("1"))
                connection.execute(added)
                if first and first.pop():
                    met.wait(20)

    def write(names: str) -> None:
        try:
            change(names, [True])
        except DatabaseConflict as error:
            errors.append(str(error))

    both = [threading.Thread(target=write, args=(names,)) for names in ("ab", "ba")]
    for one in both:
        one.start()
    for one in both:
        one.join()
    return errors


@pytest.mark.postgresql
def test_of_two_writers_that_wait_for_each_other_the_server_ends_one_which_begins_again(database: Database) -> None:
    assert crossing(database, retried) == []
    assert Marks(database, "").get("a") == Marks(database, "").get("b") == "011"


@pytest.mark.costly
@pytest.mark.postgresql
def test_one_that_does_not_begin_again_has_written_nothing(database: Database) -> None:
    (told,) = crossing(database, lambda method: method)

    assert "deadlock detected" in told
    assert Marks(database, "").get("a") == Marks(database, "").get("b") == "01"


def test_who_collides_each_time_gives_up_after_a_few_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writers, "_PAUSE", 0.0)
    tries = []

    @retried
    def collide() -> None:
        tries.append(1)
        raise DatabaseConflict("here", "deadlock detected")

    with pytest.raises(DatabaseConflict):
        collide()
    assert len(tries) == writers._TRIES


def test_each_writer_beside_others_is_repeated_when_it_collides() -> None:
    bare = [
        f"{file.relative_to(ROOT)}: {function}"
        for package in ("archive", "scheduler", "pressmark", "crawler")
        for file in sorted((ROOT / package).rglob("*.py"))
        if CALL in (text := file.read_text())
        for function in unrepeated(ast.parse(text))
    ]

    assert bare == ["scheduler/ledger/runs.py: _writing"]  # a context manager: those who enter it are


def unrepeated(module: ast.Module) -> Iterator[str]:
    for function in ast.walk(module):
        if isinstance(function, ast.FunctionDef):
            calls = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
            if any(CALL in ast.unparse(one) + "(" for one in calls) and "retried" not in map(
                ast.unparse, function.decorator_list
            ):
                yield function.name


def wordings_of(database: Database) -> list[Any]:
    columns = [column for column in wordings.c if column.name != "id"]
    with database.reading() as connection:
        return sorted(map(tuple, connection.execute(select(*columns))))


def kept_at_once(database: Database) -> list[Any]:
    """Return the text versions of a page whose captures come in eight segments, written at the same time."""
    pages = [[said(f"the text of version {number % 3}", minute=number)] for number in range(8)]
    library, together = Library(database), threading.Barrier(8)

    def keep(page: list[Any]) -> None:
        together.wait(20)
        library.keep(*page)

    every = [threading.Thread(target=keep, args=(page,)) for page in pages]
    for one in every:
        one.start()
    for one in every:
        one.join()
    there = wordings_of(database)
    with database.writing() as connection:
        for table in ("worded", "words", "sketches", "bands", "wordings", "texts", "damaged", "captures", "segments"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
    alone = Library(database)
    for page in pages:
        alone.keep(*page)
    return [there, wordings_of(database)]


@pytest.mark.costly
@pytest.mark.postgresql
def test_the_versions_of_a_page_are_the_same_when_its_segments_are_written_at_once(database: Database) -> None:
    at_once, one_by_one = kept_at_once(database)

    assert at_once == one_by_one
    assert len(at_once) == 3


@pytest.mark.postgresql
def test_segments_of_a_source_add_their_texts_one_after_the_other(database: Database) -> None:
    locks = {later_texts.text_locks(database, name, {"example"})[-1] for name in ("one", "two")}

    assert len(locks) == 1
    assert locks != {later_texts.text_locks(database, "one", {"another"})[-1]}


def add_late(database: Database, between: Callable[[], None]) -> None:
    """Add a capture whose transaction stays open while something else happens."""
    index, name = Index(database, now=capture_time), "20260131T120000Z-1-9-abcd"
    index.commit(manifest_of(name), [], [])

    held = [between]

    def hold(_: Connection) -> None:
        if held:
            held.pop()()

    late = placed(capture_of("https://example.org/late", number=9), name, 500)
    event.listen(database.engine, "commit", hold)
    index.add([late])


def capture_time() -> Any:
    return capture_of("https://example.org/", number=1).at


@pytest.mark.postgresql
def test_a_mark_that_is_deleted_between_two_statements_is_written(database: Database) -> None:
    names, between = Marks(database, "put/"), [True]
    names.set("name", "before")

    def delete(_: Connection, __: object, statement: str, *___: object) -> None:
        if statement.startswith("SELECT marks.value") and between:
            between.pop()
            names.delete("name")

    event.listen(database.engine, "before_cursor_execute", delete)
    try:
        assert names.put("name", "after") == "after"
    finally:
        event.remove(database.engine, "before_cursor_execute", delete)
    assert (names.get("name"), between) == ("after", [])


@pytest.mark.postgresql
def test_a_segment_that_is_committed_again_has_the_number_of_the_second_transaction(database: Database) -> None:
    index, name = Index(database, now=capture_time), "20260131T120000Z-1-8-abcd"
    capture = placed(capture_of("https://example.org/", number=9), name, 500)
    collide = [True]

    def end(_: Connection) -> None:
        if collide:
            raise DatabaseConflict("here", f"deadlock detected {collide.pop()}")

    event.listen(database.engine, "commit", end)
    assert index.commit(manifest_of(name), [capture], [])
    assert index.size_of(name) == 1


@pytest.mark.postgresql
def test_a_segment_is_not_counted_while_another_one_replaces_a_damaged_record_of_it(database: Database) -> None:
    index = Index(database, now=capture_time)
    here, there = (f"20260131T120000Z-1-{number}-abcd" for number in (6, 7))
    lost, other = capture_of("https://example.org/x"), capture_of("https://example.org/y", number=1)
    index.commit(manifest_of(there), [placed(lost, there, 500), placed(other, there, 1000)], [])
    index.commit(manifest_of(here), [], [])
    index.damages.mark(there, [500], "damaged", "its bytes are lost")
    counting = threading.Thread(target=note_rows_now, args=(database, there))
    between = [counting]

    def count(_: Connection) -> None:
        if between and threading.current_thread() is threading.main_thread():
            between.pop().start()
            counting.join(HELD)

    event.listen(database.engine, "commit", count)
    index.add([placed(lost, here, 500)])
    counting.join(60)

    assert index.size_of(there) == 1
    assert lacking_rows(database) == {}


def placed(capture: Capture, segment: str, offset: int) -> Capture:
    return capture._replace(location=Location(segment, offset, 300))


@pytest.mark.postgresql
def test_the_number_before_all_later_captures_waits_for_those_that_are_being_added(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.index.purges.needs._UNDER_WAY", 0)
    told = list[int]()
    asked = threading.Thread(target=lambda: told.append(newest(database)))

    def ask() -> None:
        asked.start()
        asked.join(HELD)
        assert told == []

    add_late(database, ask)
    asked.join(60)
    with database.reading() as connection:
        assert told == [connection.execute(select(func.max(captures.c.id))).scalar_one()]


@pytest.mark.postgresql
def test_a_replica_never_passes_over_an_object_that_is_being_noted(database: Database) -> None:
    def note(key: str) -> None:
        Objects(database).note_keys([f"{MANIFESTS}{key}"], capture_time())

    told, before = list[int](), Objects(database).newest()
    asked = threading.Thread(target=lambda: told.append(Objects(database).all_copied("disk", before)))
    with database.beside() as connection:
        row = {"key": f"{MANIFESTS}first", "sha256": None, "size": 1, "segment": None, "seen_at": capture_time()}
        connection.execute(objects.insert(), row)
        note("second")  # its number is greater, and it is committed first
        asked.start()
        asked.join(HELD)
        assert told == []
    asked.join(60)

    assert told == [Objects(database).absent("disk", before, 1)[0].id - 1]
    assert [row.key for row in Objects(database).absent("disk", told[0], 9)] == [
        f"{MANIFESTS}first",
        f"{MANIFESTS}second",
    ]
