"""The page of faults names, for every scenario, tests that exist and a control."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "operations" / "faults.md"
COUNTS = {"C": 5, "S": 5, "D": 7, "P": 4, "H": 2, "R": 3, "A": 3, "U": 1}
SCENARIOS = [f"{kind}{number}" for kind, count in COUNTS.items() for number in range(1, count + 1)]
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
