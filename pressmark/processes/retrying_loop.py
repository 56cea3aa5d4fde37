"""Work that a thread repeats until it is stopped: a failure is logged once, and retried later and later."""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import ClassVar

from archive.database.engine import Database
from archive.values.backoff import Backoff
from archive.values.errors import ArchiveError
from pressmark.service.threads import in_thread

_ENDS_WITHIN = 3.0


def sentence_of(error: Exception) -> str:
    """Return what the log says of an error: those of the archive are sentences."""
    return str(error) if isinstance(error, ArchiveError) else f"{type(error).__name__}: {error}"


class RetryingLoop(ABC):
    """Calls `turn` again and again, from the thread that calls `run`. No error ends the thread."""

    what: str
    """What the log says when it fails."""
    interruptions: ClassVar[tuple[type[Exception], ...]] = ()
    """What `turn` raises because it is stopped: no failure."""
    reports_after_stop: ClassVar[bool] = False

    def __init__(self, *, longest: float) -> None:
        """`longest` is the most seconds between two attempts, without the random part."""
        self._stopped, self._waked = threading.Event(), threading.Event()
        self._patience = Backoff(most=longest)
        self._problem: str | None = ""
        """What was last noted; unknown at first."""

    def run(self) -> None:
        """Work until `stop` is called."""
        while not self._stopped.is_set():
            self._waked.clear()
            if not self._stopped.is_set():
                self._waked.wait(self._turn())

    def stop(self) -> None:
        """Make `run` return after the work in progress."""
        self._stopped.set()
        self._waked.set()

    def wake(self) -> None:
        """Begin the next turn at once."""
        self._waked.set()

    @abstractmethod
    def turn(self) -> float:
        """Work once; return the seconds until the next time."""

    def note(self, problem: str | None) -> None:  # noqa: B027 (some loops are nobody else's concern)
        """Note why it fails, for other processes; None when it does not fail any more, and the first time."""

    def _turn(self) -> float:
        try:
            wait = self.turn()
        except self.interruptions:
            return 0.0
        except Exception as error:
            if self.reports_after_stop or not self._stopped.is_set():  # the database may be closed by then
                self._report_failure(error)
            return self._patience.fail()
        self._patience.succeed()
        if self._problem is not None:
            self._set_problem(None)
        return wait

    def _report_failure(self, error: Exception) -> None:
        """Log and note a failure when it differs from the one before."""
        sentence = sentence_of(error)
        if sentence != self._problem:
            log = logging.getLogger(type(self).__module__)
            log.warning(self.what, extra={"reason": sentence}, exc_info=not isinstance(error, ArchiveError))
            self._set_problem(sentence)

    def _set_problem(self, problem: str | None) -> None:
        self._problem = problem
        with suppress(ArchiveError):
            self.note(problem)


class _Listening(RetryingLoop):
    """Listens to a channel of the database. While it can't, those who wait look at times of their own."""

    what = "the database can't announce work"

    def __init__(self, database: Database, channel: str, heard: Callable[[], object]) -> None:
        super().__init__(longest=60)
        self._database, self._channel, self._heard = database, channel, heard

    def turn(self) -> float:
        self._database.listen(self._channel, self._heard, self._stopped.is_set)
        return 0.0


@contextmanager
def listening(database: Database, channel: str, heard: Callable[[], object]) -> Iterator[None]:
    """Call `heard` in a thread for each announcement in a channel. SQLite announces nothing."""
    if not database.is_shared:
        yield
        return
    loop = _Listening(database, channel, heard)
    with in_thread(f"listens to {channel}", loop.run, loop.stop, ends_within=_ENDS_WITHIN):
        yield
