"""Peers and trainers in environments of their own, made with pip once and kept in the user's cache."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path


class NotInstalled(Exception):
    """It could not be installed."""


def python_with(name: str, *packages: str) -> Path:
    """The interpreter of an environment called `name` that has these packages. Raises NotInstalled."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    directory = cache / "pressmark-benchmarks" / name
    directory.mkdir(parents=True, exist_ok=True)
    python, ready = directory / "venv" / "bin" / "python", directory / "ready"
    with (directory / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists() or ready.read_text() != repr(packages):
            _run(sys.executable, "-m", "venv", "--clear", str(directory / "venv"))
            _run(str(python), "-m", "pip", "install", "--quiet", "--retries", "1", *packages)
            ready.write_text(repr(packages))
    return python


def _run(*command: str) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=600)
    if done.returncode:
        raise NotInstalled(f"{' '.join(command)}: {done.stderr.strip()[-300:]}")
