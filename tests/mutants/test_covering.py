"""The tests that execute a line are found, also those whose program runs it, and none that only import it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

pytest.importorskip("coverage")
from mutants.covering import AT_MOST, Covering, Measured, stages_covering, statement, text_of

TESTS = Path(__file__).parents[1]
MODULE = """LIMIT = 3


def kept(
    size: int = LIMIT,
) -> bool:
    if (
        size > LIMIT
    ):
        return False
    return True


def unused() -> None:
    kept()
"""
TEST = """import subprocess
import sys

import module


def test_small():
    assert module.kept(1)


def test_nothing():
    pass


def test_program():
    subprocess.run([sys.executable, "-c", "import module; module.kept(9)"], check=True)
"""
MEASURE = """import dataclasses, json, sys
from pathlib import Path
from mutants.covering import measure

root = Path(sys.argv[1])
print(json.dumps(dataclasses.asdict(measure(root, root, "test_module.py", ["module.py"]))))
"""


def written(root: Path, lines: dict[str, list[str]], seconds: dict[str, float]) -> Covering:
    (root / "module.py").write_text(MODULE)
    (root / "test_module.py").write_text(TEST)
    texts = {name: text_of(root / name) for name in ("test_module.py", "module.py")}
    kept = root / "kept"
    kept.mkdir(exist_ok=True)
    (kept / "one.json").write_text(json.dumps(asdict(Measured(texts, seconds, {"module.py": lines}))))
    return Covering(root, kept)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (1, (1, 1, True)),
        (5, (4, 11, True)),
        (8, (7, 9, False)),
        (10, (10, 10, False)),
        (11, (11, 11, False)),
    ],
)
def test_the_statement_of_a_line_has_all_its_lines_without_the_body(line: int, expected: tuple[int, int, bool]) -> None:
    assert statement(MODULE, line) == expected


def test_the_fastest_tests_of_a_line_come_first_and_those_that_were_run_are_left_out(tmp_path: Path) -> None:
    ids = [f"test_module.py::test_{name}" for name in ("slow", "fast", "endless")]
    seconds = dict(zip(ids, (9.0, 0.1, AT_MOST + 1.0), strict=True))

    covering = written(tmp_path, {"7": ids[:2], "11": ids[1:2]}, seconds)

    assert covering.tests_of("module.py", 8) == [ids[1], ids[0]]
    assert stages_covering(covering, "module.py", 8, {ids[1]}, 60) == [(ids[0],)]
    assert stages_covering(covering, "module.py", 8, {"test_module.py"}, 60) == []
    assert covering.tests_of("module.py", 1) == [ids[1], ids[0]], "imported by all"
    assert covering.tests_of("module.py", 15) == [], "executed by none"
    too_long = written(tmp_path, {"7": ids}, seconds)
    assert stages_covering(too_long, "module.py", 8, set(), 60) == [(ids[1], ids[0])]


def test_a_stage_takes_no_more_than_half_the_limit_of_cpu_unless_it_is_one_test(tmp_path: Path) -> None:
    ids = [f"test_module.py::test_{number:02}" for number in range(15)]
    seconds = dict(zip(ids, [1.0] * 10 + [25.0, 30.0, 31.0, 59.0, 80.0], strict=True))

    stages = stages_covering(written(tmp_path, {"11": ids}, seconds), "module.py", 11, set(), 60)

    assert stages == [tuple(ids[:8]), tuple(ids[8:12]), tuple(ids[12:13]), tuple(ids[13:14]), tuple(ids[14:])]


def test_what_was_measured_of_another_text_counts_no_more(tmp_path: Path) -> None:
    covering = written(tmp_path, {"11": ["test_module.py::test_small"]}, {})
    assert covering.tests_of("module.py", 11) == ["test_module.py::test_small"]

    (tmp_path / "module.py").write_text(MODULE.replace("3", "4"))

    assert Covering(tmp_path, tmp_path / "kept").tests_of("module.py", 11) == []


def test_a_line_that_another_process_runs_counts_for_the_file_of_tests(tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text(MODULE)
    (tmp_path / "test_module.py").write_text(TEST)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")

    run = subprocess.run(
        [sys.executable, "-c", MEASURE, str(tmp_path)],
        env={"PYTHONPATH": str(TESTS), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )

    measured = Measured(**json.loads(run.stdout.splitlines()[-1]))
    assert measured.lines["module.py"]["11"] == ["test_module.py::test_small"]
    assert measured.lines["module.py"]["10"] == ["test_module.py"]
    assert measured.lines["module.py"].get("1", []) == ["test_module.py"]
    assert set(measured.seconds) == {f"test_module.py::test_{name}" for name in ("small", "nothing", "program")}
