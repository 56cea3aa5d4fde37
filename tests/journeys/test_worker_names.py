"""Two machines on one database whose workers have the same name: the second is refused, and the first crawls."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from crawling.site import Site, html, serving
from journeys.household import Household
from services.postgresql import EMPTY, PostgresServer
from services.waiting import eventually

pytestmark = [pytest.mark.postgresql, pytest.mark.timeout(600)]
LOCKED = 11
REFUSED = "another worker named main is alive on the machine "
HINT = (
    "hint: give the crawling process of this machine a name that no other machine uses: set worker.name "
    "(PRESSMARK_WORKER__NAME)"
)


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        site.otherwise = html()
        yield site


def machine(directory: Path, source: str, database: str, site: Site) -> Household:
    directory.mkdir()
    made = Household(directory / "home")
    made.environment |= {"PRESSMARK_DATABASE": database}
    seeds = ", ".join(f"{site.url}/{source}/{page}" for page in range(30))
    politeness = "politeness: {delay: 1s, concurrency: 1}\naddresses: [127.0.0.0/8]\n"
    made.source(source, f"source: {source}\nseeds: [{seeds}]\nwalk: page\n{politeness}")
    return made


def test_a_command_on_a_machine_with_a_taken_worker_name_ends_and_leaves_the_runs_of_the_other(
    tmp_path: Path, postgresql: PostgresServer, site: Site
) -> None:
    with postgresql.database(EMPTY) as url:
        one, two = (machine(tmp_path / name, name, url, site) for name in ("one", "two"))
        with one.serving() as first:
            assert first.ask("POST", "/api/v1/sources/one/runs").status == 202
            eventually(lambda: any(path.startswith("/one/") for path in site.paths), within=120)
            new = two.run("run", "two", code=LOCKED)
            crawled_before = two.home / "spool" / "main"
            assert (crawled_before / "LOCK").exists()
            again = two.run("run", "two", code=LOCKED)

            [run] = first.get("/api/v1/runs?source=one").json["items"]
            assert (run["status"], run["attempt"]) == ("running", 1)

    for ended in (new, again):
        assert REFUSED in ended.err
        assert HINT in ended.err
