"""The page of faults names, for every scenario, tests that exist, a control, and when each file of them last ran."""

from __future__ import annotations

import ast
import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "operations" / "faults.md"
COUNTS = {"C": 5, "S": 5, "D": 7, "P": 6, "H": 2, "R": 3, "A": 4, "U": 1}
SCENARIOS = [f"{kind}{number}" for kind, count in COUNTS.items() for number in range(1, count + 1)]
FILE = re.compile(r"`(tests/[\w/]+\.py)`")
FORM = re.compile(r"every|(sample|faults|long)(, in part)?")
NODE = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def rows(page: str) -> Iterator[list[str]]:
    """Return the cells of each scenario: its name, what happens, bar, tests, controls, figures."""
    for line in page.partition("## Scenarios")[2].partition("\n## ")[0].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if re.fullmatch(r"[A-Z]\d", cells[0]):
            yield cells


def mistakes(page: str) -> list[str]:
    found = [f"{name} is missing" for name in SCENARIOS if name not in [cells[0] for cells in rows(page)]]
    for name, *_, tests, controls, _figures in rows(page):
        found += [
            f"{name} has no {kind}" for kind, cell in (("test", tests), ("control", controls)) if "::" not in cell
        ]
        for file, function in NODE.findall(tests + controls):
            if function not in functions(ROOT / file):
                found.append(f"{name}: {file} has no {function}")
    return found


def functions(file: Path) -> set[str]:
    if not file.is_file():
        return set()
    return {node.name for node in ast.parse(file.read_text()).body if isinstance(node, ast.FunctionDef)}


def test_every_scenario_names_tests_and_a_control_that_exist() -> None:
    assert mistakes(PAGE.read_text()) == []


@pytest.mark.parametrize(
    ("what", "by", "told"),
    [
        ("\n| C1 |", "\n| c1 |", "C1 is missing"),
        ("::test_kill_9_loses_nothing", "::test_kill_10_loses_nothing", "C1: tests/faults/test_kill.py has no"),
        ("`tests/journeys/test_canaries.py::test_a_header_that_is_not_secret_is_found`", "", "A3 has no control"),
    ],
)
def test_a_scenario_without_its_test_or_control_is_detected(what: str, by: str, told: str) -> None:
    page = PAGE.read_text()
    assert what in page

    assert any(mistake.startswith(told) for mistake in mistakes(page.replace(what, by)))


def runs(page: str) -> Iterator[list[str]]:
    """Return the cells of each run: its scenarios, files, form, day and result."""
    for line in page.partition("## When they last ran")[2].partition("\n## ")[0].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if re.match(r"[A-Z]\d", cells[0]):
            yield cells


def unknown_runs(page: str) -> list[str]:
    """Return what the table of runs doesn't say, or says twice."""
    scenarios: dict[str, set[str]] = {}
    for name, *_, tests, controls, _figures in rows(page):
        for file, _function in NODE.findall(tests + controls):
            scenarios.setdefault(file, set()).add(name)
    found, ran = [], Counter[tuple[str, str]]()
    for of, files, form, day, _result in runs(page):
        told = FILE.findall(files)
        if {*of.split(", ")} != {name for file in told for name in scenarios.get(file, ())}:
            found.append(f"{of} are not the scenarios of {files}")
        found += [] if FORM.fullmatch(form) else [f"{files}: {form!r} is no form"]
        found += [] if is_day(day) else [f"{files}: {day!r} is no day"]
        ran.update((file, form) for file in told)
    found += [f"{file} has no run" for file in scenarios if file not in {file for file, _form in ran}]
    return found + [f"{file} has {count} runs of {form}" for (file, form), count in ran.items() if count > 1]


def is_day(text: str) -> bool:
    try:
        return bool(time.strptime(text, "%d %B %Y"))
    except ValueError:
        return False


def test_every_file_of_a_scenario_has_its_last_run() -> None:
    assert unknown_runs(PAGE.read_text()) == []


SCENARIO = (
    "## Scenarios\n| C1 | kill | none lost | `tests/a/test_b.py::test_c` | `tests/a/test_b.py::test_d` | 1, 2, 3 |\n"
)
RUN = "| C1 | `tests/a/test_b.py` | faults | 28 November 2026 | nothing lost |\n"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (RUN, []),
        ("", ["tests/a/test_b.py has no run"]),
        (RUN + RUN, ["tests/a/test_b.py has 2 runs of faults"]),
        (RUN + RUN.replace("faults", "long, in part"), []),
        (RUN.replace("C1", "C1, C2"), ["C1, C2 are not the scenarios of `tests/a/test_b.py`"]),
        (RUN.replace("28", "31"), ["`tests/a/test_b.py`: '31 November 2026' is no day"]),
        (RUN.replace("faults", "nightly"), ["`tests/a/test_b.py`: 'nightly' is no form"]),
    ],
)
def test_a_file_without_its_last_run_is_detected(written: str, told: list[str]) -> None:
    assert unknown_runs(f"{SCENARIO}\n## When they last ran\n{written}\n## Open\n") == told
