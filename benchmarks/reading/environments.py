"""Create environments for peers and trainers with pip, once, in the user's cache."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

_NEWER = ("python3.12", "python3.13")


class NotInstalled(Exception):
    """The packages could not be installed."""


def python_with(name: str, *packages: str) -> Path:
    """Return the interpreter of the environment `name` with these packages. Raises NotInstalled.

    It uses the first Python that they can be installed for: the running one, or a newer one.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    directory = cache / "pressmark-benchmarks" / name
    directory.mkdir(parents=True, exist_ok=True)
    python, ready = directory / "venv" / "bin" / "python", directory / "ready"
    with (directory / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists() or ready.read_text() != repr(packages):
            _install(directory / "venv", packages)
            ready.write_text(repr(packages))
    return python


def _install(venv: Path, packages: tuple[str, ...]) -> None:
    newer = filter(None, map(shutil.which, _NEWER))
    problem = NotInstalled("no Python")
    for interpreter in (sys.executable, *newer):
        try:
            _run(interpreter, "-m", "venv", "--clear", str(venv))
            _run(str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet", "--retries", "1", *packages)
            return
        except NotInstalled as refused:
            problem = refused
    raise problem


def _run(*command: str) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=600)
    if done.returncode:
        raise NotInstalled(f"{' '.join(command)}: {done.stderr.strip()[-300:]}")
