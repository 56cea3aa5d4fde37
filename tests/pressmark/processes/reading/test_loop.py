"""The loop that reads texts: a file that can't be read waits, and the others are read meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from specimens.archives import SEGMENTS
from specimens.segments import answered
from specimens.spools import crashed
from sqlalchemy import select

from archive.database.schema import events
from archive.database.schema import reading_jobs as table
from archive.index.selection import Selection
from archive.warc.exchange import Exchange
from config.settings import load_settings
from pressmark.processes.reading.loop import ReadingLoop
from pressmark.processes.worker_threads import open_worker_parts
from pressmark.service.assembly import open_pressmark
from pressmark.service.readers import reading_jobs
from pressmark.service.service import Service
from pressmark.upkeep.batches.shapes import EXTRACTION, cancel, listed, shape_of
from pressmark.upkeep.extractions import ExtractionShape, QueuedShape, queue, read_again, rereading
from scheduler.ledger.batch_values import BatchIsOver


@pytest.fixture
def unread(tmp_path: Path) -> Iterator[Service]:
    """Provide the service of an archive whose worker left the texts of a file with two pages to others."""
    home = tmp_path / "home"
    crashed(home / "spool" / "main", [page(number) for number in range(2)])
    with open_pressmark(load_settings({"home": home, "worker": {"reads_texts": False}})) as service:
        with open_worker_parts(service):
            pass
        assert reading_jobs(service).waiting().count == 1
        yield service


def page(number: int) -> Exchange:
    body = f"<p>The kettle of room {number} sings, and nobody in the house hears it.</p>".encode()
    return answered(f"https://example.org/{number}", body)


def news_of(service: Service) -> int:
    with service.database.reading() as connection:
        return len(connection.execute(select(events.c.id).where(events.c.kind == "page.new")).all())


def extracted(service: Service) -> ExtractionShape:
    """Do what `pressmark extract` does."""
    with rereading(service) as again:
        *_, done = read_again(again, again.tasks(Selection(), "unread"), reading_jobs(service))
    return done


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """Provide the service of an archive with two files."""
    with open_pressmark(load_settings({"home": tmp_path / "home"})) as service:
        for segment in sorted(SEGMENTS.glob("*.warc.gz")):
            service.archive.ingest(segment)
        yield service


def test_a_damaged_file_is_tried_again_and_does_not_stop_the_others(service: Service) -> None:
    jobs = reading_jobs(service)
    first = min((service.settings.home / "store").rglob("*.warc.gz"))
    whole = first.read_bytes()
    first.write_bytes(b"damaged")
    seen = list[QueuedShape]()
    with rereading(service) as again:
        loop, tasks = ReadingLoop(service, again), again.tasks(Selection(), "all")

        def read_all() -> None:
            with service.database.writing() as connection:  # as if its time had come
                connection.execute(table.update().values(due_at=service.now()))
            while loop.turn() == 0:
                pass

        seen += queue(jobs, tasks, read_all)
        failing = jobs.failing()
        first.write_bytes(whole)
        read_all()

    assert [(one.left_segments, one.failing_segments) for one in (seen[0], seen[-1])] == [(2, 0), (1, 1)]
    assert failing is not None
    assert failing.problem == f"the file of the segment {failing.segment} is damaged or missing"
    assert jobs.waiting().count == 0


def test_extracting_by_hand_before_a_service_does_tells_of_new_pages_too(unread: Service) -> None:
    done = extracted(unread)

    assert (done.texts, done.left_segments, news_of(unread), reading_jobs(unread).waiting().count) == (2, 0, 2, 0)
    assert extracted(unread).texts == 0


def test_extracting_by_hand_leaves_a_file_to_the_service_that_reads_it(unread: Service) -> None:
    jobs = reading_jobs(unread)
    job = jobs.claim("a service")
    assert job is not None
    busy = extracted(unread)
    jobs.give_back(job, "its machine was tired")
    done = extracted(unread)

    assert (busy.texts, busy.left_segments, busy.left_texts) == (0, 1, 2)
    assert (done.texts, done.left_segments, news_of(unread)) == (2, 0, 2)


def test_who_waits_for_texts_learns_that_someone_has_cancelled_what_was_left(service: Service) -> None:
    seen = list[QueuedShape]()
    with rereading(service) as again:
        loop, tasks = ReadingLoop(service, again), again.tasks(Selection(), "all")

        def read_one_and_cancel() -> None:
            assert shape_of(service, EXTRACTION).left_jobs == len(tasks)
            assert loop.turn() == 0
            assert [(one.id, one.state, one.left_jobs) for one in listed(service)] == [(EXTRACTION, "open", 1)]
            assert cancel(service, EXTRACTION).left_jobs == 1

        def read_all_and_cancel_others() -> None:
            while loop.turn() == 0:
                pass
            reading_jobs(service).add([(tasks[0].segment, {"r1"})])
            cancel(service, EXTRACTION)
            reading_jobs(service).add([(tasks[0].segment, {"r1"})])  # of another person

        seen += queue(reading_jobs(service), tasks, read_one_and_cancel)
        *_, all_done = queue(reading_jobs(service), tasks[1:], read_all_and_cancel_others)
        cancel(service, EXTRACTION)

    assert (all_done.left_segments, all_done.cancelled_segments) == (0, 0)
    assert [(one.left_segments, one.cancelled_segments) for one in seen] == [(2, 0), (1, 1)]
    assert (listed(service), shape_of(service, EXTRACTION).state) == ([], "done")
    with pytest.raises(BatchIsOver, match="extraction is over"):
        cancel(service, EXTRACTION)
