"""The libraries that Pressmark is built on are required, and each does its own work in a run."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import pytest
from journeys.household import PATIENCE, Household
from packaging.requirements import Requirement
from services.buckets import BUCKET
from services.seaweedfs import S3Server
from services.waiting import eventually
from web_of_tests.sockets import Server, Wire

ROLES = {
    "warcio.warcwriter": "writer",
    "scrapy.core.engine": "engine",
    "scrapy.spiders": "spider",
    "apscheduler.schedulers": "clock",
    "boto3.session": "upload",
}
"""What the modules of the libraries do for Pressmark."""

CALLED = """
import runpy, sys, threading

seen = set()
told = open({told!r}, "w", buffering=1)

def watch(frame, event, _):
    # Functions only, and no constructors: the code of modules and classes runs at imports.
    if event == "call" and frame.f_code.co_flags & 1 and frame.f_code.co_name != "__init__":
        name = frame.f_globals.get("__name__", "")
        for role in {roles}:
            if name.startswith(role) and role not in seen:
                seen.add(role)
                told.write(role + "\\n")  # at once: the service ends by os._exit

threading.setprofile(watch)
sys.setprofile(watch)
sys.argv = ["pressmark", *sys.argv[1:]]
runpy.run_module("pressmark", run_name="__main__")
"""


@pytest.mark.parametrize("library", ["warcio", "scrapy", "apscheduler", "boto3"])
def test_an_installed_pressmark_requires_the_libraries_it_is_made_of(library: str) -> None:
    required = {Requirement(text).name for text in metadata.requires("pressmark") or ()}

    assert library in required


@dataclass(slots=True)
class Watched(Household):
    """Its commands report the libraries whose functions were called in their process, in any thread."""

    def command(self, *arguments: str) -> list[str]:
        code = CALLED.format(roles=tuple(ROLES), told=str(self._told))
        return [sys.executable, "-c", code, "--home", str(self.home), *arguments]

    @property
    def called(self) -> set[str]:
        """The libraries of the last command."""
        return {ROLES[module] for module in self._told.read_text().split()}

    @property
    def _told(self) -> Path:
        return self.home.parent / "called.json"


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path / "home")


@contextmanager
def one_page(household: Household, more: str = "") -> Iterator[None]:
    """Serve one page, which is the source `one`."""
    server = Server(lambda *_: Wire(200, [("Content-Type", "text/html")], b"<p>A page.</p>"))
    server.start()
    try:
        seed = f"http://127.0.0.1:{server.port}/"
        household.source(
            "one",
            f"source: one\nseeds: [{seed}]\nwalk: page\naddresses: [127.0.0.0/8]\npoliteness: {{delay: 0s}}\n{more}",
        )
        yield
    finally:
        server.stop()


@pytest.mark.s3
@pytest.mark.slow
def test_scrapy_crawls_warcio_writes_and_boto3_uploads_in_a_run(watched: Watched, s3_server: S3Server) -> None:
    facts = {"BUCKET": BUCKET, "ENDPOINT": s3_server.plain, "PREFIX": watched.home.parent.name}
    facts |= {"ACCESS_KEY": s3_server.access_key, "SECRET_KEY": s3_server.secret_key}
    watched.environment |= {f"PRESSMARK_S3__{name}": value for name, value in facts.items()}
    watched.environment["PRESSMARK_STORE"] = "s3"
    with one_page(watched):
        watched.run("run", "one")

    assert watched.called == {"writer", "engine", "spider", "upload"}


@pytest.mark.slow
def test_apscheduler_is_the_clock_that_starts_a_run_of_the_timetable(watched: Watched) -> None:
    def is_crawled() -> bool:
        runs = watched.look("runs", "list", "--json").json["items"]
        return any(run["outcome"] == "done" and run["tick"] for run in runs)

    with one_page(watched, "timetable: {every: 2s}\n"), watched.serving():
        eventually(is_crawled, within=PATIENCE)

    assert "clock" in watched.called


def test_a_command_that_does_not_crawl_calls_none_of_them(watched: Watched) -> None:
    """The control."""
    watched.run("runs", "list")

    assert watched.called == set()
