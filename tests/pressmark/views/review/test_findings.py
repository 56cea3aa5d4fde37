"""The review of a run on a real archive: what it finds, in which order, and what it leaves alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from services.retrieving import Retrieving, served
from specimens.captures import NOON
from specimens.segments import CONTEXT, SegmentFile, answered
from specimens.versions import THREAD, URL, Version, keep, thread_version

from config.settings import Settings
from crawler.policy.order import Outcome
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service
from pressmark.views.review.findings import review
from scheduler.run import UnknownRun

SITE = "https://example.org"
LONG = "The harbour was quiet on Monday, and the council met about the new reactor. " * 20
LATER = f"{LONG}\nOn Tuesday, it met again."
POSTS = [("1", "Who decides?"), ("2", "The board."), ("3", "Then so be it.")]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    (tmp_path / "warcs").mkdir()
    with open_pressmark(Settings(home=tmp_path / "home")) as opened:
        yield opened


def finished(service: Service, **facts: object) -> str:
    """Return the id of a finished run."""
    service.request_url(f"{SITE}/")
    run = service.runs.claim("w", service.epochs.begin("w"))
    assert run is not None
    service.runs.finish(run, Outcome(outcome="partial", **facts))  # type: ignore[arg-type]
    return run.id


def found(service: Service, run: str) -> list[tuple[str, str, str | None]]:
    return [(item.finding, item.url, item.reason) for item in review(service, run).items]


def archived(service: Service, tmp_path: Path, run: str, *versions: Version) -> None:
    keep(service, tmp_path / "warcs", *(replace(version, run=run) for version in versions))


def test_a_page_that_lost_nine_tenths_of_its_text_is_suspicious(service: Service, tmp_path: Path) -> None:
    first, second = finished(service), finished(service)
    archived(service, tmp_path, first, Version(LONG), Version(LONG, f"{SITE}/2", 1))
    archived(service, tmp_path, second, Version("Please enable cookies.", minute=2), Version(LATER, f"{SITE}/2", 3))

    assert found(service, first) == [("new", URL, None), ("new", f"{SITE}/2", None)]
    assert found(service, second) == [
        ("suspicious", URL, f"the text has 22 characters; before, it had {len(LONG)}"),
        ("changed", f"{SITE}/2", None),
    ]
    assert review(service, second).counts == {"suspicious": 1, "failed": 0, "missing": 0, "changed": 1, "new": 0}


def test_a_text_that_came_back_after_a_run_is_not_the_one_before_it(service: Service, tmp_path: Path) -> None:
    runs = [finished(service) for _ in range(4)]
    for minute, (run, text) in enumerate(zip(runs, (LONG, "Closed.", "Please enable cookies.", LONG), strict=True)):
        archived(service, tmp_path, run, Version(text, minute=minute))

    assert found(service, runs[1]) == [("suspicious", URL, f"the text has 7 characters; before, it had {len(LONG)}")]
    assert found(service, runs[2]) == [("changed", URL, None)]


def test_a_text_that_came_back_before_a_run_is_the_one_before_it(service: Service, tmp_path: Path) -> None:
    runs = [finished(service) for _ in range(4)]
    for minute, (run, text) in enumerate(zip(runs, (LONG, "Closed.", LONG, "Please enable cookies."), strict=True)):
        archived(service, tmp_path, run, Version(text, minute=minute))

    assert found(service, runs[3]) == [("suspicious", URL, f"the text has 22 characters; before, it had {len(LONG)}")]


def test_a_page_that_became_a_login_is_suspicious_and_one_that_says_not_found_is_missing(
    service: Service, tmp_path: Path
) -> None:
    first, second = finished(service), finished(service)
    archived(service, tmp_path, first, Version(LONG), Version(LONG, f"{SITE}/2", 1))
    login, lost = ({"fields": {"verdict": {"kind": kind, "reason": "its title"}}} for kind in ("login", "soft-404"))
    archived(service, tmp_path, second, Version("Log in", minute=2, facts=login))
    archived(service, tmp_path, second, Version("Not found", f"{SITE}/2", 3, facts=lost))

    assert found(service, second) == [
        ("suspicious", URL, "the server sent a login form instead of the page"),
        ("missing", f"{SITE}/2", "the page says that it does not exist"),
    ]
    assert review(service, second).items[0].diff is not None


def test_a_page_whose_text_is_gone_is_suspicious_and_one_that_never_had_a_text_is_not(
    service: Service, tmp_path: Path
) -> None:
    first, second = finished(service), finished(service)
    archived(service, tmp_path, first, Version(LONG))
    archived(service, tmp_path, second, Version("", minute=1, facts={"state": "none", "text": None}))
    archived(service, tmp_path, second, Version("", f"{SITE}/empty", 2, facts={"state": "none", "text": None}))

    assert found(service, second) == [("suspicious", URL, f"the text has 0 characters; before, it had {len(LONG)}")]


def test_a_thread_that_lost_posts_is_suspicious_and_one_that_grew_is_not(service: Service, tmp_path: Path) -> None:
    runs = [finished(service) for _ in range(3)]
    for minute, (run, posts) in enumerate(zip(runs, (POSTS[:2], POSTS, POSTS[1:2]), strict=True)):
        archived(service, tmp_path, run, thread_version(posts, minute))

    assert found(service, runs[1]) == [("changed", THREAD, None)]
    assert found(service, runs[2]) == [("suspicious", THREAD, "the page has 1 post; before, it had 3")]


def test_failures_and_missing_pages_come_before_changes(service: Service, tmp_path: Path) -> None:
    missing = {"no connection": {"count": 4, "example": f"{SITE}/listed"}}
    threads = [{"url": THREAD, "missing": "2-3", "pages": 3}]
    listed = {"listed": 9, "had": 1, "known": 4, "missing": missing, "incomplete": threads, "incomplete_threads": 1}
    run = finished(service, failures=2, completeness=listed)
    segment = SegmentFile(tmp_path, "20260131T130000Z-1-0-aaaa")
    mine = replace(CONTEXT, run=run)
    segment.write(answered(f"{SITE}/gone", b"gone", status="404 Not Found"), context=mine)
    for path in ("/robots.txt", "/.well-known/tdmrep.json", "/ai.txt"):
        segment.write(answered(SITE + path, b"", status="404 Not Found"), context=mine)
    service.archive.ingest(segment.path, "default")
    archived(service, tmp_path, run, Version(LONG, minute=1))
    failed = [{"at": NOON.isoformat(), "event": "failure", "url": f"{SITE}/{n}", "reason": "timeout"} for n in (1, 2)]
    log = service.settings.home / "logs" / "runs" / f"{run}.jsonl"
    log.parent.mkdir(parents=True)
    log.write_text("".join(f"{json.dumps(event)}\n" for event in failed))

    assert found(service, run) == [
        ("failed", f"{SITE}/1", "timeout"),
        ("failed", f"{SITE}/2", "timeout"),
        ("missing", f"{SITE}/gone", "the website answered with an error (status 404) instead of the page"),
        ("missing", f"{SITE}/listed", "no connection"),
        ("missing", THREAD, f"pages 2-3 of the forum thread {THREAD} are missing from this run"),
        ("new", URL, None),
    ]


def test_long_lists_are_cut_and_their_counts_are_not(service: Service, tmp_path: Path) -> None:
    run = finished(service)
    archived(service, tmp_path, run, *(Version(LONG, f"{SITE}/{n}", n) for n in range(4)))
    cut = review(service, run, limit=3)

    assert (len(cut.items), cut.counts["new"]) == (3, 4)
    with pytest.raises(UnknownRun):
        review(service, "nothing")


def test_a_run_that_failed_without_a_page_says_why(service: Service) -> None:
    run = finished(service)
    empty = review(service, run)
    with served(service) as url:
        page = Retrieving(url, service, []).text(f"/runs/{run}/review")

    assert (empty.items, empty.outcome, empty.reason) == ([], "empty", "the run archived nothing")
    assert "the run archived nothing" in page and "There are no pages to review in this run." in page


def test_page_and_api_show_the_review(service: Service, tmp_path: Path) -> None:
    first, second = finished(service), finished(service)
    archived(service, tmp_path, first, Version(LONG))
    archived(service, tmp_path, second, Version("Please enable cookies.", minute=1))
    with served(service) as url:
        door = Retrieving(url, service, [])
        told = json.loads(door.text(f"/api/v1/runs/{second}/review?limit=5"))
        page = door.text(f"/runs/{second}/review")
        link = door.text(f"/runs/{second}")
        unknown = [door.get(path)[0] for path in ("/runs/x/review", "/api/v1/runs/x/review")]

    assert [(item["finding"], item["url"]) for item in told["items"]] == [("suspicious", URL)]
    assert told["counts"]["suspicious"] == told["compared"] == 1
    assert "the text has 22 characters" in page and f'href="{told["items"][0]["diff"]}"' in page
    assert f'href="/runs/{second}/review"' in link
    assert unknown == [404, 404]
