"""Prepare many texts in processes, on all cores, while this process writes those before them."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from threading import Thread
from types import TracebackType

from archive.database.statements import batches
from archive.texts.prepared_texts import Prepared, prepare

log = logging.getLogger(__name__)

Said = tuple[str | None, str | None]
"""A title, and a text."""

WORTH_PROCESSES = 6_000
"""Texts after which processes are started: to start two costs as much CPU as to prepare two thousand texts."""
_AT_ONCE = 25


class PreparingPool:
    """Prepares texts for a database. One thread at a time may call it."""

    def __init__(self, processes: int, *, worth_processes: int = WORTH_PROCESSES) -> None:
        """Create a pool of that many processes. With one, texts are prepared in this process.

        They run on the cores that the calling thread may use now, even if it keeps to one later.
        """
        self._cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set[int]()
        self._processes, self._worth_processes = processes, worth_processes
        self._seen = 0
        self._pool: ProcessPoolExecutor | None = None

    @property
    def pids(self) -> list[int]:
        """The process ids of the processes that are started."""
        return list(self._pool._processes) if self._pool else []

    def prepare(self, dialect: str, said: Iterable[Said]) -> dict[str, Prepared]:
        """Prepare titles with their texts, as `prepared_texts.prepare` does, whether or not the processes live."""
        there = [(title, text) for title, text in said if text is not None]
        self._seen += len(there)
        try:
            pool = self._started()
            if pool is None:
                return prepare(dialect, there)
            asked = [pool.submit(prepare, dialect, some) for some in batches(there, _AT_ONCE)]
            return {key: found for some in asked for key, found in some.result().items()}
        except (BrokenProcessPool, NotImplementedError, OSError) as error:  # the second one: without semaphores
            log.warning("texts are prepared in one process", extra={"reason": str(error)})
            self.close()
            return prepare(dialect, there)

    def close(self) -> None:
        """End the processes, and wait for what each of them is at. Later texts are prepared in this process."""
        self._processes = 1
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def __enter__(self) -> PreparingPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _started(self) -> ProcessPoolExecutor | None:
        if self._pool is None and self._processes > 1 and self._seen >= self._worth_processes:
            apart = get_context("spawn")  # a fork would copy the locks that other threads hold
            self._pool = ProcessPoolExecutor(self._processes, apart, _begin, (self._cores,))
        return self._pool


def _begin(cores: set[int]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to all; the command ends its processes
    Thread(target=_end_with_parent, daemon=True).start()
    if cores:
        os.sched_setaffinity(0, cores)


def _end_with_parent() -> None:
    """End when the parent ended: the kernel would do so at the end of the thread that started this process."""
    if parent := parent_process():
        parent.join()
        os._exit(1)
