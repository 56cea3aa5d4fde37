"""Sixty pages that scripts fill are archived with all their text; two hundred static ones never start a browser."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from conftest import FORM, figure
from crawling.crawls import Run, events, source
from crawling.site import Reply, Site
from script_pages.build import NotBuilt, built, built_by_next
from script_pages.pages import (
    APPLICATIONS,
    CHALLENGE,
    CHALLENGE_REPLY,
    NEXT,
    PAGES,
    ScriptPage,
    furnish,
    furnish_next,
)
from script_pages.static_pages import static_pages

from crawler.policy.order import Outcome

pytestmark = pytest.mark.system

_MINUTES = 20 * 60.0
"""The end of a run on the slowest machine; none waits for it."""


@pytest.fixture(scope="module")
def applications() -> Path:
    if FORM == "sample":
        pytest.skip("make test-faults builds sixty pages with npm and archives them")
    try:
        return built()
    except NotBuilt as error:
        pytest.skip(f"{error}: no page of a framework is archived")


@pytest.mark.slow
@pytest.mark.parametrize("application", [*APPLICATIONS, "live"])
def test_the_text_and_the_requisites_of_an_application_are_archived(
    site: Site, run: Run, applications: Path, application: str
) -> None:
    furnish(site, applications)

    _check_all(site, run, [page for page in PAGES if page.application == application])


@pytest.mark.slow
@pytest.mark.skipif(FORM == "sample", reason="make test-faults builds a site with Next and archives it")
def test_the_text_and_the_requisites_of_pages_that_next_hydrates_are_archived(site: Site, run: Run) -> None:
    try:
        furnish_next(site, built_by_next())
    except NotBuilt as error:
        pytest.skip(f"{error}: no page of Next is archived")

    _check_all(site, run, NEXT)


def _check_all(site: Site, run: Run, pages: Sequence[ScriptPage]) -> None:
    outcome = _run(run, site, [page.path for page in pages])

    documents = {one.url: one.body.decode() for one, _, _ in run.archive.derived if one.kind == "conversion"}
    missing = {page.path: _missing(documents.get(f"{site.url}{page.path}", ""), page.text) for page in pages}
    archived = {capture.url for _, _, capture in run.archive.kept}
    assert missing == {page.path: [] for page in pages}
    assert outcome.failures == 0
    assert {f"{site.url}{page.picture}" for page in pages} <= archived
    assert {f"{site.url}{asked.path}" for asked in site.asked} <= archived
    assert site.times("/tracked") == 0, "no consent was given"
    assert all(event["complete"] for event in events(run) if event["event"] == "drawn")


@pytest.mark.slow
def test_the_entries_of_a_web_socket_are_named_as_missing(site: Site, run: Run, applications: Path) -> None:
    furnish(site, applications)

    _run(run, site, ["/live/0"])

    (drawn,) = [event for event in events(run) if event["event"] == "drawn"]
    assert drawn["refused"] == {"web sockets": 1}


def test_a_challenge_stays_unsolved_and_is_named(site: Site, run: Run) -> None:
    site.routes[CHALLENGE] = CHALLENGE_REPLY

    outcome = _run(run, site, [CHALLENGE])

    assert outcome.outcome != "done"
    assert run.archive.derived == []
    assert not [event for event in events(run) if event["event"] == "drawn"]
    assert len(site.paths) == 1, "nothing tries to solve it"


def test_static_pages_never_start_a_browser(site: Site, run: Run) -> None:
    pages = static_pages(figure(40, 200, 200))
    site.routes |= {path: Reply(body=body) for path, body in pages.items()}

    outcome = _run(run, site, [*pages])

    told = [(event["url"], event["reason"]) for event in events(run) if event["event"] in ("drawn", "not-drawn")]
    assert told == []
    assert (outcome.pages, outcome.failures) == (len(pages), 0)


def _run(run: Run, site: Site, paths: Sequence[str]) -> Outcome:
    seeds = [f"{site.url}{path}" for path in paths]
    return run(source(*seeds, walk="page", fetch="auto", politeness={"retries": 0}), within=_MINUTES)


def _missing(document: str, text: Sequence[str]) -> list[str]:
    return [said for said in text if said not in document]
