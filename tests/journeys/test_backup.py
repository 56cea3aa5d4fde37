"""The commands of docs/operations/backup.md: a backup of a running service, a machine lost in mid-run, a restore."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from crawling.site import Reply, Site, html, serving
from journeys.household import Household
from services.buckets import access_to
from services.waiting import eventually

from archive.store.s3 import S3Settings

PAGES = 12
DOCS = Path(__file__).parents[2] / "docs" / "operations" / "backup.md"
pytestmark = pytest.mark.slow


@pytest.fixture
def site() -> Iterator[Site]:
    """A site whose last page takes long."""
    with serving() as site:
        site.routes["/"] = html(*(f"/{number}" for number in range(PAGES)))
        for number in range(PAGES - 1):
            site.routes[f"/{number}"] = html(
                text=f"<p>The kettle of room {number} is on the stove, and whistles.</p>" * 4
            )
        site.routes[f"/{PAGES - 1}"] = Reply(body="<p>late</p>", after=120)
        yield site


def written(command: str) -> list[str]:
    """Return the arguments of a command as the documentation writes it."""
    found = re.search(rf"^pressmark {command}.*$", DOCS.read_text("utf-8"), re.MULTILINE)
    assert found, f"docs/operations/backup.md has no pressmark {command}"
    return found[0].partition("#")[0].split()[1:]


def drill(household: Household, site: Site, target: str, elsewhere: Path) -> None:
    """Back up in mid-run, lose the machine, restore, and see that the run ends with everything."""
    text = f"source: rooms\nseeds: [{site.url}/]\nwalk: site\npoliteness: {{delay: 0s, concurrency: 1}}\n"
    household.source("rooms", f"{text}addresses: [127.0.0.0/8]\ntimetable: {{every: 6h}}\n")
    command, _ = written("backup")
    with household.serving(kill=True) as served:
        run = served.ask("POST", "/api/v1/sources/rooms/runs").json["id"]
        eventually(lambda: site.times(f"/{PAGES - 1}"), within=60)
        served.ask("POST", "/api/v1/sources/rooms/pause", {"reason": "the editor asked for it"})
        captures = f"/api/v1/captures?url={site.url}&match=host"
        eventually(lambda: len(served.get(captures).json["items"]) > PAGES / 2)
        before = served.get(captures).json["items"]
        made = household.run(command, target, "--json").json
    shutil.rmtree(household.home)
    site.routes[f"/{PAGES - 1}"] = Reply(body="<p>late</p>")
    asked = len(site.asked)

    new = Household(elsewhere / "home", household.environment)
    elsewhere.mkdir()
    command, _ = written("restore")
    assert new.run(command, target, "--json").json["files"] == made["files"]
    assert new.run(command, target, code=2).err.startswith("error:")
    with new.serving() as served:
        assert served.get("/api/v1/sources/rooms").json["pause_reason"] == "the editor asked for it"
        eventually(lambda: served.get(f"/api/v1/runs/{run}").json["status"] == "queued")
        served.ask("POST", "/api/v1/sources/rooms/resume")
        over = eventually(
            lambda: (one := served.get(f"/api/v1/runs/{run}").json)["status"] == "over" and one, within=90
        )
        after = served.get(captures).json["items"]
    assert over["outcome"] == "done"
    assert [one for one in before if one not in after] == []
    assert len({one["url"] for one in after}) == PAGES + 2  # with the first page and robots.txt
    again = [one.path for one in site.asked[asked:]]
    assert f"/{PAGES - 1}" in again
    assert len(again) < PAGES / 2, "the run started again instead of continuing"
    assert new.run("verify", "--all", "--json").json["findings"] == []


@pytest.mark.costly
def test_a_machine_lost_in_mid_run_is_restored_from_a_directory(
    household: Household, site: Site, tmp_path: Path
) -> None:
    drill(household, site, str(tmp_path / "backup"), tmp_path / "another")


@pytest.mark.s3
@pytest.mark.costly
def test_a_machine_lost_in_mid_run_is_restored_from_a_bucket(
    household: Household, site: Site, bucket: S3Settings, tmp_path: Path
) -> None:
    household.environment |= access_to(bucket)
    drill(household, site, f"s3://{bucket.bucket}/{bucket.prefix}", tmp_path / "another")
