"""What a site reserves is recorded beside each page, and obeyed as the use of the archive says."""

from __future__ import annotations

import asyncio
import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from crawling.crawls import Run, source
from crawling.ownspiders import SPIDERS, furnish, items_in, own_source
from crawling.site import Reply, Site, html

OBEY = {"robots": "obey"}
WELL_KNOWN = ("/robots.txt", "/.well-known/tdmrep.json", "/ai.txt")
IN_FILES = {"/signalled", "/tdm", "/essays"}
"""Pages that a file of the site reserves: they are not even requested."""
IN_ANSWERS = {"/head", "/noarchive", "/meta", "/long"}
"""Pages that their own answers reserve."""
FREE = {"/", "/free", "/other-bot"}


def reserving(site: Site) -> Site:
    """Give a site pages that it reserves, each in another way, and some that it does not."""
    meta = b'<title>t</title><meta name="robots" content="noai"><p><a href="/behind">behind</a>'
    site.routes |= {
        "/robots.txt": Reply(body="User-agent: *\nContent-Usage: /signalled train-ai=n\nAllow: /\n", type="text/plain"),
        "/.well-known/tdmrep.json": Reply(
            body=json.dumps([{"location": "/tdm", "tdm-reservation": 1}]), type="application/json"
        ),
        "/ai.txt": Reply(body="User-Agent: *\nDisallow: /essays\n", type="text/plain"),
        "/": html(*sorted((IN_FILES | IN_ANSWERS | FREE) - {"/"})),
        "/head": Reply(body=meta.replace(b"robots", b"other"), headers=(("TDM-Reservation", "1"),)),
        "/noarchive": Reply(body="<p>a", headers=(("X-Robots-Tag", "noarchive"),)),
        "/meta": Reply(body=gzip.compress(meta), headers=(("Content-Encoding", "gzip"),)),
        "/long": Reply(body=meta + b"<p>long" * 200_000),
        "/free": html(text="robots, noai, tdm-reservation"),
        "/other-bot": Reply(body="<p>b", headers=(("X-Robots-Tag", "otherbot: noarchive"),)),
        **{path: html(text=path) for path in IN_FILES},
        "/behind": html(text="behind a page that is reserved"),
    }
    return site


def answered(run: Run, site: Site) -> set[str]:
    """Return the paths of the pages whose answers were kept."""
    paths = {one.url.removeprefix(site.url) for exchange, _, one in run.archive.kept if exchange.response}
    return paths - set(WELL_KNOWN)


@pytest.mark.parametrize("use", [None, "preservation", "research", "general"])
def test_only_general_use_does_without_what_a_site_reserves(site: Site, run: Run, use: Any) -> None:
    reserving(site)
    outcome = run(source(f"{site.url}/", walk="site", politeness=OBEY), use=use)

    asked = {path for path in site.paths if path not in WELL_KNOWN}
    if use == "general":
        assert answered(run, site) == FREE
        assert asked == FREE | IN_ANSWERS
        assert outcome.dropped == {"reserved": len(IN_FILES | IN_ANSWERS)}
    else:
        assert answered(run, site) == asked == FREE | IN_FILES | IN_ANSWERS | {"/behind"}
        assert outcome.dropped == {}
    assert outcome.outcome == "done"


def test_an_answer_that_is_not_kept_leaves_its_request_and_the_reason(site: Site, run: Run) -> None:
    reserving(site)
    run(source(f"{site.url}/", walk="site", politeness=OBEY), use="general")
    reasons = {one.url.removeprefix(site.url): one for exchange, _, one in run.archive.kept if not exchange.response}

    assert set(reasons) == IN_ANSWERS
    why = "the answer is not kept, as the site reserves it: "
    assert reasons["/noarchive"].error == f"{why}x-robots-tag: noarchive"
    assert reasons["/meta"].error == f"{why}meta robots: noai"
    assert {one.kind for one in reasons.values()} == {"failed"}


@pytest.mark.parametrize("use", [None, "preservation"])
def test_the_files_of_a_site_are_requested_once_and_kept_and_what_they_say_is_beside_each_page(
    site: Site, run: Run, use: Any
) -> None:
    reserving(site)
    run(source(f"{site.url}/", walk="site", politeness=OBEY), use=use)
    beside = {one.url.removeprefix(site.url): dict(context.reservations) for _, context, one in run.archive.kept}

    wanted = list(WELL_KNOWN) if use else ["/robots.txt"]
    assert [one.path for one in site.asked if one.path in WELL_KNOWN] == wanted
    assert [one.url.removeprefix(site.url) for _, _, one in run.archive.kept][: len(wanted)] == wanted
    assert beside["/signalled"] == {"robots.txt content-usage": "train-ai=n"}
    assert beside["/tdm"] == ({"tdmrep.json tdm-reservation": "1"} if use else {})
    assert beside["/essays"] == ({"ai.txt disallow": "/essays"} if use else {})
    assert beside["/free"] == {}


def test_a_run_that_obeys_asks_for_the_files_that_another_run_did_without(site: Site, run: Run) -> None:
    reserving(site)
    page = source(f"{site.url}/tdm", walk="page", politeness=OBEY)
    crawls = run.begin()

    async def main() -> list[str]:
        return [(await crawls.crawl(run.order(page, use=use))).outcome for use in (None, "general", "general")]

    assert asyncio.run(main()) == ["done", "blocked", "blocked"]
    assert [one.path for one in site.asked if one.path in WELL_KNOWN] == ["/robots.txt", *WELL_KNOWN]


def test_a_source_that_ignores_robots_txt_obeys_what_the_site_reserves(site: Site, run: Run) -> None:
    reserving(site)
    site.routes["/robots.txt"] = Reply(body="User-agent: *\nDisallow: /\n", type="text/plain")
    ignoring = {"robots": "ignore"}
    reserved = run(source(f"{site.url}/tdm", walk="page", politeness=ignoring), use="general")
    free = run(source(f"{site.url}/free", walk="page", politeness=ignoring), use="general")

    assert (reserved.outcome, free.outcome) == ("blocked", "done")
    assert [path for path in site.paths if path not in WELL_KNOWN] == ["/free"]


@pytest.mark.parametrize(("path", "reason"), [("/tdm", "reserved"), ("/head", "reserved (tdm-reservation: 1)")])
def test_a_seed_that_is_reserved_blocks_the_run(site: Site, run: Run, path: str, reason: str) -> None:
    reserving(site)
    outcome = run(source(f"{site.url}{path}", walk="page", politeness=OBEY), use="general")
    assert (outcome.outcome, outcome.reason) == ("blocked", f"{site.url}{path}: {reason}")


@pytest.mark.parametrize("status", [402, 451])
def test_a_seed_that_is_refused_blocks_the_run_and_is_not_requested_again(site: Site, run: Run, status: int) -> None:
    site.routes |= {"/": Reply(status, "<p>Pay.", headers=(("Crawler-Price", "USD 0.01"),))}
    outcome = run(source(f"{site.url}/", walk="page"))
    assert outcome.outcome == "blocked"
    assert str(status) in outcome.reason
    assert site.paths == ["/"]


@pytest.mark.parametrize("file", ["/.well-known/tdmrep.json", "/ai.txt"])
@pytest.mark.parametrize(
    "reply",
    [
        Reply(500),
        Reply(429),
        Reply(cut=True),
        html(text="not found"),
        Reply(302, headers=(("Location", "/ai.txt"),)),
    ],
)
def test_a_file_that_can_t_be_read_reserves_nothing_and_ends(site: Site, run: Run, file: str, reply: Reply) -> None:
    site.routes |= {"/": html(), file: reply}
    outcome = run(source(f"{site.url}/", walk="page", politeness=OBEY), use="general")
    assert outcome.outcome == "done", outcome.reason


@pytest.mark.parametrize(("use", "got"), [("general", False), ("research", True), (None, True)])
def test_a_spider_of_one_s_own_does_not_get_what_is_not_kept(
    site: Site, run: Run, tmp_path: Path, use: Any, got: bool
) -> None:
    pages = furnish(site).otherwise
    assert callable(pages)
    site.otherwise = lambda asked: replace(pages(asked), headers=(("TDM-Reservation", "1"),))
    own = own_source(site, "Paging", politeness={**OBEY, "retries": 0})
    outcome = run(own, spiders=SPIDERS, items=tmp_path / "items.jsonl", use=use)

    reserved = "the site reserves the use of 1 page (tdm-reservation: 1)"
    assert (outcome.outcome, outcome.reason.startswith(reserved)) == ("done" if got else "blocked", not got)

    assert bool(items_in(tmp_path / "items.jsonl")) is got
    assert any(one.status == 200 for exchange, _, one in run.archive.kept if "/api" in one.url) is got
