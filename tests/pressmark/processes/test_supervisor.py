"""The worker of a service: there, ready, dead, started again."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from services.waiting import until

from archive.values.core_affinity import kept_to
from pressmark.processes.supervisor import Child


@asynccontextmanager
async def kept(child: Child) -> AsyncIterator[asyncio.Task[None]]:
    """Keep a process running meanwhile, and end it whatever happens."""
    running = asyncio.create_task(child.run())
    try:
        yield running
    finally:
        await child.stop(10)
        await asyncio.wait_for(running, 60)


READY_WHEN = "while [ ! -e {file} ]; do sleep 0.01; done; echo >&{fd}; exec cat"


def shell(script: str, file: Path) -> Callable[[int], list[str]]:
    return lambda fd: ["bash", "-c", script.format(file=file, fd=fd)]


def test_a_worker_is_ready_when_it_says_so_and_not_before(tmp_path: Path) -> None:
    async def live() -> tuple[str | None, str | None, str | None]:
        child = Child(shell(READY_WHEN, tmp_path / "go"))
        async with kept(child) as running:
            await until(lambda: child.pid)
            await asyncio.sleep(0.2)
            before = child.problem
            (tmp_path / "go").touch()
            await until(lambda: child.problem is None)
            (tmp_path / "go").unlink()
            assert child.pid is not None
            os.kill(child.pid, signal.SIGKILL)
            await until(lambda: child.starts == 2)
            again = child.problem
            (tmp_path / "go").touch()
            code = await child.stop(10)
            await running
            return before, again, str(code)

    assert asyncio.run(live()) == ("the worker is starting", "the worker is starting", "0")


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="needs two cores")
def test_a_worker_has_all_cores_though_the_service_keeps_to_one(tmp_path: Path) -> None:
    before = os.sched_getaffinity(0)

    async def live() -> tuple[set[int], set[int]]:
        child = Child(shell("exec cat", tmp_path))
        async with kept(child):
            await until(lambda: child.pid)
            assert child.pid is not None
            return os.sched_getaffinity(child.pid), os.sched_getaffinity(0)

    with kept_to(max(before)):
        assert asyncio.run(live()) == (before, {max(before)})


def test_a_worker_that_ends_silently_was_never_ready(tmp_path: Path) -> None:
    async def live() -> set[str | None]:
        child = Child(shell("exit 1", tmp_path))
        seen = set[str | None]()
        async with kept(child):

            def look() -> bool:
                seen.add(child.problem)
                return child.starts == 2

            await until(look)
            return seen

    assert None not in asyncio.run(live())


@pytest.mark.parametrize(
    ("is_held", "reason"),
    [(True, "another worker holds the spool"), (False, "a worker of another machine has the name of this one")],
)
def test_a_worker_that_is_locked_out_tells_a_held_spool_from_a_taken_name(
    tmp_path: Path, is_held: bool, reason: str
) -> None:
    async def live() -> str | None:
        child = Child(shell("exit 11", tmp_path), is_held=lambda: is_held)
        async with kept(child):
            await until(lambda: child.starts and "starting" not in (child.problem or "starting"))
            return child.problem

    assert (asyncio.run(live()) or "").startswith(reason)


def test_a_worker_being_started_is_stopped_too() -> None:
    async def live() -> int | None:
        child = Child(lambda fd: ["cat"])
        async with kept(child) as running:
            await until(lambda: child.problem == "the worker is starting")
            code = await child.stop(60)
            await asyncio.wait_for(running, 60)
            return code

    assert asyncio.run(live()) == 0


def test_a_worker_that_can_not_be_started_is_tried_again(tmp_path: Path) -> None:
    command = tmp_path / "worker"

    async def live() -> tuple[str | None, int]:
        child = Child(lambda fd: [str(command)])
        async with kept(child) as running:
            await until(lambda: "could not be started" in str(child.problem))
            named = child.problem
            command.write_text("#!/bin/sh\nexec cat\n")
            command.chmod(0o755)
            await until(lambda: child.pid)
            await child.stop(60)
            await running
            return named, child.starts

    named, starts = asyncio.run(live())
    assert named is not None
    assert named.endswith(f"No such file or directory: '{command}'")
    assert starts == 1


BEATS = (
    "while [ ! -e {file}.ready ]; do sleep 0.01; done; echo >&{fd}; "
    "while [ ! -e {file} ]; do echo >&{fd}; sleep 0.1; done; echo stalled: the shipper hangs >&{fd}; exec cat"
)


def test_a_worker_that_reports_a_stopped_part_is_replaced(tmp_path: Path) -> None:
    stalls: list[str] = []
    ready, go = tmp_path / "go.ready", tmp_path / "go"

    async def live() -> tuple[str | None, str | None]:
        child = Child(shell(BEATS, go), stalled_after=600, stalled=stalls.append)
        async with kept(child) as running:
            ready.touch()
            await until(lambda: child.problem is None)
            ready.unlink()
            go.touch()
            await until(lambda: child.problem)
            first = child.problem
            await until(lambda: child.starts == 2)
            second = child.problem
            ready.touch()
            await until(lambda: child.problem != second)
            await child.stop(0.1)
            await running
            return first, second

    assert asyncio.run(live()) == ("the shipper hangs", "the worker is starting again: the shipper hangs")
    assert stalls[0] == "the shipper hangs"


def test_a_worker_ends_on_request_before_anybody_waits_for_it(tmp_path: Path) -> None:
    async def live() -> int | None:
        child = Child(shell("cat; touch {file}", tmp_path / "ended"))
        async with kept(child) as running:
            await until(lambda: child.pid)
            child.end()
            await until((tmp_path / "ended").exists)
            await running
            return await child.stop(10)

    assert asyncio.run(live()) == 0


def test_a_worker_without_time_to_end_is_killed_and_no_error_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def live(timeout: float) -> int | None:
        child = Child(shell("exec sleep 600", tmp_path))
        async with kept(child):
            await until(lambda: child.pid)
            return await child.stop(timeout)

    with caplog.at_level(logging.ERROR):
        at_once = asyncio.run(live(0)), caplog.messages[:]
        late = asyncio.run(live(0.01)), caplog.messages

    assert at_once == (-signal.SIGKILL, [])
    assert late == (-signal.SIGKILL, ["the worker did not end in time and is killed"])


def test_a_worker_that_does_not_read_gets_no_more_and_who_writes_knows(tmp_path: Path) -> None:
    async def live() -> tuple[bool, bool, bool, bool]:
        child = Child(shell("while [ ! -e {file} ]; do sleep 0.01; done; exec cat >/dev/null", tmp_path / "go"))
        before = child.write(b"x")
        async with kept(child):
            await until(lambda: child.pid)
            first, full = child.write(bytes(4 << 20)), child.write(b"x")
            (tmp_path / "go").touch()
            await until(lambda: child.write(b"x"))
            await child.stop(10)
            return before, first, full, child.write(b"x")

    assert asyncio.run(live()) == (False, True, False, False)


def test_a_failed_worker_has_a_reason_until_the_next_one_is_ready(tmp_path: Path) -> None:
    async def live() -> list[str | None]:
        child = Child(shell(READY_WHEN, tmp_path / "go"))
        async with kept(child):
            await until(lambda: child.pid)
            assert child.pid is not None
            told = [child.failed]
            os.kill(child.pid, signal.SIGKILL)
            await until(lambda: child.starts == 2)
            told.append(child.failed)
            (tmp_path / "go").touch()
            await until(lambda: child.problem is None)
            return [*told, child.failed]

    assert asyncio.run(live()) == [None, "the worker was ended by SIGKILL", None]
