"""A text that the database has damaged costs that text alone, is named, and is read again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from specimens.worlds import LATER, World
from sqlalchemy import select, update

from archive.database.engine import Database
from archive.database.schema import texts
from archive.index.index import Index
from archive.texts.text_replacement import replace_texts, texts_of_segment
from archive.texts.texts import TextRow, Texts
from archive.values.errors import DamagedRecord

DAMAGE = {
    "no frame": b"no frame of Zstandard",
    "a cut frame": None,
    "a frame of something else": b"(\xb5/\xfd \x02\x11\x00\x0042",
}


@pytest.fixture
def world(tmp_path: Path, either: Database, another: Callable[[], Database]) -> World:
    """A segment of five captures and three texts."""
    world = World(tmp_path, either, Index(either, now=lambda: LATER), another)
    world.ship(0)
    return world


def damage(world: World, content: bytes | None) -> TextRow:
    """Write over the first text, and return what it was."""
    with world.database.reading() as connection:
        record: str = connection.execute(select(texts.c.record_id).order_by(texts.c.record_id).limit(1)).scalar_one()
    before = Texts(world.database).of(record)
    assert before is not None
    with world.database.writing() as connection:
        raw = connection.exec_driver_sql("SELECT content FROM texts ORDER BY record_id LIMIT 1").scalar_one()
        content = bytes(raw)[: len(raw) // 2] if content is None else content
        place = "%s" if connection.dialect.name == "postgresql" else "?"
        statement = f"UPDATE texts SET content = {place} WHERE record_id = {place}"
        connection.exec_driver_sql(statement, (content, record))
    return before


@pytest.mark.parametrize("content", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_text_is_named_and_the_others_are_read(world: World, content: bytes | None) -> None:
    lost = damage(world, content)
    with pytest.raises(DamagedRecord, match=rf"{lost.url}, record {lost.record_id}.*pressmark extract --all"):
        Texts(world.database).of(lost.record_id)

    assert len(list(texts_of_segment(world.database, lost.segment))) == 2


def test_a_text_that_is_read_again_takes_the_place_of_the_damaged_one(world: World) -> None:
    lost = damage(world, b"no frame")
    changed = replace_texts(world.database, lost.segment, [lost])

    assert changed == 1
    assert Texts(world.database).of(lost.record_id) == lost
    assert replace_texts(world.database, lost.segment, [lost]) == 0


def test_an_intact_text_is_not_called_damaged(world: World) -> None:
    with world.database.writing() as connection:
        connection.execute(update(texts).values(title="another"))

    assert len(list(texts_of_segment(world.database, world.manifests[0].segment))) == 3
