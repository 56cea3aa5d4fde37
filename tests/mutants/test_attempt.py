"""A mutant counts as killed only by tests that end otherwise without it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("cosmic_ray")

TESTS = Path(__file__).parents[1]
MODULE = "def kept():\n    return 3\n"
TEST = """import os
import signal

import module


def test_value():
    assert module.kept() == 3


def test_kind():
    assert isinstance(module.kept(), int)


def test_that_exceeds_every_limit():
    os.kill(os.getpid(), signal.SIGXCPU)
"""
TRY = """import json, sys, time
from pathlib import Path
from mutants.attempt import Attempt, Limits, Stage
from mutants.mutations import Mutant
from mutants.trials import load

copy = Path(sys.argv[1])
load(copy, ["test_module.py"])
for text, wall, tests in json.loads(sys.argv[2]):
    stages = [Stage((f"test_module.py::{test}",), test) for test in tests]
    attempt = Attempt(Mutant("module.py", "", 0, 2, 0), text, copy, stages, Limits(120, wall))
    while (outcome := attempt.ended()) is None:
        time.sleep(0.01)
    print(json.dumps([outcome.code, outcome.failed, attempt.by]))
"""
VALUE, KIND, ENDLESS = "test_value", "test_kind", "test_that_exceeds_every_limit"
OTHER, SIGNAL = (
    MODULE.replace("3", "4"),
    "import os, signal\n\n\ndef kept():\n    os.kill(os.getpid(), signal.SIGXCPU)\n",
)
FAILED = [1, [f"test_module.py::{VALUE}"], VALUE]
CASES = [
    (OTHER, 300, [VALUE], FAILED),
    (OTHER, 300, [KIND], [0, [], KIND]),
    (SIGNAL, 300, [KIND, VALUE], [-24, [], KIND]),  # a signal, only with the mutant
    (OTHER, 300, [ENDLESS], [0, [], ENDLESS]),  # also without it
    (OTHER, 0, [VALUE], [0, [], VALUE]),  # the limit of time, also without it
    (OTHER, 300, [ENDLESS, VALUE], FAILED),  # the next stage has the mutant again
]


def test_a_stage_that_ends_without_a_failed_test_counts_only_if_it_passes_without_the_mutant(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    for name, content in (("module.py", MODULE), ("test_module.py", TEST), ("pytest.ini", "[pytest]\n")):
        (copy / name).write_text(content)

    run = subprocess.run(
        [sys.executable, "-c", TRY, str(copy), json.dumps([case[:3] for case in CASES])],
        env={"PYTHONPATH": str(TESTS), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )

    lines = run.stdout.splitlines()
    said = [line.partition(",")[0] for line in lines if line.startswith("no verdict")]
    assert [json.loads(line) for line in lines if line.startswith("[")] == [case[3] for case in CASES]
    assert said == ["no verdict (-24)", "no verdict (-9)", "no verdict (-24)"]
    assert (copy / "module.py").read_text() == MODULE
