"""How benchmarks are called, and how they end."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parent.parent.parent


def programs() -> list[str]:
    """All modules of the benchmarks that people run. Those of engines are started by `benchmarks.dispatch` alone."""
    files = [file for file in sorted((ROOT / "benchmarks").rglob("*.py")) if '"__main__":' in file.read_text()]
    files = [file for file in files if file.parent.name != "engines"]
    return [".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__main__") for file in files]


@pytest.mark.parametrize("program", programs())
def test_every_benchmark_shows_its_usage(program: str) -> None:
    command = [sys.executable, "-m", program, "--help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"usage: python -m {program} [-h]")


def test_a_benchmark_ended_by_sigterm_ends_the_processes_it_started() -> None:
    command = [sys.executable, "-m", "benchmarks.exchanges", "100000000"]
    with subprocess.Popen(command, cwd=ROOT) as process:
        benchmark = psutil.Process(process.pid)
        try:
            while not benchmark.net_connections():  # to the server that it has started
                assert process.poll() is None
            (server,) = benchmark.children()
            process.terminate()
            assert process.wait(60) == -signal.SIGTERM
        finally:
            process.kill()
    try:
        server.wait(60)
    finally:
        with suppress(psutil.NoSuchProcess):
            server.kill()
