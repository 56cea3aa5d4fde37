"""Items of runs wait in the home until the store has them, and can be read in either place."""

from __future__ import annotations

import errno
import threading
from collections.abc import Iterator
from pathlib import Path

from archive.database.engine import Database
from archive.shipping.items import Items, items_file
from archive.store.memory import MemoryStore
from archive.texts.search.items import items_indexed
from archive.values.digest import sha256_file
from archive.values.errors import StoreUnreachable
from archive.warc.keys import items_key, sha256_of_key

LINES = b'{"item": {"a": 1}}\n{"item": {"a": 2}}\n'


class Away(MemoryStore):
    """A store that can't be reached."""

    def put(self, *_: object, **__: object) -> object:  # type: ignore[override]
        raise StoreUnreachable("it is away")


def waiting(directory: Path) -> Path:
    file = items_file(directory, "news", "20261124T155500Z-own-1a2b3c")
    file.parent.mkdir(parents=True)
    file.write_bytes(LINES)
    return file


def test_items_are_read_before_and_after_the_store_has_them(tmp_path: Path, database: Database) -> None:
    file, store = waiting(tmp_path), MemoryStore()
    items = Items(tmp_path, store, database)
    before = list(items.of(file.stem))

    assert items.ship() == 1
    assert items.ship() == 0
    assert not file.exists()
    assert before == list(items.of(file.stem)) == LINES.splitlines(keepends=True)
    [key] = store.keys()
    with store.get(key) as packed:
        digest = sha256_file(packed)
    assert key == items_key("news", file.stem, digest)
    assert sha256_of_key(key) == digest
    assert items.runs() == {file.stem}


def test_items_that_the_store_refuses_keep_waiting(tmp_path: Path, database: Database) -> None:
    file, store = waiting(tmp_path), Away()

    assert Items(tmp_path, store, database).ship() == 0
    assert list(Items(tmp_path, store, database).of(file.stem)) == LINES.splitlines(keepends=True)


def test_a_run_without_items_has_none(tmp_path: Path, database: Database) -> None:
    assert list(Items(tmp_path, MemoryStore(), database).of("20261124T155500Z-own-1a2b3c")) == []


def test_a_run_is_not_confused_with_one_whose_id_has_the_same_prefix(tmp_path: Path, database: Database) -> None:
    file, store = waiting(tmp_path), MemoryStore()
    Items(tmp_path, store, database).ship()

    assert list(Items(tmp_path, store, database).of(file.stem[:-3])) == []
    assert list(Items(tmp_path, store, database).of(file.stem)) == LINES.splitlines(keepends=True)


class Lagging(MemoryStore):
    """A store whose lists do not have what was put a moment ago."""

    def keys(self, prefix: str = "") -> Iterator[str]:
        yield from ()


def test_items_are_found_though_the_lists_of_the_store_lag(tmp_path: Path, database: Database) -> None:
    file, store = waiting(tmp_path), Lagging()
    items = Items(tmp_path, store, database)
    items.ship()

    assert items.runs() == {file.stem}
    assert list(items.of(file.stem)) == LINES.splitlines(keepends=True)


def test_items_that_the_store_has_lost_are_not_said_to_be_there(tmp_path: Path, database: Database) -> None:
    file, store = waiting(tmp_path), MemoryStore()
    items = Items(tmp_path, store, database)
    items.ship()
    [key] = store.keys()
    store.delete(key)

    assert items.runs() == set()
    assert list(items.of(file.stem)) == []


def test_items_that_several_threads_ship_at_once_are_shipped_once(tmp_path: Path, database: Database) -> None:
    files = [waiting(tmp_path / "0")]
    for number in range(20):
        files.append(files[0].with_name(f"20261124T1556{number:02}Z-own-1a2b3c.jsonl"))
        files[-1].write_bytes(LINES)
    items, begin, shipped = Items(tmp_path / "0", MemoryStore(), database), threading.Barrier(6), []

    def ship() -> None:
        begin.wait()
        shipped.append(items.ship())

    threads = [threading.Thread(target=ship) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(shipped) == len(files)
    assert set(items_indexed(database).values()) == {2}


def test_a_full_temporary_disk_lets_items_wait(tmp_path: Path, database: Database) -> None:
    file = waiting(tmp_path)

    class Full(MemoryStore):
        def put(self, *_: object, **__: object) -> object:  # type: ignore[override]
            raise OSError(errno.ENOSPC, "No space left on device")

    assert Items(tmp_path, Full(), database).ship() == 0
    assert file.exists()


def test_a_damaged_file_is_left_and_stops_no_other(tmp_path: Path, database: Database) -> None:
    file, store = waiting(tmp_path), MemoryStore()
    torn, stray = file.with_name("20261124T155400Z-own-1a2b3c.jsonl"), file.with_name("a.jsonl")
    torn.write_bytes(LINES[:-9])
    stray.write_bytes(LINES)

    assert Items(tmp_path, store, database).ship() == 1
    assert (file.exists(), torn.exists(), stray.exists()) == (False, True, True)
