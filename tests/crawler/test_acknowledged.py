"""A page counts when the recorder has acknowledged it, whatever the recorder does."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from crawling.crawls import Run, archiving, source
from crawling.site import Asked, Reply, Site, html

from archive.values.errors import ArchiveError, SpoolFull, WriteFailed


def refusing(error: ArchiveError, times: int) -> object:
    left = [error] * times
    return lambda exchange: left.pop() if left else None


def test_a_page_that_could_not_be_written_is_fetched_again_with_its_links(site: Site, tmp_path: Path) -> None:
    site.routes |= {"/": html("/b"), "/b": html()}
    with archiving(refuse=refusing(WriteFailed("the disk refused"), 1)) as archive:
        run = Run(tmp_path, archive)
        outcome = run(source(f"{site.url}/"))

    assert site.paths == ["/", "/", "/b"]
    assert (outcome.outcome, outcome.pages, outcome.captures) == ("done", 2, 2)


def test_a_full_spool_pauses_the_run_until_there_is_space(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.engine.refusals._SPACE_WAIT", 0.3)
    site.routes |= {"/": html(*(f"/{n}" for n in range(9)))}
    site.otherwise = html()
    with archiving(refuse=refusing(SpoolFull("no room"), 2)) as archive:
        outcome = Run(tmp_path, archive)(source(f"{site.url}/"))

    assert (outcome.outcome, outcome.pages) == ("done", 10)
    assert site.asked[1].at - site.asked[0].at >= 0.25


def test_a_recorder_that_can_write_nothing_fails_the_run(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.engine.refusals._MOST", 3)
    monkeypatch.setattr("crawler.engine.refusals.backoff", lambda attempts, base: 0.01)
    site.routes["/"] = html()
    with archiving(refuse=lambda exchange: WriteFailed("the disk refused")) as archive:
        outcome = Run(tmp_path, archive)(source(f"{site.url}/"))

    assert outcome.outcome == "failed"
    assert "the disk refused" in outcome.reason
    assert outcome.captures == 0


def test_only_acknowledged_pages_are_done(site: Site, tmp_path: Path) -> None:
    site.routes |= {"/": html(*(f"/{n}" for n in range(40)))}
    site.otherwise = html()
    seen: list[tuple[int, int]] = []
    with archiving(wait=0.1) as archive:
        run = Run(tmp_path, archive)
        outcome = run(
            source(f"{site.url}/", politeness={"concurrency": 16}),
            progress=lambda outcome: seen.append((outcome.pages, len(archive.kept))),
        )

    assert outcome.pages == 41
    assert all(pages <= kept for pages, kept in seen)


def test_acknowledging_never_delays_the_next_fetch(site: Site, tmp_path: Path) -> None:
    """The recorder acknowledges nothing before the last page has been requested."""
    all_asked = threading.Event()

    def answer(asked: Asked) -> Reply:
        if len({asked.path, *site.paths}) == 300:
            all_asked.set()
        return html()

    site.otherwise = answer
    pages = [f"{site.url}/{n}" for n in range(300)]
    with archiving(not_before=all_asked) as archive:
        outcome = Run(tmp_path, archive)(source(*pages, politeness={"concurrency": 4}))
        assert all_asked.is_set()

    assert (outcome.outcome, outcome.pages) == ("done", 300)
