"""The database forgets the words of what was purged: no search finds them, and SQLite's file has them no more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from services.databases import SQLITE_ONLY
from specimens.purges import purge, world_of
from specimens.segments import SegmentFile, answered
from specimens.worlds import World, publish, text_of

from archive.archive import Archive
from archive.database.engine import Database
from archive.index.purges import forgetting
from archive.store.memory import MemoryStore
from archive.texts.texts import Texts

Another = Callable[[], Database]
WORD = "quetzalcoatlus"


def shelf(tmp_path: Path, database: Database, another: Another) -> World:
    """Return an archive whose secret page has a word that no other has, and others that many have."""
    world = world_of(tmp_path, database, another, MemoryStore())
    segment = SegmentFile(tmp_path, "20260131T120500Z-1-5-abcd")
    urls = [*(f"https://example.org/many/{number}" for number in range(40)), "https://example.org/secret"]
    pages = [segment.write(answered(url, url.encode(), minute=5 + n / 60)) for n, url in enumerate(urls)]
    said = [f"the harbour of page {number} is open" for number in range(40)] + [f"the harbour of {WORD} is open"]
    texts = [replace(text_of(page), text=text) for page, text in zip(pages, said, strict=True)]
    world.manifests.append(publish(world.store, segment, texts, world.manifests[-1].link))
    world.index.commit(world.manifests[-1], segment.captures, texts)
    return world


def found(world: World, words: str) -> int:
    return len(Archive(world.index, Texts(world.database), world.store).search(words, limit=100).items)


def in_files(database: Database) -> bool:
    name = str(database.engine.url.database)
    files = (Path(name), Path(f"{name}-wal"))
    return any(WORD[2:].encode() in path.read_bytes() for path in files if path.exists())


@pytest.mark.costly
def test_no_search_finds_the_words_of_a_purged_page(tmp_path: Path, either: Database, another: Another) -> None:
    world = shelf(tmp_path, either, another)
    before, others = found(world, WORD), found(world, "harbour")
    purge(world)

    assert (before, found(world, WORD)) == (1, 0)
    assert (others, found(world, "harbour")) == (41, 40)


@pytest.mark.costly
@SQLITE_ONLY
@pytest.mark.parametrize("is_forgetting", [True, False])
def test_the_file_of_sqlite_has_the_words_no_more(
    tmp_path: Path, database: Database, another: Another, monkeypatch: pytest.MonkeyPatch, is_forgetting: bool
) -> None:
    world = shelf(tmp_path, database, another)
    before = in_files(database)
    if not is_forgetting:
        monkeypatch.setattr(forgetting, "_set", lambda *_: None)  # the control
    purge(world)

    assert before
    assert in_files(database) is not is_forgetting
