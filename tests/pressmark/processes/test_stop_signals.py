"""SIGTERM and Ctrl-C at any moment of a process's life."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from pressmark.processes.stop_signals import ASKED_BY, Stop, when_input_ends

WHILE_IMPORTING = """
import signal, sys

from pressmark.cli import main

def hear(event, facts):
    if event == "import" and facts[0] == {module!r}:
        signal.raise_signal(signal.SIGTERM)

sys.addaudithook(hear)
main({arguments!r})
"""
"""A process that gets SIGTERM as soon as it begins to import a module."""


@pytest.fixture
def stop() -> Iterator[Stop]:
    before = {number: signal.getsignal(number) for number in ASKED_BY}
    with Stop() as stop:
        yield stop
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PRESSMARK_SPOOL__BALLAST", "0B")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


def test_a_signal_before_the_loop_is_handled_by_it(stop: Stop) -> None:
    signal.raise_signal(signal.SIGTERM)

    async def live() -> signal.Signals:
        heard: asyncio.Future[signal.Signals] = asyncio.get_running_loop().create_future()
        stop.then(heard.set_result)
        return await asyncio.wait_for(heard, 60)

    assert asyncio.run(live()) is signal.SIGTERM


def test_a_signal_during_the_loop_is_handled_and_one_after_it_does_no_harm(stop: Stop) -> None:
    async def live() -> signal.Signals:
        heard: asyncio.Queue[signal.Signals] = asyncio.Queue()
        stop.then(heard.put_nowait)
        os.kill(os.getpid(), signal.SIGINT)
        return await asyncio.wait_for(heard.get(), 60)

    assert asyncio.run(live()) is signal.SIGINT
    signal.raise_signal(signal.SIGTERM)


@pytest.mark.parametrize(
    ("module", "command"),
    [("pressmark.processes.worker", ["work"]), ("pressmark.processes.serve", ["serve", "--port", "0"])],
)
def test_a_process_that_gets_sigterm_during_its_imports_ends_normally(
    home: Path, module: str, command: list[str]
) -> None:
    script = WHILE_IMPORTING.format(module=module, arguments=["--home", str(home), *command])
    ended = subprocess.run([sys.executable, "-c", script], check=False, timeout=120, capture_output=True, text=True)

    assert ended.returncode == 0, ended.stderr
    assert (home / "pressmark.db").exists()


def test_a_worker_whose_input_ends_before_it_is_ready_ends_normally(home: Path) -> None:
    command = [sys.executable, "-m", "pressmark", "--home", str(home), "work"]
    ended = subprocess.run(command, check=False, input="", timeout=120, capture_output=True, text=True)

    assert ended.returncode == 0, ended.stderr


def test_no_signal_kills_a_worker_that_is_about_to_end(home: Path) -> None:
    heard, told = os.pipe()
    command = [sys.executable, "-m", "pressmark", "--home", str(home), "work", "--ready-fd", str(told)]
    worker = subprocess.Popen(command, pass_fds=(told,), stderr=subprocess.PIPE, text=True)
    os.close(told)
    with os.fdopen(heard) as ready, worker:
        ready.readline()
        while worker.poll() is None:
            worker.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                worker.wait(0.001)
        assert worker.stderr
        assert worker.returncode == 0, worker.stderr.read()


LEAVING = """
import atexit, logging, sys

from pressmark.processes.stop_signals import leave

atexit.register(print, "taken apart")
logging.basicConfig(stream=sys.stderr, format="%(message)s")
logging.error("logged")
print("said", end="")
{leaving}(3)
"""


@pytest.mark.parametrize(("leaving", "said"), [("leave", "said"), ("sys.exit", "saidtaken apart\n")])
def test_a_process_that_leaves_has_written_all_and_is_not_taken_apart(leaving: str, said: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", LEAVING.format(leaving=leaving)], capture_output=True, text=True, check=False
    )

    assert (ended.returncode, ended.stdout, ended.stderr) == (3, said, "logged\n")


def test_input_wakes_a_worker_and_only_its_end_stops_it(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()

    async def story() -> None:
        ended, heard = asyncio.Event(), asyncio.Event()
        when_input_ends(ended.set, heard.set)
        os.write(writing, b"\n")
        await heard.wait()
        assert not ended.is_set()
        os.close(writing)
        await ended.wait()

    with os.fdopen(reading) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        asyncio.run(asyncio.wait_for(story(), 60))
