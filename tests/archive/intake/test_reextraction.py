"""Texts are extracted again from the store: search and rebuild follow, and no WARC is changed."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

import pytest
from reportlab.pdfgen.canvas import Canvas
from specimens.archives import FORUM, NEWS, Kept, small_archive
from specimens.captures import NOON
from specimens.segments import SegmentFile, answered
from sqlalchemy import text as sql

from archive.database.engine import Database, open_database
from archive.index.index import Index
from archive.index.selection import Selection
from archive.intake.rebuild import Rebuild, Rebuilt
from archive.intake.reextraction import ReextractedSegment, Reextraction, Which
from archive.shipping.sidecars import read_texts, text_bytes
from archive.store import ObjectStore, Stored
from archive.store.memory import MemoryStore
from archive.texts.reader import Reader
from archive.texts.text_replacement import texts_of_segment
from archive.texts.texts import TextRow
from archive.values.digest import Sha256, sha256
from archive.values.errors import StoreUnreachable
from archive.warc.keys import REREADS, reread_key
from extractor.reading import age_of
from extractor.values.text import VERSION

ALL = Selection()
LATER = NOON + timedelta(days=30)


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as one:
        yield one


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    """Provide two segments with texts from an extractor without a version."""
    with small_archive(tmp_path) as archive:
        yield archive


def rereading(kept: Kept, reader: Reader) -> Reextraction:
    return Reextraction(kept.index, kept.store, reader.read_warc, now=lambda: LATER)


def texts(database: Database) -> list[TextRow]:
    with database.reading() as connection:
        segments = connection.execute(sql("SELECT DISTINCT segment FROM texts ORDER BY segment")).scalars().all()
    rows = (row for segment in segments for row in texts_of_segment(database, segment))
    return sorted(rows, key=lambda row: (row.segment, row.record_id))


def wordings_of(database: Database) -> list[str]:
    columns = "collection, source, urlkey, key, gist, reader, url, record_id, first_at, last_at, novelty"
    with database.reading() as connection:
        return sorted(map(repr, connection.execute(sql(f"SELECT {columns} FROM wordings"))))


def rebuilt(kept: Kept, path: Path) -> tuple[Rebuilt, Database]:
    database = open_database(f"sqlite:///{path}")
    return Rebuild(kept.store, Index(database, now=lambda: LATER)).run(), database


def objects(store: ObjectStore, prefix: str) -> dict[str, bytes]:
    found = {}
    for key in store.keys(prefix):
        with store.get(key) as file:
            found[key] = file.read()
    return found


def test_texts_of_an_older_extractor_are_read_again_once(kept: Kept, reader: Reader, tmp_path: Path) -> None:
    warcs, before = objects(kept.store, "warc/"), texts(kept.database)
    again = rereading(kept, reader)

    tasks = again.tasks(ALL)
    done = [again.again(task) for task in tasks]
    after, sidecars = texts(kept.database), objects(kept.store, REREADS)

    assert [len(task.record_ids) for task in tasks] == [1, 1]
    assert [one.changed for one in done] == [1, 1]
    assert {row.record_id for row in after} == {row.record_id for row in before}
    assert all((row.version or "").startswith(f"{VERSION}") for row in after)
    assert again.tasks(ALL) == []
    assert [again.again(task).changed for task in again.tasks(ALL, "all")] == [0, 0]
    assert objects(kept.store, REREADS) == sidecars
    assert objects(kept.store, "warc/") == warcs


def test_downloads_are_examined_when_everything_is_read_and_later_only_if_they_were_pdfs(
    kept: Kept, reader: Reader, tmp_path: Path
) -> None:
    made = io.BytesIO()
    canvas = Canvas(made)
    canvas.drawString(72, 700, "The ferry now waits for the tide.")
    canvas.save()
    saved = SegmentFile(tmp_path, "20260202T120000Z-1-2-cccccccc")
    for number, body in enumerate((made.getvalue(), b"PK")):
        saved.write(
            answered(f"https://example.org/download/{number}", body, headers=("Content-Type: binary/octet-stream",))
        )
    kept.archive.ingest(saved.path)
    again = rereading(kept, reader)

    def due(which: Which) -> list[int]:
        return [len(task.record_ids) for task in again.tasks(ALL, which) if task.segment == saved.name]

    before, at_all = due("older"), due("all")
    done = [again.again(task) for task in again.tasks(ALL, "all")]

    assert (before, at_all) == ([], [2])
    assert sum(one.read for one in done) == 3
    assert (due("older"), due("all")) == ([], [2])


def test_a_file_whose_bytes_are_not_the_archived_ones_is_not_taken_for_one_without_texts(
    kept: Kept, reader: Reader
) -> None:
    again = rereading(kept, reader)
    task = again.tasks(ALL, "all")[0]
    row = kept.index.segment(task.segment)
    assert row is not None
    assert row.object_key is not None
    kept.store.delete(row.object_key)
    kept.store.put(row.object_key, io.BytesIO(b"damaged"), sha256(b"damaged"))

    assert again.again(task) == ReextractedSegment(task.segment, 0, 0, len(task.record_ids))
    assert kept.index.damaged_count() > 0


def test_a_rebuilt_index_has_the_latest_texts(kept: Kept, reader: Reader, tmp_path: Path) -> None:
    _, known_before = rebuilt(kept, tmp_path / "before.db")
    again = rereading(kept, reader)
    for task in again.tasks(ALL):
        again.again(task)
    done, fresh = rebuilt(kept, tmp_path / "fresh.db")
    Rebuild(kept.store, Index(known_before, now=lambda: LATER)).run()

    assert done.findings == ()
    assert texts(fresh) == texts(kept.database) == texts(known_before)
    assert wordings_of(fresh) == wordings_of(kept.database) == wordings_of(known_before)
    for database in (fresh, known_before):
        database.close()


def test_search_finds_the_new_texts_and_not_the_old_ones(kept: Kept, reader: Reader) -> None:
    [before] = kept.archive.search("第一帖").items
    for task in rereading(kept, reader).tasks(Selection(source="forum")):
        rereading(kept, reader).again(task)

    assert before.url == FORUM
    assert kept.archive.search("quoted").items == ()
    assert [one.url for one in kept.archive.search("telescope").items] == [NEWS]


def test_only_selected_captures_are_read_again(kept: Kept, reader: Reader) -> None:
    again = rereading(kept, reader)

    assert [len(task.record_ids) for task in again.tasks(Selection(url="https://example.org/news/"))] == [1]
    assert again.tasks(Selection(since=LATER)) == []
    assert again.tasks(ALL, "unread") == []
    with kept.database.writing() as connection:
        connection.execute(sql("DELETE FROM worded"))
        connection.execute(sql("DELETE FROM texts"))
    assert len(again.tasks(ALL, "unread")) == 2


class Refusing(MemoryStore):
    """A read-only store."""

    def put(self, key: str, body: BinaryIO, digest: Sha256, *, replace: bool = False) -> Stored:
        raise StoreUnreachable("a test")


def test_a_refusing_store_leaves_everything_unchanged(kept: Kept, reader: Reader) -> None:
    before = texts(kept.database)
    [task, _] = rereading(kept, reader).tasks(ALL)
    refusing = Refusing()
    for key, content in objects(kept.store, "").items():
        MemoryStore.put(refusing, key, io.BytesIO(content), sha256(content))

    with pytest.raises(StoreUnreachable):
        Reextraction(kept.index, refusing, reader.read_warc, now=lambda: LATER).again(task)

    assert texts(kept.database) == before
    assert rereading(kept, reader).again(task).changed == 1


def test_a_later_version_counts_more_than_a_later_time_and_damage_is_reported(kept: Kept, tmp_path: Path) -> None:
    [segment, _] = [row.name for row in kept.index.segments()]
    rows = list(texts_of_segment(kept.database, segment))
    for version, at, said in ((3, LATER, "older"), (5, NOON, "newer")):
        content = text_bytes([replace(row, text=said, version=str(version)) for row in rows])
        key = reread_key("default", segment, version, at, sha256(content))
        kept.store.put(key, io.BytesIO(content), sha256(content))
    _, first = rebuilt(kept, tmp_path / "first.db")
    kept.store.put(key, io.BytesIO(b"?"), sha256(b"?"), replace=True)
    damaged, second = rebuilt(kept, tmp_path / "second.db")

    assert {row.text for row in texts_of_segment(first, segment)} == {"newer"}
    assert [finding.file for finding in damaged.findings] == [key]
    assert [*texts_of_segment(second, segment)] == [*texts_of_segment(kept.database, segment)]
    assert read_texts(content)[0].text == "newer"
    for database in (first, second):
        database.close()


def test_the_age_of_a_text_is_that_of_its_extractor() -> None:
    assert [age_of(version) for version in ("", "x", "1+blocks-0", f"{VERSION}+blocks-0")] == ["older"] * 4
    assert [age_of(version) for version in (VERSION, f"{VERSION}+posts", f"{VERSION}+pypdf-1")] == ["same"] * 3
    assert age_of(f"{int(VERSION) + 1}+blocks-0") == "later"
