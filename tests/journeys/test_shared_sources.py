"""Two homes on one PostgreSQL and one bucket: a source that is added on one machine is crawled by the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from crawling.site import Site, html, serving
from journeys.household import QUICK, Household
from services.buckets import store_in
from services.postgresql import EMPTY, PostgresServer
from services.waiting import eventually

from archive.store.s3 import S3Settings

pytestmark = [pytest.mark.postgresql, pytest.mark.s3, pytest.mark.timeout(600)]
PATIENCE = 120


@pytest.fixture
def site() -> Iterator[Site]:
    with serving({"/news": html("The kettle of the reading room sings.")}) as site:
        yield site


@pytest.fixture
def machines(tmp_path: Path, postgresql: PostgresServer, bucket: S3Settings) -> Iterator[tuple[Household, Household]]:
    shared = {**QUICK, **store_in(bucket)}
    with postgresql.database(EMPTY) as url:
        shared["PRESSMARK_DATABASE"] = url
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
        yield (
            Household(tmp_path / "one" / "home", {**shared, "PRESSMARK_WORKER__NAME": "one"}),
            Household(tmp_path / "two" / "home", {**shared, "PRESSMARK_WORKER__NAME": "two"}),
        )


def text_of(name: str, url: str) -> str:
    return f"source: {name}\nseeds: [{url}]\nwalk: page\npoliteness: {{delay: 0s}}\naddresses: [127.0.0.0/8]\n"


def test_a_source_that_is_added_on_one_machine_runs_on_the_other(
    machines: tuple[Household, Household], site: Site, tmp_path: Path
) -> None:
    one, two = machines
    with two.serving() as service:
        one.run("source", "apply", "-", given=text_of("news", f"{site.url}/news"))
        eventually(lambda: service.get("/api/v1/sources/news").status == 200, within=PATIENCE)
        run = service.ask("POST", "/api/v1/sources/news/runs").json["id"]
        over = eventually(
            lambda: (found := service.get(f"/api/v1/runs/{run}").json)["status"] == "over" and found, within=PATIENCE
        )
        assert over["outcome"] == "done"
        [version] = one.run("source", "versions", "news", "--json").json["items"]
        assert version["configs"] == {"news": over["config_hash"]}

        added = {"source": "more", "seeds": [f"{site.url}/more"], "walk": "page", "addresses": ["127.0.0.0/8"]}
        assert service.ask("POST", "/api/v1/sources", added).status == 201
        one.run("source", "pull", str(tmp_path / "copy"))
        assert sorted(file.name for file in (tmp_path / "copy").glob("*.yaml")) == ["more.yaml", "news.yaml"]

        one.run("source", "remove", "news", "--yes")
        eventually(lambda: service.get("/api/v1/sources/news").status == 404, within=PATIENCE)
    assert "sings" in one.run("snapshot", "get", f"{site.url}/news").out
