"""Try one mutant: put it in a copy of the repository, and run the tests that hold its module until one fails."""

from __future__ import annotations

import gc
import importlib
import itertools
import os
import re
import resource
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from hypothesis import Phase, settings

LEFT_OUT = shutil.ignore_patterns(".*", "build", "dist", "*.egg-info")
PYTEST = (
    *("--maxfail=1", "-q", "-rfE", "-p", "no:cacheprovider", "-p", "no:xdist", "-o", "timeout=120"),
    "--hypothesis-profile=mutants",
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),  # for the plugins that are loaded already
)
# The first example that fails kills: no smaller one is looked for.
settings.register_profile("mutants", max_examples=100, deadline=None, phases=(Phase.explicit, Phase.generate))
WALL = 900  # seconds; only a limit for a trial that waits for nothing
_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+::.+?|\S+)(?: - .*)?$", re.MULTILINE)
_ages = itertools.count(1)


@dataclass(frozen=True)
class Outcome:
    """How the tests ended: `code` is pytest's, or minus the signal; `failed` the tests that did; `cpu` in seconds."""

    code: int
    failed: list[str]
    cpu: float
    output: str


@dataclass
class Running:
    """A run of tests in a copy, that has yet to end."""

    pid: int
    output: Path
    started: float
    wall: float

    def ended(self) -> Outcome | None:
        """Return how it ended, None while it runs. Whatever it started and left behind is killed."""
        pid, status, used = os.wait4(self.pid, os.WNOHANG)
        if pid == 0 and time.monotonic() - self.started < self.wall:
            return None
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        if pid == 0:
            os.kill(self.pid, signal.SIGKILL)  # it may have no group yet
            _, status, used = os.wait4(self.pid, 0)
        text = self.output.read_text(errors="replace")
        return Outcome(os.waitstatus_to_exitcode(status), _FAILED.findall(text), used.ru_utime + used.ru_stime, text)

    def stop(self) -> None:
        """Kill the tests, and whatever they started."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)


def load(copy: Path, tests: Sequence[str]) -> None:
    """Import what `tests` import from others, once: each trial is a fork of this process."""
    listed = copy.with_suffix(".modules")
    running = start(copy, ["--collect-only", *tests], 600, then=partial(_list_others, copy, listed))
    while running.ended() is None:
        time.sleep(0.05)
    for name in listed.read_text().splitlines():
        with suppress(Exception):  # a module that can't be imported by its name is left to the tests
            importlib.import_module(name)
    gc.collect()
    gc.freeze()  # pytest collects garbage several times: what is loaded here is none


def _list_others(copy: Path, to: Path) -> None:
    """List the modules that are loaded, in their order, without those of the repository."""
    found = [(name, getattr(module, "__file__", None)) for name, module in sys.modules.items()]
    to.write_text("\n".join(name for name, file in found if file and not Path(file).is_relative_to(copy)))


def copied(root: Path, to: Path) -> Path:
    """Copy the repository without environments and caches; return where."""
    shutil.copytree(root, to, ignore=LEFT_OUT, symlinks=True)
    return to


@contextmanager
def changed(path: Path, text: str) -> Iterator[None]:
    """Give `path` another text, and each text a time of its own: no compiled file of another is taken for it."""
    before, times = path.read_text(), path.stat()
    path.write_text(text)
    os.utime(path, (times.st_atime, times.st_mtime - next(_ages)))
    try:
        yield
    finally:
        path.write_text(before)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def start(
    copy: Path,
    tests: Sequence[str],
    cpu: int,
    *,
    wall: float = WALL,
    plugins: Sequence[object] = (),
    then: Callable[[], None] | None = None,
) -> Running:
    """Run `tests` in `copy`, `then` another call; each of their processes may use `cpu` seconds of CPU.

    After `wall` seconds, they are killed.
    """
    output = copy.with_suffix(".out")
    output.write_bytes(b"")
    pid = os.fork()
    if pid == 0:
        _run(copy, tests, cpu, output, plugins, then)
    return Running(pid, output, time.monotonic(), wall)


def _run(
    copy: Path,
    tests: Sequence[str],
    cpu: int,
    output: Path,
    plugins: Sequence[object],
    then: Callable[[], None] | None,
) -> None:
    code = 70
    try:
        os.setsid()
        resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 5))
        sink = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(sink, 1)
        os.dup2(sink, 2)
        os.chdir(copy)
        os.environ["PYTHONPATH"] = f"{copy}:{copy / 'tests'}"
        here = Path(__file__).parents[2]
        sys.path[:] = [
            str(copy),
            str(copy / "tests"),
            *(p for p in sys.path if Path(p) not in {Path(), here, here / "tests"}),
        ]
        code = int(pytest.main([*PYTEST, *tests], plugins=list(plugins)))
        if then is not None:
            then()
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
