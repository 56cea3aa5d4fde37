"""A run never lists files that the archive does not have any more, or is about to purge: it fetches them again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from crawling.crawls import Run, source
from crawling.media_pages import CLIP, furnish, listed, payload, remember
from crawling.site import ETAG, Reply, Site, once_changed

from crawler.policy.shared import ArchivedBody

pytestmark = pytest.mark.timeout(120)


@pytest.mark.parametrize("unchanged", [True, pytest.param(False, marks=pytest.mark.costly)])
def test_a_file_that_was_purged_is_requested_again(site: Site, run: Run, unchanged: bool) -> None:
    furnish(site)
    page, ours = site.routes["/p"], source(f"{site.url}/p", walk="page", keep={"media": "video"})
    assert isinstance(page, Reply)
    if unchanged:
        site.routes["/p"] = once_changed(replace(page, headers=ETAG))
    run(ours)
    remember(run)
    body = page.body.encode() if isinstance(page.body, str) else page.body
    run.archive.bodies |= {one.record_id: ArchivedBody(body, "text/html") for _, _, one in run.archive.kept}
    run.archive.kept[:] = [one for one in run.archive.kept if not one[2].url.endswith(".webm")]
    run(ours)
    [medium] = listed(run, f"{site.url}/p")

    assert (medium.state, payload(run, medium), site.times("/clip.webm")) == ("kept", CLIP, 2)


@pytest.mark.costly
def test_a_file_that_is_about_to_be_purged_is_requested_again_and_never_listed(site: Site, run: Run) -> None:
    furnish(site)
    ours, lost = source(f"{site.url}/p", walk="page", keep={"media": "video"}), set[str]()
    run.facts["lost"] = lost.intersection
    run.begin()
    run(ours)
    remember(run)
    lost |= {capture.record_id for _, _, capture in run.archive.kept}
    run(ours)
    [again] = listed(run, f"{site.url}/p")
    payloads = [again.state, payload(run, again), site.times("/clip.webm")]
    remember(run)
    marked = iter([False])
    run.facts["lost"] = lambda records: records if next(marked, True) else ()
    run.begin()
    outcome = run(ours)  # the marks come while the page is looked at
    [late] = listed(run, f"{site.url}/p")

    assert payloads == ["kept", CLIP, 2]
    assert (late.state, late.files) == ("failed", ())
    assert late.reason == "its files were deleted; the next run fetches them again"
    assert outcome.outcome == "partial"
