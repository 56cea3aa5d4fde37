"""The libraries that Pressmark is built on are required, and each does its own work in a run."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from apscheduler.schedulers.base import BaseScheduler
from journeys.household import Household
from services.buckets import BUCKET
from services.seaweedfs import S3Server
from web_of_tests.sockets import Server, Wire

from config.settings import load_settings
from pressmark.service.assembly import open_clock, open_pressmark

ROLES = ("warcio.warcwriter", "scrapy.core.engine", "scrapy.spiders", "boto3.session")
"""The modules of the libraries that write, crawl and upload."""

CALLED = """
import json, runpy, sys, threading

seen = set()

def watch(frame, event, _):
    # Functions only, and no constructors: the code of modules and classes runs at imports.
    if event == "call" and frame.f_code.co_flags & 1 and frame.f_code.co_name != "__init__":
        name = frame.f_globals.get("__name__", "")
        seen.update(role for role in {roles} if name.startswith(role))

threading.setprofile(watch)
sys.setprofile(watch)
sys.argv = ["pressmark", *sys.argv[1:]]
try:
    runpy.run_module("pressmark", run_name="__main__")
finally:
    open({told!r}, "w").write(json.dumps(sorted(seen)))
"""


@pytest.mark.parametrize("library", ["warcio", "scrapy", "apscheduler", "boto3"])
def test_an_installed_pressmark_requires_the_libraries_it_is_made_of(library: str) -> None:
    project = tomllib.loads((Path(__file__).parent.parent.parent / "pyproject.toml").read_text())["project"]

    assert any(re.match(rf"{library}[<>=]", line) for line in project["dependencies"])


def watched(household: Household, told: Path, *arguments: str) -> list[str]:
    """Run a command that reports the libraries whose functions were called in its process, in any thread."""
    code = CALLED.format(roles=ROLES, told=str(told))
    return [sys.executable, "-c", code, "--home", str(household.home), *arguments]


def called_in(household: Household, directory: Path, *arguments: str) -> set[str]:
    told = directory / "called.json"
    command = watched(household, told, *arguments)
    done = subprocess.run(
        command, env=household.env(), cwd=directory, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(told.read_text()))


@pytest.mark.s3
@pytest.mark.slow
def test_scrapy_crawls_warcio_writes_and_boto3_uploads_in_a_run(tmp_path: Path, s3_server: S3Server) -> None:
    household = Household(tmp_path / "home")
    facts = {"BUCKET": BUCKET, "ENDPOINT": s3_server.plain, "PREFIX": tmp_path.name}
    facts |= {"ACCESS_KEY": s3_server.access_key, "SECRET_KEY": s3_server.secret_key}
    household.environment |= {f"PRESSMARK_S3__{name}": value for name, value in facts.items()}
    household.environment["PRESSMARK_STORE"] = "s3"
    server = Server(lambda *_: Wire(200, [("Content-Type", "text/html")], b"<p>A page.</p>"))
    server.start()
    try:
        sources = household.home / "sources"
        sources.mkdir(parents=True)
        seed = f"http://127.0.0.1:{server.port}/"
        (sources / "one.yaml").write_text(
            f"source: one\nseeds: [{seed}]\nwalk: page\naddresses: [127.0.0.0/8]\npoliteness: {{delay: 0s}}\n"
        )

        seen = called_in(household, tmp_path, "run", "one")
    finally:
        server.stop()

    assert seen == set(ROLES)


def test_the_clock_of_a_service_is_one_of_apscheduler(tmp_path: Path) -> None:
    with open_pressmark(load_settings({"home": tmp_path / "home"})) as service:
        assert isinstance(open_clock(service)._scheduler, BaseScheduler)


def test_a_command_that_does_not_crawl_calls_none_of_them(tmp_path: Path) -> None:
    assert called_in(Household(tmp_path / "home"), tmp_path, "runs", "list") == set()
