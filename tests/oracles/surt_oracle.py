"""The PyPI `surt`, AGPL, as a process in an environment of its own: asked, never imported."""

from __future__ import annotations

import fcntl
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

PINNED = "surt==0.3.1"
_PROGRAM = """
import json, sys
from surt import surt
def key(url):
    try:
        return surt(url)
    except ValueError as error:
        return f"!{error}"
json.dump([key(url) for url in json.load(sys.stdin)], sys.stdout)
"""


class SurtMissing(Exception):
    """It could not be installed."""


class SurtOracle:
    def __init__(self, directory: Path) -> None:
        """Make the environment under `directory`, once for all processes. Raises SurtMissing."""
        directory.mkdir(parents=True, exist_ok=True)
        self._python = directory / "venv" / "bin" / "python"
        ready = directory / f"{PINNED}.ready"
        with (directory / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not ready.exists():
                self._install(directory)
                ready.touch()

    def keys(self, urls: Sequence[str]) -> list[str]:
        answer = subprocess.run(
            [self._python, "-c", _PROGRAM], input=json.dumps(urls), text=True, capture_output=True, check=True
        )
        keys: list[str] = json.loads(answer.stdout)
        return keys

    def _install(self, directory: Path) -> None:
        make = [sys.executable, "-m", "venv", "--clear", str(directory / "venv")]
        install = [self._python, "-m", "pip", "install", "--quiet", "--retries", "1", PINNED, "setuptools<81"]
        for command in (make, install):
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
            if done.returncode:
                raise SurtMissing(f"{PINNED} could not be installed: {done.stderr.strip()[-300:]}")
