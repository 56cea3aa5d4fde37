"""The loop that reads texts: a file that can't be read waits, and the others are read meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from specimens.archives import SEGMENTS

from archive.database.schema import reading_jobs as table
from archive.index.selection import Selection
from config.settings import load_settings
from pressmark.processes.reading.loop import ReadingLoop
from pressmark.service.assembly import open_pressmark
from pressmark.service.readers import reading_jobs
from pressmark.service.service import Service
from pressmark.upkeep.extractions import QueuedShape, queue, rereading


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
