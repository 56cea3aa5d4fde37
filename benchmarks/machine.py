"""What benchmarks share: how they are called and end, and how busy the machine is, told beside each figure."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys


def called(module: str, about: str | None) -> argparse.ArgumentParser:
    """The command line of a benchmark."""
    form = argparse.RawDescriptionHelpFormatter
    return argparse.ArgumentParser(prog=f"python -m {module}", description=about, formatter_class=form)


async def until_input_ends() -> None:
    """Nobody writes to the input of a server. It ends with who started the server, however that came about."""
    await asyncio.to_thread(sys.stdin.read)


def load() -> str:
    return "load " + " ".join(f"{value:.1f}" for value in os.getloadavg()) + f" on {os.cpu_count()} cores"
