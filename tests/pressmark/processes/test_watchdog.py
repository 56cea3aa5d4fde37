"""Whether a process makes progress, judged by its beats and by its state in the system."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
from services.waiting import eventually

from pressmark.processes.watchdog import LOOK, Watch, with_place


class Hand:
    """A clock that advances by one check each time it is read."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        self.at += LOOK
        return self.at


@contextmanager
def process(code: str) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-I", "-S", "-c", code]) as child:
        try:
            yield child
        finally:
            child.kill()


def asleep(pid: int) -> bool:
    return psutil.Process(pid).status() == psutil.STATUS_SLEEPING


def test_a_sleeping_process_without_beats_has_stalled() -> None:
    with process("import time; time.sleep(600)") as child:
        eventually(lambda: asleep(child.pid))
        watch = Watch(child.pid, 30, clock=Hand())
        watch.receive(b"\n")
        looks = [watch.check() for _ in range(80)]

    assert looks[50] is None
    assert looks[-1] == "the crawling process made no progress for 30 seconds, so Pressmark ended it"


def test_a_process_that_hangs_before_its_first_beat_has_twenty_times_as_long_for_its_start() -> None:
    with process("import time; time.sleep(600)") as child:
        eventually(lambda: asleep(child.pid))
        watch, never = Watch(child.pid, 30, clock=Hand()), Watch(child.pid, 0, clock=Hand())
        looks = [watch.check() for _ in range(1300)]
        unwatched = [never.check() for _ in range(1300)]

    assert looks[1100] is None
    assert looks[-1] == "the crawling process did not start within 600 seconds, so Pressmark ended it"
    assert set(unwatched) == {None}


def test_a_process_that_hangs_once_it_is_ready_has_the_usual_time() -> None:
    with process("import time; time.sleep(600)") as child:
        eventually(lambda: asleep(child.pid))
        watch = Watch(child.pid, 30, clock=Hand())
        early = [watch.check() for _ in range(1000)]
        watch.receive(b"\n")
        late = [watch.check() for _ in range(80)]

    assert set(early) == {None}
    assert late[-1] == "the crawling process made no progress for 30 seconds, so Pressmark ended it"


def test_a_process_with_beats_has_not_stalled() -> None:
    with process("import time; time.sleep(600)") as child:
        eventually(lambda: asleep(child.pid))
        watch = Watch(child.pid, 30, clock=Hand())
        for _ in range(200):
            watch.receive(b"\n")
            assert watch.check() is None


def test_a_stopped_process_has_not_stalled() -> None:
    with process("import time; time.sleep(600)") as child:
        child.send_signal(signal.SIGSTOP)
        eventually(lambda: psutil.Process(child.pid).status() == psutil.STATUS_STOPPED)
        watch = Watch(child.pid, 30, clock=Hand())
        watch.receive(b"\n")

        assert [watch.check() for _ in range(200)] == [None] * 200


def test_a_process_waiting_for_the_cpu_is_given_the_time_that_it_gets() -> None:
    with process("while True: pass") as child:
        watch = Watch(child.pid, 1, clock=Hand())
        watch.receive(b"\n")
        while not watch.check():
            time.sleep(0.01)
        used = sum(psutil.Process(child.pid).cpu_times()[:2])

    assert used >= 1


def test_a_process_that_has_not_begun_to_beat_is_left_alone() -> None:
    with process("import time; time.sleep(600)") as child:
        watch = Watch(child.pid, 30, clock=Hand())

        assert [watch.check() for _ in range(200)] == [None] * 200


def test_a_limit_of_zero_seconds_watches_no_process() -> None:
    with process("import time; time.sleep(600)") as child:
        watch = Watch(child.pid, 0, clock=Hand())
        watch.receive(b"\nstalled: the shipper\n")

        assert watch.check() is None


def test_a_sentence_about_a_part_is_the_reason() -> None:
    with process("import time; time.sleep(600)") as child:
        watch = Watch(child.pid, 30, clock=Hand())
        watch.receive(b"\n\nstalled: the shipper made no progr")
        watch.receive(b"ess\n")

        assert watch.check() == "the shipper made no progress"


def test_the_reported_place_is_that_of_the_main_thread_in_our_code() -> None:
    watch = Watch(1, 30)
    watch.receive(
        b"Thread 0x00007f1 (most recent call first):\n"
        b'  File "/x/archive/spool/recorder.py", line 7 in _next\n'
        b"\nCurrent thread 0x00007f0 (most recent call first):\n"
        b'  File "/usr/lib/python3.11/re/__init__.py", line 5 in match\n'
        b'  File "/x/crawler/policy/scope.py", line 96 in _includes\n'
        b'  File "/x/pressmark/processes/worker.py", line 3 in work\n'
    )

    assert watch.place == "crawler/policy/scope.py, line 96"
    assert with_place("the crawling process made no progress for 30 seconds, so Pressmark ended it", watch.place) == (
        "the crawling process made no progress for 30 seconds, so Pressmark ended it; a bug report should name "
        "this place in the code: crawler/policy/scope.py, line 96"
    )
