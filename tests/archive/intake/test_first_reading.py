"""A segment that was shipped without its texts gets the same ones, with the same news, as one whose worker read it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from faults.segments import seal
from faults.shipping import Works, running, works
from sqlalchemy import text as sql

from archive.database.engine import Database, open_database
from archive.index.index import Index
from archive.intake.rebuild import Rebuild
from archive.intake.reextraction import Reextraction
from archive.shipping.delivery import Leave
from archive.shipping.run_texts import RunTexts
from archive.store.memory import MemoryStore
from archive.texts.reader import Reader
from archive.texts.reading_jobs import LateReader, ReadingJob, ReadingJobs
from archive.values.errors import IntegrityError
from archive.warc.keys import REREADS, RUNS

LEASE = timedelta(seconds=60)
_ROWS = {
    "texts": "SELECT segment, url, at, state, version, title, sha256, content FROM texts",
    "wordings": "SELECT key, gist, reader, url, first_at, last_at, novelty FROM wordings",
    "events": "SELECT kind, source, run, json_extract(facts, '$.url') FROM events WHERE kind LIKE 'page.%'",
    "rows": "SELECT name, value FROM marks WHERE name LIKE 'rows:%'",
}


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as one:
        yield one


def rows_of(database: Database, name: str) -> list[str]:
    with database.reading() as connection:
        return sorted(map(repr, connection.execute(sql(_ROWS[name]))))


def rows(at: Works) -> dict[str, list[str]]:
    return {name: rows_of(at.database, name) for name in _ROWS}


def ship(at: Works) -> list[str]:
    sealed = [seal(at.spool, number, page_bytes=0) for number in range(2)]
    for one in sealed:
        at.shipper.add(one)
    with running(at.shipper):
        assert at.shipper.drain(60)
    return [one.name for one in sealed]


@contextmanager
def left(directory: Path) -> Iterator[tuple[Works, ReadingJobs]]:
    """Provide an archive whose segments were shipped without their texts."""
    directory.mkdir()
    waiting = list[str]()
    with works(directory, MemoryStore(), read_texts=Leave(waiting.append)) as at:
        assert (sorted(ship(at)), rows(at)["texts"]) == (sorted(waiting), [])
        jobs = ReadingJobs(at.database, now=at.clock, lease=LEASE)
        jobs.add((name, None) for name in waiting)
        yield at, jobs


def reading(at: Works, reader: Reader) -> Reextraction:
    run_texts = RunTexts(at.database, at.store, new=True)
    return Reextraction(at.index, at.store, reader.read_warc, now=at.clock, run_texts=run_texts)


def taken(jobs: ReadingJobs) -> ReadingJob:
    job = jobs.claim("one")
    assert job is not None
    return job


def sidecars(at: Works) -> list[str]:
    return list(at.store.keys(REREADS))


def test_it_has_the_same_texts_versions_and_news_and_reading_it_twice_changes_nothing(
    tmp_path: Path, reader: Reader
) -> None:
    (tmp_path / "one").mkdir()
    with works(tmp_path / "one", MemoryStore(), read_texts=lambda sealed: list(reader.read_texts(sealed))) as embedded:
        ship(embedded)
        wanted = rows(embedded)
    with left(tmp_path / "two") as (at, jobs):
        again = reading(at, reader)
        for _ in range(2):
            job = taken(jobs)
            done = again.first(job.segment, at=job.at, fence=jobs.fence(job))
            repeated = again.first(job.segment, at=job.at, fence=jobs.fence(job))
            assert (done.read, done.failed, repeated) == (3, 0, done)
            jobs.finish(job)
        found = rows(at)
        objects = list(at.store.keys(RUNS))
        rebuilt = open_database(f"sqlite:///{tmp_path / 'rebuilt.db'}")
        Rebuild(at.store, Index(rebuilt, now=at.clock)).run()
        of_store = {name: rows_of(rebuilt, name) for name in ("texts", "wordings")}
        rebuilt.close()

    assert len(wanted["texts"]) == len(wanted["events"]) == 6
    assert found == wanted
    assert of_store == {name: wanted[name] for name in of_store}
    assert len(objects) == 1


def test_a_process_that_was_taken_for_dead_writes_nothing_when_it_wakes_up(tmp_path: Path, reader: Reader) -> None:
    with left(tmp_path / "two") as (at, jobs):
        late = taken(jobs)
        at.clock.at += 2 * LEASE
        other = taken(jobs)
        with pytest.raises(LateReader):
            reading(at, reader).first(late.segment, at=late.at, fence=jobs.fence(late))
        assert (other.segment, rows(at)["texts"], sidecars(at)) == (late.segment, [], [])

        reading(at, reader).first(late.segment, at=late.at)  # without the fence
        assert len(rows(at)["texts"]) == 3


def test_a_file_that_is_not_the_uploaded_one_is_not_read(tmp_path: Path, reader: Reader) -> None:
    with left(tmp_path / "two") as (at, jobs):
        job = taken(jobs)
        row = at.index.segment(job.segment)
        assert row is not None
        assert row.path is not None
        Path(row.path).write_bytes(Path(row.path).read_bytes()[:-1] + b"?")
        with pytest.raises(IntegrityError, match="is not the one that was uploaded"):
            reading(at, reader).first(job.segment, at=job.at, fence=jobs.fence(job))
        assert (rows(at)["texts"], sidecars(at)) == ([], [])
