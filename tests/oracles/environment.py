"""A program of the field in an environment of its own: run as a process, never imported."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from pathlib import Path


class NotInstalled(Exception):
    """It could not be installed."""


def environment(directory: Path, *pins: str, python: str = sys.executable) -> Path:
    """The `bin` of an environment under `directory` that has these packages, made once for all processes.

    `python` is the program that it is made of.

    Raises NotInstalled.
    """
    directory.mkdir(parents=True, exist_ok=True)
    programs = directory / "venv" / "bin"
    ready = directory / "ready"
    with (directory / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists() or ready.read_text() != repr((python, *pins)):
            _install(directory / "venv", pins, python)
            ready.write_text(repr((python, *pins)))
    return programs


def _install(target: Path, pins: tuple[str, ...], python: str) -> None:
    make = [python, "-m", "venv", "--clear", str(target)]
    install = [str(target / "bin" / "python"), "-m", "pip", "install", "--quiet", "--retries", "1", *pins]
    for command in (make, install):
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=240)
        if done.returncode:
            raise NotInstalled(f"{', '.join(pins)} can't be installed: {done.stderr.strip()[-300:]}")
