"""The OpenAPI document against the server, by schemathesis, a process in an environment of its own."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from conftest import LONG
from oracles.environment import NotInstalled, environment
from services.retrieving import Retrieving

PINS = ("schemathesis==4.32.5",)
GO_OUT = ("POST /api/v1/sources", "POST /api/v1/runs")
"""Left out: they would ask whatever host was drawn."""
WITHIN = 3000 if LONG else 280
"""Seconds."""
PHASES = "examples,coverage,fuzzing" if LONG else "examples,fuzzing"
EXAMPLES = 200 if LONG else 6
"""Of an operation in each phase: more than 5,000 cases in the long form."""


def test_the_document_tells_of_the_routes_before_the_framework(archive: Retrieving) -> None:
    paths = json.loads(archive.text("/openapi.json"))["paths"]

    assert {"/cdx/search/cdx", "/{collection}/cdx", "/warcs/{name}", "/api/v1/captures"} <= set(paths)
    assert "/cdx/search/cdx" in archive.text("/docs")


@pytest.mark.slow
@pytest.mark.timeout(WITHIN + 300)
def test_nothing_that_is_asked_makes_a_server_error(
    archive: Retrieving, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    try:
        programs = environment(pytestconfig.cache.mkdir("schemathesis"), *PINS)
    except NotInstalled as error:
        pytest.skip(str(error))
    command = [
        str(programs / "schemathesis"), "run", f"{archive.url}/openapi.json", "--checks", "not_a_server_error",
        "--phases", PHASES, "--max-examples", str(EXAMPLES), "--seed", "1",
        "--generation-deterministic", "--workers", "1", "--no-color",
    ]  # fmt: skip
    for name in GO_OUT:
        command += ["--exclude-name", name]
    done = subprocess.run(command, check=False, cwd=tmp_path, capture_output=True, text=True, timeout=WITHIN)
    told = done.stdout[-6000:]
    cases = re.search(r"(\d[\d,]*) generated", told)

    assert done.returncode == 0, told
    assert cases, told
    assert int(cases[1].replace(",", "")) > (5000 if LONG else 100)
