"""Shared parts of benchmarks: command lines, the end of servers, and the load of the machine beside each figure."""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def called(module: str, about: str | None) -> argparse.ArgumentParser:
    """Return the command line parser of a benchmark."""
    form = argparse.RawDescriptionHelpFormatter
    return argparse.ArgumentParser(prog=f"python -m {module}", description=about, formatter_class=form)


async def until_input_ends() -> None:
    """Wait for the end of standard input, which closes when the process that started the server ends for any reason."""
    await asyncio.to_thread(sys.stdin.read)


def load() -> str:
    return "load " + " ".join(f"{value:.1f}" for value in os.getloadavg()) + f" on {os.cpu_count()} cores"


@contextmanager
def site(module: str, directory: Path) -> Iterator[str]:
    """Run the site of a benchmark, which writes its address to a file; yield the address."""
    told = directory / "base"
    with subprocess.Popen([sys.executable, "-m", module, str(told)], stdin=subprocess.PIPE) as process:
        while not told.exists():
            if process.poll() is not None:
                raise SystemExit("the site of the benchmark did not start")
            time.sleep(0.1)
        yield told.read_text()
