"""What a run did not archive is shown by its outcome, its reason and its exit code, and by the pages and captures."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace

import pytest
from crawling.site import Reply, Site, html, serving
from journeys.household import Household, gazette
from services.waiting import eventually

from config.settings import load_settings
from pressmark.service.assembly import open_pressmark

ARTICLE = "".join(
    f"<p>The sentence {n} of an article about the harbour and its ferries, told at length.</p>" for n in range(9)
)
SHELL = (
    "<!doctype html><title>App</title><script src=/app.js></script><noscript>You need to enable JavaScript.</noscript>"
)


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        site.routes["/robots.txt"] = Reply(404)
        yield site


def described(household: Household, site: Site, **facts: str) -> None:
    household.source("gazette", gazette(f"{site.url}/", **facts))


def run(household: Household, *arguments: str, code: int) -> dict[str, object]:
    [shape] = household.run("run", "gazette", *arguments, "--json", code=code).json["items"]
    assert isinstance(shape, dict)
    return shape


def test_a_page_drawn_by_scripts_is_reported_by_its_run_its_snapshot_and_its_captures(
    household: Household, site: Site
) -> None:
    site.routes["/"] = Reply(body=f"{SHELL}<body><div id=root></div></body>")
    described(household, site, walk="page")

    shape = run(household, code=3)
    said = household.look("snapshot", "get", f"{site.url}/", "--text", code=5).err
    [capture] = household.look("captures", f"{site.url}/", "--json").json["items"]
    added = household.look("add", f"{site.url}/", "--allow-address", "127.0.0.0/8", "--dry-run", "--name", "other")

    assert (shape["outcome"], shape["drawn_by_scripts"]) == ("partial", 1)
    assert shape["reason"] == "1 page gets its text from scripts, so the archive does not have this text"
    assert f"the page {site.url}/ gets its text from scripts, so the archive does not have this text" in said
    assert capture["verdict"] == "drawn-by-scripts"
    assert (
        'the page gets its text from scripts (the empty element "root"), so a browser renders such pages' in added.err
    )
    assert "fetch: auto" in added.out
    assert (
        " already begins at the same URL. If you also save this new source, Pressmark crawls the site twice."
        in added.err
    )


def test_a_forum_walk_without_a_forum_ends_with_3_and_one_of_a_page_with_0(household: Household, site: Site) -> None:
    site.routes["/"] = Reply(body=f"<title>The harbour</title>{ARTICLE}")
    described(household, site, walk="forum")
    assert (
        run(household, code=3)["reason"]
        == "the start URLs of the source show no forum boards or threads; choose another walk (crawl method)"
    )

    described(household, site, walk="page")
    assert run(household, code=0)["outcome"] == "unchanged"


def test_a_missing_page_of_a_source_leaves_the_state_of_the_source(household: Household, site: Site) -> None:
    site.routes["/"] = html(text=ARTICLE)
    described(household, site, walk="site")
    run(household, code=0)

    household.run("archive", f"{site.url}/nope", code=1)

    [source] = household.look("source", "list", "--json").json["items"]
    assert (source["state"], source["last_run"]["url"]) == ("done", None)


@pytest.mark.costly
def test_a_run_of_all_pages_fetches_what_is_not_due_and_the_log_shows_what_a_usual_one_left_out(
    household: Household, site: Site
) -> None:
    entries = "".join(f"<item><link>{site.url}/{n}</link></item>" for n in range(3))
    site.routes |= {f"/{n}": html(text=f"{ARTICLE}{n}") for n in range(3)}
    site.routes["/"] = Reply(body=f"<rss><channel>{entries}</channel></rss>", type="application/rss+xml")
    described(household, site, walk="feed")
    run(household, code=0)
    site.routes["/1"] = html(text=f"{ARTICLE}<p>Correction: the ferry left at noon, and not at one.</p>")

    told = household.run("run", "gazette").err
    usual = household.look("runs", "list", "--json").json["items"][0]
    whole = run(household, "--all", code=0)

    assert (
        "gazette: 3 pages were not fetched, as it is not yet time for the next fetch; to"
        " fetch all pages now: pressmark run gazette --all"
    ) in told
    assert usual["not_fetched"] == {"not-due": 3}
    assert (usual["pages"], whole["pages"], whole["everything"]) == (1, 4, True)
    assert (
        "; 3 pages were not fetched, as it is not yet time for the next fetch"
        in household.look("runs", "logs", str(usual["id"])).out
    )
    assert "Correction: " in household.look("snapshot", "get", f"{site.url}/1").out


@pytest.mark.costly
def test_a_command_whose_lease_is_lost_says_so_and_continues_by_itself(household: Household, site: Site) -> None:
    pages = [f"/{n}" for n in range(80)]
    site.routes |= {"/": html(*pages)} | {page: replace(html(text=f"{ARTICLE}{page}"), after=0.05) for page in pages}
    described(household, site)
    command = household.command("run", "gazette", "--json")
    process = subprocess.Popen(
        command, env=household.env(), cwd=household.home.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        eventually(lambda: len(site.asked) > 20)
        with open_pressmark(load_settings({"home": str(household.home)})) as service:
            service.epochs.end(service.epochs.begin(service.settings.worker.name))  # as if it had hung
        out, told = process.communicate(timeout=120)
    finally:
        process.kill()

    assert process.returncode == 0, told
    [shape] = json.loads(out)["items"]
    assert (shape["outcome"], shape["attempt"], shape["pages"]) == ("done", 2, 81)
    assert b"lost its lease" in told
    assert b"it resumes automatically" in told
    assert b"Traceback" not in told
