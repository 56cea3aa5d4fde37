"""Captures and texts enter the index before the commit: a death between leaves what the next start completes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from faults.segments import START, seal
from faults.shipping import Crash, Fuse, works
from specimens.dumps import dump

from archive.database.engine import open_database
from archive.index.index import Index
from archive.intake.rebuild import Rebuild
from archive.store.memory import MemoryStore


def rebuilt(directory: Path, store: MemoryStore) -> dict[str, list[Any]]:
    """What an index has that was never there while the other one died."""
    database = open_database(f"sqlite:///{directory / 'another.db'}")
    try:
        Rebuild(store, Index(database, now=lambda: START)).run()
        return dump(database)
    finally:
        database.close()


def test_a_death_at_any_call_leaves_an_index_that_shipping_again_completes(tmp_path: Path) -> None:
    left_texts = 0
    for after in (False, True):
        for calls in range(100):
            directory, store = tmp_path / f"{calls}-{after}", MemoryStore()
            directory.mkdir()
            fuse = Fuse(calls, after=after)
            with works(directory, store, fuse=fuse) as at:
                sealed = seal(at.spool, 1)
                try:
                    at.shipper.ship(sealed)
                except Crash:
                    died = True
                else:
                    died = False
                found = dump(at.database)
                assert bool(found["captures"]) >= bool(found["texts"]), "texts are never there before their captures"
                left_texts += bool(found["texts"]) and not at.index.segments("committed")
            if not died:
                break
            with works(directory, store) as at:
                at.shipper.ship(sealed)
                assert dump(at.database) == rebuilt(directory, store)
        else:
            pytest.fail("it never came to its end")

    assert left_texts, "no death left texts of an uncommitted segment: the test shows nothing"
