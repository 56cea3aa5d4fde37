"""Forum programs in environments of their own, running on loopback sockets."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest
from oracles.environment import NotInstalled, environment, node_packages
from services import postgresql

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Configuration:
    """What the administrator of a forum sets; by default as the program ships. Scripts read it in `configured`."""

    name: str = "plain"
    folder: str = ""
    """What all its paths begin with, such as ``/community``."""
    language: str = ""
    """Of its pages, as the program spells it."""
    per_page: int = 0
    """Posts on a page; 0: as the program ships."""
    look: str = ""
    """A theme or a front page, by the name that the script knows."""
    shown: str = ""
    """What is in the front page of this configuration only."""


PLAIN = Configuration()


@dataclass(frozen=True)
class Program:
    """A forum program: its script, what is installed for it, and the Python versions it supports, the best first."""

    name: str
    script: str
    pins: tuple[str, ...] = ()
    pythons: tuple[str, ...] = ()
    npm: tuple[str, ...] = ()
    """Packages of npm that its script runs, in the directory that the variable PROGRAM_NODE names."""
    costly: bool = False
    """Whether it takes too much CPU for `make test`."""
    on_postgresql: bool = False
    """Whether it gets an empty database of PostgreSQL, in the variable PROGRAM_POSTGRESQL."""
    others: tuple[Configuration, ...] = ()
    """Configurations in which it is tested, too."""

    @property
    def python(self) -> str | None:
        """The Python for it; None when this machine has none."""
        if not self.pythons:
            return sys.executable
        return next(filter(None, map(shutil.which, self.pythons)), None)


PROGRAMS = (
    Program(
        "flaskbb",
        "flaskbb_forum.py",
        ("flaskbb==2.2.0",),
        ("python3.14", "python3.13", "python3.12"),
        others=(
            Configuration("german", folder="/gemeinschaft/forum", language="de", per_page=7),
            Configuration("chinese", language="zh_CN", per_page=15, look="portal"),
        ),
    ),
    Program(
        "spirit",
        "spirit_forum.py",
        ("django-spirit==0.14.3",),
        others=(
            Configuration("german", folder="/gemeinschaft/forum", language="de", per_page=7),
            Configuration("chinese", language="zh-hans", per_page=30),
        ),
    ),
    Program(
        "misago",
        "misago_forum.py",
        ("misago==0.39.6",),
        ("python3.11", "python3.12"),  # its pins have no wheels for others
        costly=True,
        on_postgresql=True,
        others=(
            Configuration("german", folder="/gemeinschaft/forum", language="de", per_page=7),
            Configuration("chinese", language="zh-hans", per_page=10, look="categories"),
        ),
    ),
    Program(
        "nodebb",
        "nodebb_forum.py",
        npm=("nodebb@1.4.0",),
        costly=True,
        others=(
            Configuration("german", folder="/gemeinschaft/forum", language="de", per_page=7),
            Configuration("chinese", language="zh-CN", per_page=10, look="nodebb-theme-vanilla"),
            Configuration("lavender", per_page=10, look="nodebb-theme-lavender"),
        ),
    ),
)
EACH_PROGRAM = [
    pytest.param(
        (program, configuration),
        id=f"{program.name}-{configuration.name}",
        marks=pytest.mark.costly if program.costly or configuration != PLAIN else (),
    )
    for program in PROGRAMS
    for configuration in (PLAIN, *program.others)
]
WORDPRESS = Program("wordpress", "wordpress_site.py")
"""From Debian, with its database. The first post of each thread is an article, the others are its comments."""
_NOT_INSTALLED = 3


@dataclass(frozen=True)
class Running:
    origin: str
    threads: list[dict[str, Any]]
    """The contents: for each thread `title`, `url` (a path) and `posts`, as in `said`."""
    configuration: Configuration
    _process: subprocess.Popen[bytes]

    @property
    def front(self) -> str:
        """The URL of the front page."""
        return f"{self.origin}{self.configuration.folder}/"

    def asked(self) -> list[str]:
        """Return the paths that were requested since the last time."""
        paths: list[str] = self._tell()
        return paths

    def change(self, do: str, *, thread: str, post: str = "", author: str = "", source: str = "") -> str:
        """``add`` a post to the thread at a path, ``edit`` it or ``delete`` it, or ``quote`` it in another one, as the
        button of the program does; return the id.
        """
        number: str = self._tell(do=do, thread=thread, post=post, author=author, source=source)
        return number

    def _tell(self, **told: str) -> Any:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(told).encode() + b"\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the program has ended"
        return json.loads(answer)


@contextmanager
def running(
    program: Program,
    shared: Path,
    directory: Path,
    threads: int,
    longest: int,
    configuration: Configuration = PLAIN,
) -> Iterator[Running]:
    """Run the program, filled and serving. `shared` keeps its environment for other tests. Raises NotInstalled."""
    if program.python is None:
        raise NotInstalled(f"{program.name} runs on none of the Pythons here")
    python = Path(program.python)
    if program.pins:
        python = environment(shared / program.name, *program.pins, python=program.python) / "python"
    own = directory / "tmp"  # two concurrent programs have temporary files of the same names
    own.mkdir()
    told = {
        "PYTHONPYCACHEPREFIX": str(shared / program.name / "bytecode"),
        "PYTHONWARNINGS": "ignore",
        "TMPDIR": str(own),
        "PROGRAM_CONFIGURATION": json.dumps(asdict(configuration)),
    }
    if program.npm:
        told["PROGRAM_NODE"] = str(node_packages(shared / program.name, *program.npm, scripts=False))
    command = [str(python), str(HERE / program.script), str(directory), str(threads), str(longest)]
    with ExitStack() as stack:
        database = stack.enter_context(_database()) if program.on_postgresql else {}
        with (directory / "errors").open("wb") as errors:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=os.environ | told | database,
            )
        assert process.stdin is not None and process.stdout is not None
        try:
            line = process.stdout.readline()
            if not line and process.wait(30) == _NOT_INSTALLED:
                raise NotInstalled(f"what {program.name} needs is not installed here")
            assert line, (directory / "errors").read_text()[-2000:]
            said = json.loads(line)
            yield Running(f"http://127.0.0.1:{said['port']}", said["threads"], configuration, process)
        finally:
            process.stdin.close()
            process.stdout.close()
            process.wait(30)


@contextmanager
def _database() -> Iterator[dict[str, str]]:
    there = postgresql.programs()
    if there is None:
        raise NotInstalled("PostgreSQL is not installed here")
    with postgresql.running_server(there) as server:
        yield {"PROGRAM_POSTGRESQL": server.create("program", postgresql.EMPTY)}
