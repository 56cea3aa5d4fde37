"""Which tests execute a line: measured by coverage, one file of tests at a time, and kept while no text changes.

    python -m mutants.covering [FILE or DIRECTORY of tests ...]

Measure the tests that are not measured yet, or whose text or modules changed. `build/mutants/covering/` has the result.
A line that runs in another process than the test's counts for the whole file of tests.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import signal
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Generator, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import coverage
import pytest
from mutants.promises import TESTS
from mutants.trials import copied, load, start

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "build" / "mutants" / "covering"
CPU = 900  # seconds for each process
AT_MOST = 300  # seconds that the tests of one line took when they were measured
_FIRST_STAGES = {1: 8, 2: 32}  # at most so many tests: the fastest kill most
_SETTINGS = """[run]
context = ${{PYTEST_CURRENT_TEST-}}
data_file = {data}
parallel = true
sigterm = true
patch =
    _exit
disable_warnings = no-data-collected, module-not-imported, module-not-measured, already-imported
include =
{include}
"""


@dataclass
class Measured:
    """One file of tests: the SHA-256 of all texts concerned, each test's seconds, and the tests of each line."""

    texts: dict[str, str]
    seconds: dict[str, float] = field(default_factory=dict)
    lines: dict[str, dict[str, list[str]]] = field(default_factory=dict)

    def holds(self, root: Path) -> bool:
        """Tell if no text has changed since."""
        return all((root / name).exists() and text_of(root / name) == text for name, text in self.texts.items())


class _Contexts:
    """A plugin of pytest that writes down which test executes which line, and how long each test takes."""

    def __init__(self, include: list[str], data: Path) -> None:
        self._include, self._data = include, data
        self._seconds: defaultdict[str, float] = defaultdict(float)

    def pytest_sessionstart(self) -> None:
        wish, include = self._data / "settings", "\n".join(f"    {path}" for path in self._include)
        wish.write_text(_SETTINGS.format(data=self._data / "part", include=include))
        os.environ["COVERAGE_PROCESS_START"] = str(wish)
        self._coverage = coverage.Coverage(
            data_file=str(self._data / "part"), data_suffix=True, config_file=False, include=self._include
        )
        self._coverage.set_option("run:disable_warnings", ["no-data-collected", "module-not-imported"])
        self._coverage.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        self._coverage.switch_context(item.nodeid)
        return (yield)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._seconds[report.nodeid] += report.duration

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        self._coverage.stop()
        self._coverage.save()
        (self._data / "seconds").write_text(json.dumps(self._seconds))


def text_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def measure(root: Path, copy: Path, test: str, modules: Iterable[str] = TESTS) -> Measured:
    """Run one file of tests in a copy of the repository, and return what it executes of `modules`."""
    with tempfile.TemporaryDirectory() as directory:
        data = Path(directory)
        running = start(
            copy,
            ["--maxfail=0", "-o", f"timeout={CPU}", test],
            CPU,
            plugins=[_Contexts([str(copy / module) for module in modules], data)],
        )
        try:
            while running.ended() is None:
                time.sleep(0.05)
        except BaseException:
            running.stop()
            raise
        found: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for part in data.glob("part.*"):
            for module, line, tests in _read(part, copy, test):
                found[module][line] |= tests
        seconds = data / "seconds"
        return Measured(
            {name: text_of(root / name) for name in (test, *found)},
            json.loads(seconds.read_text()) if seconds.exists() else {},
            {module: {line: sorted(tests) for line, tests in lines.items()} for module, lines in found.items()},
        )


def _read(part: Path, copy: Path, test: str) -> Iterable[tuple[str, str, set[str]]]:
    data = coverage.CoverageData(str(part))
    try:
        data.read()
    except coverage.exceptions.DataError:  # the process was killed while it wrote
        return
    for name in data.measured_files():
        for line, contexts in data.contexts_by_lineno(name).items():
            # Another process says "FILE::TEST (setup)"; it may serve other tests of the file as well.
            tests = {
                test if each.endswith((" (setup)", " (call)", " (teardown)")) else each for each in contexts if each
            }
            yield str(Path(name).relative_to(copy)), str(line), tests


class Covering:
    """All that is measured of the present texts."""

    def __init__(self, root: Path, kept: Path = KEPT) -> None:
        self._root = root
        self.seconds: dict[str, float] = {}
        self._lines: defaultdict[tuple[str, int], set[str]] = defaultdict(set)
        self._modules: defaultdict[str, set[str]] = defaultdict(set)
        for each in known(kept).values():
            if each.holds(root):
                self._take(each)

    def _take(self, measured: Measured) -> None:
        test = next(iter(measured.texts))
        self.seconds |= measured.seconds | {test: sum(measured.seconds.values())}
        for module, lines in measured.lines.items():
            for line, tests in lines.items():
                self._lines[module, int(line)].update(tests)
                self._modules[module].update(tests)

    def tests_of(self, module: str, line: int) -> list[str]:
        """Return the tests that execute the statement at `line`, the fastest first.

        A statement that runs when the module is imported holds for all tests of the module, a function's first line for
        those of its body.
        """
        first, last, imported = statement((self._root / module).read_text(), line)
        found = {test for each in range(first, last + 1) for test in self._lines[module, each]}
        if imported and not found:
            found = self._modules[module]
        return sorted(found, key=lambda test: (self.seconds.get(test, 0.0), test))


def statement(text: str, line: int) -> tuple[int, int, bool]:
    """Return the first and the last line of the innermost statement at `line`, and if it runs when it is imported.

    Of a statement with a body, these are the lines before the body; of a function, all.
    """
    best, imported = (line, line), True
    for node, inside in _statements(ast.parse(text), False):
        first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", []))])
        if first <= line <= (node.end_lineno or first):
            body = getattr(node, "body", None)
            function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            last = body[0].lineno - 1 if body and not function else node.end_lineno or first
            best, imported = (first, max(first, last)), not inside
    return (*best, imported)


def _statements(node: ast.AST, inside: bool) -> Iterable[tuple[ast.stmt, bool]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield child, inside
        yield from _statements(child, inside or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef))


def known(kept: Path) -> dict[str, Measured]:
    """Return all that was measured, by the file of tests."""
    found = [Measured(**json.loads(path.read_text())) for path in sorted(kept.glob("*.json"))]
    return {next(iter(each.texts)): each for each in found}


def stages_covering(covering: Covering, module: str, line: int, done: set[str], most: float) -> list[tuple[str, ...]]:
    """Return the tests that execute `line` in the order to run them, without files and tests that are `done`.

    The tests of a stage took at most `most` seconds when they were measured, unless it has only one.
    """
    left = AT_MOST
    chosen = []
    for test in covering.tests_of(module, line):
        if test in done or test.partition("::")[0] in done or covering.seconds.get(test, 0) > left:
            continue
        left -= covering.seconds.get(test, 0)
        chosen.append(test)
    return _cut(chosen, covering.seconds, most)


def _cut(tests: list[str], seconds: dict[str, float], most: float) -> list[tuple[str, ...]]:
    stages, spent = list[list[str]](), 0.0
    for test in tests:
        took = seconds.get(test, 0.0)
        if not stages or spent + took > most or len(stages[-1]) == _FIRST_STAGES.get(len(stages)):
            stages.append([])
            spent = 0.0
        stages[-1].append(test)
        spent += took
    return [tuple(stage) for stage in stages]


def main(wished: list[str]) -> None:
    os.nice(10)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    files = dict.fromkeys(path for each in wished or ["tests"] for path in _tests(ROOT / each))
    with tempfile.TemporaryDirectory(prefix="pressmark-covering-") as directory:
        os.environ["TMPDIR"] = tempfile.tempdir = directory
        copy = copied(ROOT, Path(directory) / "copy")
        due = [test for test in files if (old := known(KEPT).get(test)) is None or not old.holds(ROOT)]
        load(copy, due)
        KEPT.mkdir(parents=True, exist_ok=True)
        for test in due:
            began = time.monotonic()
            found = measure(ROOT, copy, test)
            (KEPT / (test.replace("/", ".") + ".json")).write_text(json.dumps(asdict(found)))
            print(
                f"{test}: {len(found.seconds)} tests, {len(found.lines)} modules, {time.monotonic() - began:.0f} s",
                flush=True,
            )


def _tests(path: Path) -> list[str]:
    found = sorted(path.rglob("test_*.py")) if path.is_dir() else [path]
    return [str(each.relative_to(ROOT)) for each in found]


if __name__ == "__main__":
    main(sys.argv[1:])
