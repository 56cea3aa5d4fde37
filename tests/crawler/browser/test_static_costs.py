"""A static page never pays for the browser: no import, no process, and with `auto` a few calls for the decision."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from script_pages.static_pages import static_pages

TESTS = Path(__file__).parents[2]
PAGES = 20
SHELL = "<!doctype html><title>t</title><div id=root></div><script>root.append('x')</script>"
CRAWL = """
import json, sys, threading
from pathlib import Path

started, decision, calls, whole, inside = [], None, 0, 0, False

def heard(event, given):
    if event in ("subprocess.Popen", "os.posix_spawn", "os.fork", "os.exec", "pty.spawn"):
        started.append(str(given[0]))

def counted(frame, event, given):
    global calls, whole, inside
    if frame.f_code is decision and event in ("call", "return"):
        inside = event == "call"
    if event in ("call", "c_call"):
        whole += 1
        calls += inside

from crawling.crawls import archiving, Run, source
from crawling.site import Reply, serving
from crawler.engine.fetch_choices import FetchChoices

decision = FetchChoices.choose.__code__
directory, mode, bodies = Path(sys.argv[1]), sys.argv[2], json.loads(sys.stdin.read())
with serving({path: Reply(body=body) for path, body in bodies.items()}) as site, archiving() as archive:
    run = Run(directory, archive)
    of_pages = source(*(site.url + path for path in bodies), walk="page", fetch=mode)
    sys.addaudithook(heard)
    threading.setprofile(counted)
    sys.setprofile(counted)
    outcome = run(of_pages, within=300)
    sys.setprofile(None)
imported = sorted(name for name in sys.modules if name.startswith("crawler.browser"))
print(json.dumps({"pages": outcome.pages, "started": started, "imported": imported, "calls": calls, "whole": whole}))
"""


def crawled(directory: Path, mode: str, bodies: dict[str, str]) -> dict[str, Any]:
    """Crawl pages in a process of its own; return what it imported, started and called."""
    done = subprocess.run(
        [sys.executable, "-c", CRAWL, str(directory), mode],
        cwd=TESTS.parent,
        env={**os.environ, "PYTHONPATH": f"{TESTS}{os.pathsep}{TESTS.parent}"},
        input=json.dumps(bodies),
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
    )
    assert done.returncode == 0, done.stderr[-3_000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_static_pages_import_and_start_nothing_and_a_decision_takes_a_few_calls(tmp_path: Path) -> None:
    found = crawled(tmp_path, "auto", static_pages(PAGES))

    assert (found["pages"], found["started"], found["imported"]) == (PAGES, [], [])
    assert PAGES <= found["calls"] <= 20 * PAGES  # of 40,000 for a whole page, its share of the start included


@pytest.mark.costly
def test_with_http_there_is_no_decision_and_a_shell_needs_the_browser(tmp_path: Path) -> None:
    assert crawled(tmp_path, "http", static_pages(PAGES))["calls"] == 0

    found = crawled(tmp_path, "auto", static_pages(3) | {"/shell": SHELL})
    assert found["imported"]
    assert found["started"]
