"""A series of documents: each is requested until it is there, and the site's gaps are named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from crawling.crawls import Run, remembering, source
from crawling.site import Reply, Site

from config.source import Source

PDF = Reply(body=b"%PDF-1.4 report", type="application/pdf", headers=(("ETag", '"one"'),))


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    with remembering(tmp_path) as run:
        yield run


def reports(site: Site, last: int = 6) -> Source:
    series = {"each": "number", "first": 1, "last": last}
    return source(f"{site.url}/report-{{number:02}}.pdf", walk="series", series=series)


def test_documents_that_are_not_there_yet_do_not_fail_a_run_and_are_requested_in_each_run(site: Site, run: Run) -> None:
    site.routes |= {f"/report-0{number}.pdf": PDF for number in (1, 2, 4)}
    first = run(reports(site))
    asked = sorted(site.paths)
    site.asked.clear()
    second = run(reports(site))
    quiet = sorted(site.paths)
    site.routes["/report-05.pdf"] = PDF
    site.asked.clear()

    third = run(reports(site))

    assert asked == [f"/report-0{number}.pdf" for number in range(1, 7)]
    assert quiet == ["/report-03.pdf", "/report-05.pdf", "/report-06.pdf"]
    assert sorted(site.paths) == quiet
    gap = "the site does not have these documents of the series: 3"
    assert (first.outcome, first.reason.endswith(gap)) == ("done", True)
    assert (second.outcome, second.reason) == (
        "unchanged",
        f"no new document in the series; 3 documents were archived before; {gap}",
    )
    assert (third.outcome, third.failures) == ("done", 0)


def test_a_series_without_any_document_is_empty_and_says_so(site: Site, run: Run) -> None:
    outcome = run(reports(site))

    assert (outcome.outcome, outcome.reason) == ("empty", "the site has no document of the series")


def test_a_server_that_fails_is_not_taken_for_one_without_new_documents(site: Site, run: Run) -> None:
    site.routes["/report-01.pdf"] = PDF
    run(reports(site, 2))
    site.routes["/report-02.pdf"] = Reply(500, "broken")

    outcome = run(source(*reports(site, 2).seeds, walk="series", series={"each": "number", "first": 1, "last": 2},
                         politeness={"retries": 0}))  # fmt: skip

    assert outcome.outcome == "failed"
    assert "500" in outcome.reason


def test_no_other_page_belongs_to_a_series(site: Site, run: Run) -> None:
    site.routes["/report-01.pdf"] = Reply(body='<title>Moved</title><a href="/other.html">other</a>')

    run(reports(site, 1))

    assert site.paths == ["/report-01.pdf"]


def test_a_series_whose_first_date_has_not_come_asks_for_nothing_and_says_so(site: Site, run: Run) -> None:
    series = {"each": "year", "first": 9000}
    outcome = run(source(f"{site.url}/report-{{year}}.pdf", walk="series", series=series))

    assert site.paths == []
    reason = "the date of the first document of the series has not come yet"
    assert (outcome.outcome, outcome.reason) == ("empty", reason)
