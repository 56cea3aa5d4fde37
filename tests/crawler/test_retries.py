"""Failures are retried, later and not forever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from crawling.crawls import Run, events, source
from crawling.site import Reply, Site, html, in_turn, serving


@pytest.mark.parametrize("bad", [Reply(500), Reply(503), Reply(429), Reply(cut=True)])
def test_a_page_that_fails_once_is_retried(site: Site, run: Run, bad: Reply) -> None:
    site.routes["/"] = in_turn(bad, html())

    outcome = run(source(f"{site.url}/", walk="page"))

    assert site.paths == ["/", "/"]
    assert (outcome.outcome, outcome.failures) == ("done", 0)
    assert len(run.archive.kept) == 2


def test_a_page_that_fails_every_time_has_failed(site: Site, run: Run) -> None:
    site.routes |= {"/": html("/bad", "/good"), "/bad": Reply(500), "/good": html()}

    outcome = run(source(f"{site.url}/", walk="site"))

    assert site.times("/bad") == 3
    assert (outcome.outcome, outcome.failures, outcome.pages) == ("partial", 1, 2)
    failures = [event for event in events(run) if event["event"] == "failure"]
    assert [(failure["url"], failure["reason"]) for failure in failures] == [
        (f"{site.url}/bad", "500 Internal Server Error")
    ]


def test_a_dead_host_fails_with_its_reason(run: Run) -> None:
    outcome = run(source("http://127.0.0.1:9/", walk="page", ports=[9]))

    assert outcome.outcome == "failed"
    assert "127.0.0.1" in outcome.reason


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_asks_for_a_pause_gets_it_without_delaying_others(site: Site, run: Run, status: int) -> None:
    with serving({f"/{n}": html() for n in range(20)}, host="127.0.0.3") as other:
        busy = Reply(status, headers=(("Retry-After", "1"),))
        site.routes |= {"/": in_turn(busy, html()), "/b": html()}
        seeds = [f"{site.url}/", f"{site.url}/b", *(f"{other.url}/{n}" for n in range(20))]

        outcome = run(source(*seeds, walk="page", politeness={"concurrency": 1}))

    first, *_, last = [asked.at for asked in site.asked]
    assert outcome.outcome == "done"
    assert site.asked[0].path == "/"
    assert site.asked[1].at - first >= 0.8
    assert max(asked.at for asked in other.asked) < last


def test_a_retry_after_may_be_a_date(site: Site, run: Run) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    site.routes["/"] = in_turn(Reply(503, headers=(("Retry-After", later),)), html())

    assert run(source(f"{site.url}/", walk="page")).outcome == "done"
    assert site.asked[1].at - site.asked[0].at >= 0.7


def test_a_dead_link_is_a_fact_about_the_site_and_not_a_failure(site: Site, run: Run) -> None:
    site.routes["/"] = html("/gone")

    outcome = run(source(f"{site.url}/", walk="site"))

    assert (outcome.outcome, outcome.failures, outcome.pages) == ("done", 0, 1)
    assert [capture.status for _, _, capture in run.archive.kept] == [200, 404]


def test_a_host_that_never_answers_is_given_up(run: Run) -> None:
    seeds = [f"http://127.0.0.1:9/{n}" for n in range(40)]
    outcome = run(source(*seeds, walk="page", ports=[9], politeness={"retries": 0, "concurrency": 1}))

    assert outcome.outcome == "failed"
    assert outcome.failures in (30, 31)  # one more may be in progress
    assert outcome.dropped == {"host-unreachable": 40 - outcome.failures}
