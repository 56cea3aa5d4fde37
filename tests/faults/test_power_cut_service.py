"""The power fails while a whole service works: spool, store, database and frontiers are as the disk had them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import figure
from crawling.site import Asked, Reply, Site, html, serving
from faults.test_power_cut import mounted, outer, pytestmark, sh  # noqa: F401 - a fixture, and what it needs
from journeys.household import Household, Served, gazette
from services.waiting import eventually

from archive.values.errors import ArchiveError
from config.settings import load_settings
from pressmark.service.assembly import open_pressmark

CUTS = figure(1, 10, 100)
PAGES = 900
UNSYNCED = "import os\nos.fsync = os.fdatasync = lambda _: None\n"


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        site.routes["/robots.txt"] = Reply(404)
        site.otherwise = page
        yield site


def page(asked: Asked) -> Reply:
    number = int(asked.path.strip("/") or 0)
    noise = random.Random(number).randbytes(1_000).hex()
    reply = html(*(f"/{n}" for n in range(number * 3 + 1, number * 3 + 4) if n < PAGES), text=noise)
    return Reply(body=reply.body, after=0.3)


@contextmanager
def working(disk: Path, site: Site, environment: dict[str, str]) -> Iterator[Served]:
    household = Household(disk / "home")
    household.environment |= environment
    household.source("gazette", gazette(f"{site.url}/"))
    with household.serving(kill=True) as served:
        served.ask("POST", "/api/v1/sources/gazette/runs")
        yield served


def listed(served: Served, site: Site) -> set[str]:
    items = served.items(f"/api/v1/captures?url={site.url}&match=host&limit=1000")
    return {item["record_id"] for item in items}


def lost(
    outer: Path,  # noqa: F811
    base: Path,
    site: Site,
    environment: dict[str, str],
    recover: Callable[[Household, Site, set[str]], object],
) -> list[set[str]]:
    """Return, for each cut, the captures that the service listed before it, and that can't be read after `recover`."""
    cuts = []
    with mounted(outer / "disk.img", base / "inner") as disk, working(disk, site, environment) as served:
        count = 0
        for number in range(CUTS):
            known = eventually(lambda count=count: ids if len(ids := listed(served, site)) > count + 8 else None)  # type: ignore[misc]
            count, image = len(known), outer / f"cut-{number}.img"
            sh("cp", "--reflink=always", outer / "disk.img", image)
            cuts.append((image, known))
    return [known - recovered(image, base / "cut", site, known, recover) for image, known in cuts]


def recovered(
    image: Path, at: Path, site: Site, known: set[str], recover: Callable[[Household, Site, set[str]], object]
) -> set[str]:
    """Return the readable captures, after `recover` on a disk as it was at a cut."""
    with mounted(image, at) as cut:
        if (cut / "home").exists():
            recover(Household(cut / "home"), site, known)
        found = readable(cut / "home", site)
    image.unlink()
    return found


def rebuilt(household: Household, _site: Site, _known: set[str]) -> None:
    household.run("rebuild", code=None)


def served_again(household: Household, site: Site, known: set[str]) -> None:
    """Serve until the service is ready and lists what it listed before, without help."""
    with household.serving(kill=True) as served:
        eventually(lambda: served.get("/readyz").status == 200)
        eventually(lambda: known <= listed(served, site))


def readable(home: Path, site: Site) -> set[str]:
    """Return the captures that are there and can be read."""
    if not home.exists():
        return set()
    found = set()
    with open_pressmark(load_settings({"home": str(home)})) as service:
        for capture in service.index.captures(site.url, match="host"):
            try:
                with service.archive.open(capture) as snapshot, snapshot.raw() as raw:
                    raw.read()
            except ArchiveError:
                continue
            found.add(capture.record_id)
    return found


@pytest.mark.slow
@pytest.mark.timeout(figure(600, 3_600, 18_000))
@pytest.mark.parametrize("recover", [served_again, rebuilt][: figure(1, 2, 2)])
def test_captures_listed_before_a_power_cut_are_read_after_it(
    outer: Path,  # noqa: F811
    tmp_path: Path,
    site: Site,
    recover: Callable[[Household, Site, set[str]], object],
) -> None:
    assert lost(outer, tmp_path, site, {}, recover) == [set()] * CUTS


@pytest.mark.slow
@pytest.mark.timeout(figure(600, 3_600, 18_000))
def test_a_service_that_does_not_fsync_loses_data_in_a_power_cut(outer: Path, tmp_path: Path, site: Site) -> None:  # noqa: F811
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "sitecustomize.py").write_text(UNSYNCED)

    assert any(lost(outer, tmp_path, site, {"PYTHONPATH": str(tmp_path / "broken")}, rebuilt))
