"""Texts are prepared in processes as they are in this one."""

from __future__ import annotations

import os
import re
import resource
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from select import select
from subprocess import PIPE, Popen

import psutil
import pytest
from services.waiting import eventually

from archive.texts.prepared_texts import prepare
from archive.texts.preparing_pool import PreparingPool, Said

SAID: list[Said] = [
    (f"Title {number}", f"A quantum leap of faith {number}, written at length. " * 40) for number in range(60)
]
SAID += [(None, "量子计算机的研究。" * 30), (None, None), ("Only a title", "")]


@pytest.fixture(scope="module")
def pool() -> Iterator[PreparingPool]:
    with PreparingPool(2, worth_processes=1) as one:
        yield one


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_texts_prepared_in_processes_equal_those_prepared_here(pool: PreparingPool, dialect: str) -> None:
    assert pool.prepare(dialect, SAID) == prepare(dialect, SAID)
    assert pool.pids
    assert os.getpid() not in pool.pids


def test_the_processes_run_on_all_cores_even_if_the_caller_keeps_to_one(pool: PreparingPool) -> None:
    pool.prepare("sqlite", SAID)

    assert [os.sched_getaffinity(pid) for pid in pool.pids] == [os.sched_getaffinity(0)] * len(pool.pids)


def test_texts_are_prepared_here_after_a_process_is_killed() -> None:
    with PreparingPool(2, worth_processes=1) as pool:
        pool.prepare("sqlite", SAID)
        os.kill(pool.pids[0], signal.SIGKILL)

        assert [pool.prepare("sqlite", SAID) for _ in range(2)] == [prepare("sqlite", SAID)] * 2


def ignores_interruption(pid: int) -> bool:
    """Return whether SIGINT is among the ignored signals of a process: see proc(5)."""
    (line,) = re.findall(r"^SigIgn:\s*(\w+)$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return bool(int(line, 16) & 1 << (signal.SIGINT - 1))


def test_an_interruption_from_the_keyboard_is_for_the_command_alone() -> None:
    ignored = signal.signal(signal.SIGINT, signal.default_int_handler)  # the children of a background job ignore it
    try:
        with PreparingPool(2, worth_processes=1) as pool:
            pool.prepare("sqlite", SAID)
            before = pool.pids
            eventually(lambda: all(map(ignores_interruption, before)))  # one of them may have just been started
            for pid in before:
                os.kill(pid, signal.SIGINT)

            assert pool.prepare("sqlite", SAID) == prepare("sqlite", SAID)
            assert before
            assert set(before) <= set(pool.pids)
    finally:
        signal.signal(signal.SIGINT, ignored)


def test_texts_are_prepared_here_where_no_process_can_be_started() -> None:
    expected = prepare("sqlite", SAID)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with PreparingPool(2, worth_processes=1) as pool:
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
        try:
            found = pool.prepare("sqlite", SAID)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

        assert found == expected
        assert pool.pids == []


def test_a_closed_pool_starts_no_processes_again() -> None:
    texts = [(None, "A text. " * 100)] * 60
    with PreparingPool(2, worth_processes=1) as pool:
        expected = pool.prepare("sqlite", texts)
    assert pool.prepare("sqlite", texts) == expected
    assert pool.pids == []


OWNER = """
import sys
sys.path[:0] = {paths}
from archive.texts.preparing_pool import PreparingPool

if __name__ == "__main__":
    pool = PreparingPool(2, worth_processes=1)
    pool.prepare("sqlite", [(None, "A text. " * 100)] * 60)
    print(*pool.pids, flush=True)
    sys.stdin.read()
"""


def test_the_processes_end_with_their_parent_even_if_it_is_killed(tmp_path: Path) -> None:
    program = tmp_path / "owner.py"
    program.write_text(OWNER.format(paths=sys.path))
    owner = Popen([sys.executable, str(program)], stdin=PIPE, stdout=PIPE, text=True)
    try:
        assert owner.stdout is not None
        assert select([owner.stdout], [], [], 60)[0]
        pids = list(map(int, owner.stdout.readline().split()))
        assert pids
        assert all(map(psutil.pid_exists, pids))
    finally:
        owner.kill()
        owner.communicate(timeout=60)

    eventually(lambda: not any(map(psutil.pid_exists, pids)))


@pytest.mark.parametrize(("processes", "worth"), [(1, 1), (2, 1_000)])
def test_few_texts_and_one_core_start_no_process(processes: int, worth: int) -> None:
    with PreparingPool(processes, worth_processes=worth) as pool:
        assert pool.prepare("sqlite", SAID) == prepare("sqlite", SAID)
        assert pool.pids == []
