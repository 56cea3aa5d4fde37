"""Reading what is kept again, as the doors of Pressmark ask for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from archive.intake.rereading import Rereading, Task
from pressmark.service.readers import reader_of
from pressmark.service.service import Service
from pressmark.views.shapes import Shape


class ExtractionShape(Shape):
    """What was read again, and what is left."""

    segments: int
    texts: int
    changed: int
    """Texts that are others than before, if only by the version that read them."""
    failed: int
    left_segments: int
    left_texts: int


@contextmanager
def rereading(service: Service) -> Iterator[Rereading]:
    """Reads the store of a service again, in child processes of its own."""
    with reader_of(service.settings) as reader:
        yield Rereading(service.index, service.store, reader.read_warc, now=service.now)


def read_again(again: Rereading, tasks: list[Task], limit: int | None = None) -> Iterator[ExtractionShape]:
    """Read segments again, at most `limit`; how far it is at the beginning, and after each of them."""
    left = sum(len(task.record_ids) for task in tasks)
    so_far = ExtractionShape(segments=0, texts=0, changed=0, failed=0, left_segments=len(tasks), left_texts=left)
    yield so_far
    for task in tasks[:limit]:
        done = again.again(task)
        so_far = ExtractionShape(
            segments=so_far.segments + 1,
            texts=so_far.texts + done.read,
            changed=so_far.changed + done.changed,
            failed=so_far.failed + done.failed,
            left_segments=so_far.left_segments - 1,
            left_texts=so_far.left_texts - len(task.record_ids),
        )
        yield so_far
