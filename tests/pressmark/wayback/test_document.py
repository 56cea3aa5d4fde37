"""The OpenAPI document against the server, checked by schemathesis, a process in an environment of its own."""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
from pathlib import Path

import pytest
from conftest import LONG
from oracles.environment import NotInstalled, environment
from services.retrieving import Retrieving

PINS = ("schemathesis==4.32.5",)
GO_OUT = ("POST /api/v1/sources", "POST /api/v1/runs", "GET /save/{url}", "POST /save/{url}")
"""Left out: they would request whatever host is drawn."""
WITHIN = 1500 if LONG else 280
"""Seconds. The long form took two minutes at load 7, eleven at load 15."""
PHASES = "examples,coverage,fuzzing" if LONG else "examples,fuzzing"
EXAMPLES = 220 if LONG else 4
"""Cases of an operation in each phase: more than 5,000 in the long form."""
SEED = os.environ.get("PRESSMARK_SEED") or (str(secrets.randbelow(1 << 32)) if LONG else "1")
"""The long form draws other cases each time. It prints its seed, and a run with PRESSMARK_SEED draws them again."""


def test_the_document_describes_the_routes_in_front_of_the_framework(archive: Retrieving) -> None:
    paths = json.loads(archive.text("/openapi.json"))["paths"]

    assert {"/cdx/search/cdx", "/{collection}/cdx", "/warcs/{name}", "/api/v1/captures"} <= set(paths)
    assert "/cdx/search/cdx" in archive.text("/docs")


@pytest.mark.slow
@pytest.mark.timeout(WITHIN + 300)
def test_no_request_causes_a_server_error(archive: Retrieving, pytestconfig: pytest.Config, tmp_path: Path) -> None:
    try:
        programs = environment(pytestconfig.cache.mkdir("schemathesis"), *PINS)
    except NotInstalled as error:
        pytest.skip(str(error))
    command = [
        str(programs / "schemathesis"), "run", f"{archive.url}/openapi.json", "--checks", "not_a_server_error",
        "--phases", PHASES, "--max-examples", str(EXAMPLES), "--seed", SEED, "--workers", "1", "--no-color",
    ]  # fmt: skip
    command += [] if LONG else ["--generation-deterministic"]
    for name in GO_OUT:
        command += ["--exclude-name", name]
    print(f"PRESSMARK_SEED={SEED}")
    done = subprocess.run(command, check=False, cwd=tmp_path, capture_output=True, text=True, timeout=WITHIN)
    told = f"PRESSMARK_SEED={SEED}\n{done.stdout[-6000:]}"
    cases = re.search(r"(\d[\d,]*) generated", told)

    assert done.returncode == 0, told
    assert cases, told
    assert int(cases[1].replace(",", "")) > (5000 if LONG else 100)
