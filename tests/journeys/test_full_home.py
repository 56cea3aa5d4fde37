"""A disk that fills up under everything: spool, store and database. What is listed afterwards can be read."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import figure
from crawling.site import Asked, Reply, Site, html, serving
from journeys.household import Household, gazette

from archive.values.errors import ArchiveError
from config.settings import load_settings
from pressmark.service.assembly import open_pressmark

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to mount a small file system"),
]


@pytest.fixture
def disk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={request.param}", "pressmark-test", str(disk)]
    if (mounted := subprocess.run(mount, capture_output=True, check=False)).returncode:
        pytest.skip(f"a small file system can't be mounted here: {mounted.stderr.decode().strip()}")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        site.routes["/robots.txt"] = Reply(404)
        site.otherwise = page
        yield site


def page(asked: Asked) -> Reply:
    noise = random.Random(asked.path).randbytes(3_000).hex()
    return html(f"{asked.path}a", f"{asked.path}b", text=noise)


@pytest.mark.slow
@pytest.mark.skipif(
    figure(True, False, False),
    reason="the run does not always end, which is open (docs/operations/faults.md): make test-faults",
)
@pytest.mark.parametrize("disk", ["1800k", "2300k"], indirect=True)
def test_everything_listed_after_a_full_disk_can_be_read(disk: Path, site: Site) -> None:
    household = Household(disk / "home")
    household.source("gazette", gazette(f"{site.url}/"))

    household.run("run", "gazette", code=7)

    assert unreadable(household.home, site.url) == ({}, True)


def unreadable(home: Path, url: str) -> tuple[dict[str, str], bool]:
    """Return the captures that are listed and can't be read, and whether there are any at all."""
    found: dict[str, str] = {}
    with open_pressmark(load_settings({"home": home})) as service:
        listed = list(service.index.captures(url, match="host"))
        for capture in listed:
            try:
                service.archive.open(capture).close()
            except ArchiveError as error:
                found[capture.url] = str(error)
    return found, bool(listed)


def test_a_capture_listed_without_its_bytes_is_detected(tmp_path: Path, site: Site) -> None:
    household = Household(tmp_path / "home")
    household.source("gazette", gazette(f"{site.url}/", walk="page"))
    household.run("run", "gazette")
    assert unreadable(household.home, site.url) == ({}, True)
    for kept in household.home.rglob("*.warc.gz"):
        kept.unlink()

    found, listed = unreadable(household.home, site.url)
    assert found and listed
