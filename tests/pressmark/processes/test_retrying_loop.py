from __future__ import annotations

import logging
import threading
from queue import Queue

import pytest

from archive.database.engine import Database
from archive.database.statements import announce
from archive.values.errors import StoreError
from pressmark.processes.retrying_loop import RetryingLoop, listening

END_LISTENERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE query LIKE 'LISTEN %%' AND datname = current_database()"
)


class Scripted(RetryingLoop):
    """A loop whose attempts end as given: with seconds, or with an error."""

    what = "it does not work"
    interruptions = (InterruptedError,)

    def __init__(self, *attempts: float | Exception) -> None:
        super().__init__(longest=60)
        self._attempts = list(attempts)
        self.noted: list[str | None] = []

    def turn(self) -> float:
        attempt = self._attempts.pop(0)
        if not self._attempts:
            self.stop()
        if isinstance(attempt, Exception):
            raise attempt
        return attempt

    def note(self, problem: str | None) -> None:
        self.noted.append(problem)


class Loud(Scripted):
    reports_after_stop = True


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.__dict__["reason"] for record in caplog.records if record.levelno == logging.WARNING]


def test_a_failure_is_logged_and_noted_once_and_so_is_its_end(caplog: pytest.LogCaptureFixture) -> None:
    lost, gone = StoreError("the store is lost"), StoreError("the store is gone")
    loop = Scripted(0.0, lost, lost, gone, 0.0, 0.0)
    for _ in range(5):
        loop._turn()

    assert warnings(caplog) == ["the store is lost", "the store is gone"]
    assert loop.noted == [None, "the store is lost", "the store is gone", None]


def test_no_error_ends_the_thread_and_an_unexpected_one_has_its_kind(caplog: pytest.LogCaptureFixture) -> None:
    loop = Scripted(ValueError("seven"), 0.0)
    loop.run()

    assert warnings(caplog) == ["ValueError: seven"]
    assert loop.noted == ["ValueError: seven", None]


def test_an_interruption_is_not_a_failure(caplog: pytest.LogCaptureFixture) -> None:
    loop = Scripted(InterruptedError(), 0.0)

    assert loop._turn() == 0.0
    assert (warnings(caplog), loop.noted) == ([], [])


@pytest.mark.parametrize(("kind", "said"), [(Scripted, []), (Loud, ["the store is lost"])])
def test_after_a_stop_only_loops_that_say_so_report(
    kind: type[Scripted], said: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    loop = kind(StoreError("the store is lost"))
    loop._turn()

    assert warnings(caplog) == said


def test_failures_are_retried_later_and_later() -> None:
    loop = Scripted(*(StoreError("lost") for _ in range(12)))
    waits = [loop._turn() for _ in range(11)]

    assert waits[0] < waits[-1] <= 60 * 1.5


def test_a_loop_that_is_woken_begins_its_next_turn_at_once() -> None:
    loop = Scripted(3600.0, 0.0)
    thread = threading.Thread(target=loop.run)
    thread.start()
    loop.wake()
    thread.join(60)

    assert not thread.is_alive()


def test_who_listens_is_woken_again_after_the_connection_was_lost(either: Database) -> None:
    heard = Queue[None]()
    with listening(either, "pressmark_kettles", lambda: heard.put(None)):
        if not either.is_shared:
            assert heard.empty()
            return
        heard.get(timeout=60)
        with either.writing() as connection:
            connection.exec_driver_sql(END_LISTENERS)
        heard.get(timeout=60)
        with either.writing() as connection:
            announce(connection, "pressmark_kettles")
        heard.get(timeout=60)
