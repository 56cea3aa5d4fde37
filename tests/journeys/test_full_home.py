"""A disk that fills up under everything: spool, store and database. What is listed afterwards can be read."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from crawling.site import Asked, Reply, Site, html, serving
from journeys.household import Household, gazette, unreadable

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to mount a small file system"),
]
SIZES = ["1800k", "2m", "2300k", "3m", "6m"]


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
@pytest.mark.costly
@pytest.mark.parametrize("disk", SIZES, indirect=True)
def test_everything_listed_after_a_full_disk_can_be_read(disk: Path, site: Site) -> None:
    household = Household(disk / "home")
    household.source("gazette", gazette(f"{site.url}/"))

    ended = household.run("run", "gazette", code=7)

    assert " is full" in ended.err
    assert "free some space on the disk" in ended.err
    assert unreadable(household.home, site.url) == ({}, True)


def test_a_capture_listed_without_its_bytes_is_detected(tmp_path: Path, site: Site) -> None:
    household = Household(tmp_path / "home")
    household.source("gazette", gazette(f"{site.url}/", walk="page"))
    household.run("run", "gazette")
    assert unreadable(household.home, site.url) == ({}, True)
    for kept in household.home.rglob("*.warc.gz"):
        kept.unlink()

    found, listed = unreadable(household.home, site.url)
    assert found and listed
