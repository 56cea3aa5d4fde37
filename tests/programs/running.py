"""Forum programs in environments of their own, running on loopback sockets."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oracles.environment import NotInstalled, environment

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Program:
    """A forum program: its script, what is installed for it, and the Pythons that it runs on, the best first."""

    name: str
    script: str
    pins: tuple[str, ...]
    pythons: tuple[str, ...] = ()

    @property
    def python(self) -> str | None:
        """None when this machine has no Python for it."""
        if not self.pythons:
            return sys.executable
        return next(filter(None, map(shutil.which, self.pythons)), None)


PROGRAMS = (
    Program("flaskbb", "flaskbb_forum.py", ("flaskbb==2.2.0",), ("python3.14", "python3.13", "python3.12")),
    Program("spirit", "spirit_forum.py", ("django-spirit==0.14.3",)),
)


@dataclass(frozen=True)
class Running:
    origin: str
    threads: list[dict[str, Any]]
    """What was written: of each thread `title`, `url` (a path) and `posts`, as in `said`."""


@contextmanager
def running(program: Program, shared: Path, directory: Path, threads: int, longest: int) -> Iterator[Running]:
    """The program, filled and serving. `shared` keeps its environment for other tests. Raises NotInstalled."""
    if program.python is None:
        raise NotInstalled(f"{program.name} runs on none of the Pythons here")
    programs = environment(shared / program.name, *program.pins, python=program.python)
    bytecode = {"PYTHONPYCACHEPREFIX": str(shared / program.name / "bytecode"), "PYTHONWARNINGS": "ignore"}
    with (directory / "errors").open("wb") as errors:
        process = subprocess.Popen(
            [str(programs / "python"), str(HERE / program.script), str(directory), str(threads), str(longest)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=os.environ | bytecode,
        )
    assert process.stdin is not None and process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line, (directory / "errors").read_text()[-2000:]
        said = json.loads(line)
        yield Running(f"http://127.0.0.1:{said['port']}", said["threads"])
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait(30)
