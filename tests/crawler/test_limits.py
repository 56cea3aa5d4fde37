"""Limits of a run: pages, bytes, time, and the length of an answer."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from crawling.crawls import Run, events, source
from crawling.site import Reply, Site, html


def endless(site: Site) -> None:
    site.otherwise = lambda asked: html(*(f"{asked.path}{n}" for n in range(3)))


def test_a_run_stops_at_its_limit_of_pages(site: Site, run: Run) -> None:
    endless(site)

    outcome = run(source(f"{site.url}/", limits={"pages": 25}))

    assert (outcome.outcome, outcome.pages) == ("limited", 25)
    assert "25 pages" in outcome.reason
    assert len(site.paths) == 25


def test_the_limit_of_pages_leaves_the_requisites_of_those_pages(site: Site, run: Run) -> None:
    site.otherwise = lambda asked: (
        Reply(body="i")
        if "png" in asked.path
        else Reply(body=f"<html><img src={asked.path}.png><a href={asked.path}x>")
    )
    outcome = run(source(f"{site.url}/a", limits={"pages": 3}, keep={"requisites": True}))

    assert sorted(site.paths) == ["/a", "/a.png", "/ax", "/ax.png", "/axx", "/axx.png"]
    assert outcome.outcome == "limited"


def test_pages_that_do_not_exist_do_not_count_towards_the_limit(site: Site, run: Run) -> None:
    missing, good = [f"/missing{n}" for n in range(10)], [f"/good{n}" for n in range(10)]
    site.routes |= {"/": html(*missing, *good), **dict.fromkeys(good, html())}

    outcome = run(source(f"{site.url}/", limits={"pages": 6}))

    assert (outcome.outcome, outcome.pages) == ("limited", 6)


def test_a_site_exactly_as_large_as_the_limit_is_done(site: Site, run: Run) -> None:
    site.routes |= {"/": html("/b"), "/b": html("/")}

    assert run(source(f"{site.url}/", limits={"pages": 2})).outcome == "done"


def test_a_run_stops_at_its_limit_of_bytes(site: Site, run: Run) -> None:
    site.otherwise = lambda asked: html(f"{asked.path}x", text="x" * 1_000)

    outcome = run(source(f"{site.url}/", limits={"bytes": 5_000}))

    assert outcome.outcome == "limited"
    assert 5_000 <= outcome.bytes < 15_000


def test_a_run_stops_at_its_limit_of_time(site: Site, run: Run) -> None:
    endless(site)
    outcome = run(source(f"{site.url}/", limits={"time": "1s"}, politeness={"delay": "100ms"}))

    assert outcome.outcome == "limited"
    assert outcome.reason == "the time limit of 1 second was reached"
    assert outcome.pages >= 1


def test_an_answer_that_is_too_long_is_cut_off_and_archived(site: Site, run: Run) -> None:
    site.routes |= {"/": html("/long", "/b"), "/long": Reply(body=b"x" * 5_000), "/b": html()}

    outcome = run(source(f"{site.url}/", limits={"page_bytes": 2_048}))

    assert outcome.outcome == "done"
    assert [exchange.truncated for exchange, _, _ in run.archive.kept if exchange.request.url.endswith("long")] == [
        "length"
    ]
    assert [event["url"] for event in events(run) if event["event"] == "cut-off"] == [f"{site.url}/long"]
    assert outcome.reason.endswith(
        "3 new or changed files archived; 1 file was larger than allowed, so only its beginning is archived"
    )


def test_a_run_whose_only_page_is_cut_off_says_so(site: Site, run: Run) -> None:
    site.routes["/long"] = Reply(body=b"x" * 5_000)

    cut = run(source(f"{site.url}/long", walk="page", limits={"page_bytes": 2_048}))
    whole = run(source(f"{site.url}/long", walk="page", limits={"page_bytes": 8_192}))

    assert (cut.outcome, cut.pages, cut.captures > 0) == ("done", 0, True)
    assert cut.reason == (
        "0 pages fetched, 1 new or changed file archived; 1 file was larger than allowed, "
        "so only its beginning is archived"
    )
    assert "larger" not in whole.reason


def test_a_long_body_arrives_in_a_file_beside_the_frontier_and_not_in_the_system_directory(
    site: Site, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    site.routes["/long.bin"] = Reply(body=bytes(3 << 20), type="application/octet-stream")

    outcome = run(source(f"{site.url}/long.bin", walk="page"))

    assert (outcome.outcome, outcome.bytes) == ("done", 3 << 20)
