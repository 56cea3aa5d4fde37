"""Create environments for peers, trainers and programs with pip or npm, once, in the user's cache."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

_NEWER = ("python3.12", "python3.13")


class NotInstalled(Exception):
    """The packages could not be installed."""


def python_with(name: str, *packages: str) -> Path:
    """Return the interpreter of the environment `name` with these packages. Raises NotInstalled.

    It uses the first Python that they can be installed for: the running one, or a newer one.
    """
    directory = cache() / name
    _once(directory, packages, lambda: _install(directory / "venv", packages))
    return directory / "venv" / "bin" / "python"


def node_with(name: str, *packages: str) -> Path:
    """Return the directory `node_modules` of the environment `name` with these packages. Raises NotInstalled.

    No script of a package is run.
    """
    directory = cache() / f"node-{name}"
    _once(directory, packages, lambda: _install_node(directory, packages))
    return directory / "node_modules"


def cache() -> Path:
    """Return the directory for what benchmarks install and build."""
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "pressmark-benchmarks"


def _once(directory: Path, packages: tuple[str, ...], install: Callable[[], None]) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    ready = directory / "ready"
    with (directory / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists() or ready.read_text() != repr(packages):
            install()
            ready.write_text(repr(packages))


def _install_node(directory: Path, packages: tuple[str, ...]) -> None:
    if (npm := shutil.which("npm")) is None:
        raise NotInstalled("no npm")
    quiet = ("--no-audit", "--no-fund", "--ignore-scripts", "--legacy-peer-deps", "--loglevel=error")
    (directory / "package.json").write_text('{"private": true}')
    _run(npm, "install", *quiet, "--prefix", str(directory), *packages)


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
