from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.slow
def test_the_demo_keeps_a_newspaper_and_shows_where_it_can_be_seen() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PRESSMARK_")}
    done = subprocess.run(
        [sys.executable, "-m", "web_of_tests.demo"],
        check=False,
        cwd=ROOT,
        env={**environment, "PYTHONPATH": "tests", "ONCE": "1"},
        capture_output=True,
        text=True,
        timeout=240,
    )

    assert done.returncode == 0, done.stderr
    assert "gazette done" in done.stderr
    assert "the second number first" in " ".join(done.stdout.split())
    for form in ("/snapshot/latest/http", "/latest/json/http", "/latest/text/http", "/latest/raw/http"):
        assert form in done.stdout
