"""A process that works on what the store has: texts and shared jobs, until it is stopped or its service ends."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Callable, Sequence

from archive.texts.reading_jobs import CHANNEL
from archive.values.activity import Activity
from archive.values.parent_death import die_with_parent
from config.settings import Settings
from extractor.values.collector import seldom
from pressmark.processes.essential import ended, essential
from pressmark.processes.headroom import limit_memory
from pressmark.processes.heartbeats import Heartbeats, beating, ending_alone, write_stacks_to
from pressmark.processes.reading.batches import BatchLoop
from pressmark.processes.reading.loop import ReadingLoop
from pressmark.processes.retrying_loop import listening
from pressmark.processes.stop_signals import Stop
from pressmark.service.assembly import open_pressmark
from pressmark.service.exits import Exit
from pressmark.service.private_files import private_files
from pressmark.service.readers import reader_of
from pressmark.service.service import Service
from pressmark.service.threads import in_thread
from pressmark.upkeep.extractions import reextraction_by

log = logging.getLogger(__name__)

_LOOK_EVERY = 1.0
_ENDS_WITHIN = 5.0
"""Seconds in which a segment that is being read is given back at the end."""


def read_texts(settings: Settings, stop: Stop, ready_fd: int | None = None) -> Exit:
    """Read the texts of segments, and do jobs of batches, until `stop` is requested, or until our input pipe ends.

    A line goes to `ready_fd` once the database is open.
    """
    die_with_parent()
    limit_memory(settings.worker.memory)
    if ready_fd is not None:
        write_stacks_to(ready_fd)
    after = settings.worker.stalled_after.total_seconds()
    with (
        ending_alone(ready_fd, after),
        private_files(),
        open_pressmark(settings, patience=None) as service,
        reader_of(settings) as reader,
        beating(ready_fd, after) as beats,
        seldom(),
    ):
        loop, jobs = ReadingLoop(service, reextraction_by(reader, service)), BatchLoop(service)

        def wake() -> None:
            loop.wake()
            jobs.wake()

        def stop_reading() -> None:
            loop.stop()
            reader.close()  # a page that is being read delays nobody: its segment goes to others

        with (
            listening(service.database, CHANNEL, wake),
            in_thread("jobs", jobs.run, jobs.stop, ends_within=_ENDS_WITHIN),
            in_thread("texts", loop.run, stop_reading, ends_within=_ENDS_WITHIN),
        ):
            return asyncio.run(_watch(service, stop, beats, (loop.activity, jobs.activity)))


async def _watch(service: Service, stop: Stop, beats: Heartbeats, parts: Sequence[Activity]) -> Exit:
    """Return when this process must end, and how."""
    over = asyncio.Event()
    stop.then(lambda _: over.set())
    _follow_input(over.set)
    after = service.settings.worker.stalled_after.total_seconds()
    alive = essential(beats.run(after, parts, dict), over.set)
    watching = essential(_trouble(service), over.set)
    try:
        await over.wait()
    finally:
        replaced = watching.done()
        await ended(alive, watching)
    return Exit.TEMPORARY if replaced else Exit.OK


async def _trouble(service: Service) -> None:
    """Return once the database must be reopened."""
    while (trouble := await asyncio.to_thread(service.database.trouble)) is None:
        await asyncio.sleep(_LOOK_EVERY)
    log.error("the process that reads texts starts again with another database", extra={"reason": trouble})


def _follow_input(end: Callable[[], object]) -> None:
    """Call `end` when our input ends: the service holds its other end."""
    loop = asyncio.get_running_loop()

    def heard() -> None:
        if not os.read(sys.stdin.fileno(), 1024):
            loop.remove_reader(sys.stdin.fileno())
            end()

    loop.add_reader(sys.stdin.fileno(), heard)
