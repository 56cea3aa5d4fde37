"""A service does what its roles say, and nothing else: clock, pages and API, crawling, uploading."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from crawling.site import Site, html, serving
from journeys.household import Household
from services.waiting import eventually
from specimens.exchanges import numbered
from specimens.spools import crashed

from archive.database.engine import open_database
from archive.database.marks import Marks
from archive.spool.spool import holder_of

pytestmark = pytest.mark.timeout(600)
PATIENCE = 120


@pytest.fixture
def site() -> Iterator[Site]:
    with serving({"/news": html("The kettle of the reading room sings.")}) as site:
        yield site


def roles_noted(household: Household) -> set[str]:
    with closing(open_database(household.database_url)) as database:
        return set(Marks(database, "role/").all())


def source(site: Site, more: str = "") -> str:
    return f"source: news\nseeds: [{site.url}/news]\nwalk: page\naddresses: [127.0.0.0/8]\n{more}"


def test_a_service_without_pages_answers_monitoring_alone_and_the_others_share_the_work(
    household: Household, site: Site
) -> None:
    household.source("news", source(site))
    spool = household.home / "spool" / "main"
    with household.serving("--role", "api") as api:
        run = api.ask("POST", "/api/v1/sources/news/runs").json["id"]
        assert api.get("/sources").status == 200
        assert not {"clock", "worker"} & api.get("/readyz").json["problems"].keys()
        assert api.get(f"/api/v1/runs/{run}").json["status"] == "queued"
        assert holder_of(spool) is None
        with household.serving("--role", "work") as working:
            eventually(lambda: api.get(f"/api/v1/runs/{run}").json["status"] == "over", within=PATIENCE)
            assert [working.get(path).status for path in ("/healthz", "/readyz", "/metrics")] == [200, 200, 200]
            assert [working.get(path).status for path in ("/", "/sources", "/api/v1/runs", "/login")] == [404] * 4
            assert holder_of(spool) is not None


def test_a_service_that_only_uploads_takes_no_runs(household: Household, site: Site) -> None:
    household.source("news", source(site))
    crashed(household.home / "spool" / "main", [numbered(n) for n in range(3)])
    with household.serving("--role", "api") as api:
        run = api.ask("POST", "/api/v1/sources/news/runs").json["id"]
        with household.serving("--role", "ship"):
            eventually(lambda: list((household.home / "store").rglob("*.warc.gz")), within=PATIENCE)
            assert api.get(f"/api/v1/runs/{run}").json["status"] == "queued"
    assert site.asked == []


def test_a_clock_without_a_worker_queues_what_is_due_and_crawls_nothing(household: Household, site: Site) -> None:
    household.source("news", source(site, "timetable: {every: 1s}\n"))
    with household.serving("--role", "clock") as clock:
        eventually(lambda: household.look("runs", "list", "--json").json["items"], within=PATIENCE)
        assert clock.get("/api/v1/runs").status == 404
        eventually(lambda: roles_noted(household) == {"clock"}, within=PATIENCE)
        assert holder_of(household.home / "spool" / "main") is None
    assert site.asked == []


def test_an_unknown_role_is_refused(household: Household) -> None:
    told = household.run("serve", "--role", "clock,cook", code=2).err
    assert "unknown role: cook" in told
    assert "the roles of a service are: clock, api, work, read, ship" in told


def test_a_worker_may_leave_texts_to_a_service_that_only_reads(household: Household, site: Site) -> None:
    household.environment["PRESSMARK_WORKER__READS_TEXTS"] = "false"
    household.source("news", source(site))
    with household.serving("--role", "api,work") as working:
        run = working.ask("POST", "/api/v1/sources/news/runs").json["id"]
        eventually(lambda: working.get(f"/api/v1/runs/{run}").json["status"] == "over", within=PATIENCE)
        eventually(lambda: list((household.home / "store").rglob("*.warc.gz")), within=PATIENCE)
        assert working.items("/api/v1/search?q=kettle") == []
        with household.serving("--role", "read") as reading:
            eventually(lambda: working.items("/api/v1/search?q=kettle"), within=PATIENCE)
            assert [reading.get(path).status for path in ("/readyz", "/sources")] == [200, 404]
            assert roles_noted(household) == {"api", "work", "read"}


@pytest.mark.costly
def test_texts_are_extracted_again_by_the_services_that_read(household: Household, site: Site) -> None:
    household.source("news", source(site))
    household.run("run", "news")
    waits = household.run("extract", "--all", "--queue", code=75).err
    assert "texts still have to be extracted from 1 WARC file, but no running service has the role read" in waits
    with household.serving("--role", "api,read") as reading:
        eventually(lambda: roles_noted(household) == {"api", "read"}, within=PATIENCE)
        done = household.run("extract", "--all", "--queue", "--json").json
        assert reading.get("/readyz").status == 200
    assert done == {"segments": 1, "left_segments": 0, "failing_segments": 0}
