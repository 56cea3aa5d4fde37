"""Shared parts of benchmarks: command lines, the end of servers, and the load of the machine beside each figure."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys


def called(module: str, about: str | None) -> argparse.ArgumentParser:
    """Return the command line parser of a benchmark."""
    form = argparse.RawDescriptionHelpFormatter
    return argparse.ArgumentParser(prog=f"python -m {module}", description=about, formatter_class=form)


async def until_input_ends() -> None:
    """Wait for the end of standard input, which closes when the process that started the server ends for any reason."""
    await asyncio.to_thread(sys.stdin.read)


def load() -> str:
    return "load " + " ".join(f"{value:.1f}" for value in os.getloadavg()) + f" on {os.cpu_count()} cores"
