"""Items of runs wait in the home until the store has them, and can be read in either place."""

from __future__ import annotations

from pathlib import Path

from archive.database.engine import Database
from archive.shipping.items import Items, items_file
from archive.store.memory import MemoryStore
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


def test_a_damaged_file_is_left_and_stops_no_other(tmp_path: Path, database: Database) -> None:
    file, store = waiting(tmp_path), MemoryStore()
    torn, stray = file.with_name("20261124T155400Z-own-1a2b3c.jsonl"), file.with_name("a.jsonl")
    torn.write_bytes(LINES[:-9])
    stray.write_bytes(LINES)

    assert Items(tmp_path, store, database).ship() == 1
    assert (file.exists(), torn.exists(), stray.exists()) == (False, True, True)
