"""Marks in the review of a run: who said what, pages that are archived again, and the numbers of each collection."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from services.retrieving import Retrieving, served

from config.settings import Settings
from crawler.policy.order import Outcome
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service
from pressmark.views.review.findings import review
from pressmark.views.review.marking import LONGEST_NOTE, mark_page, mark_shapes, review_totals
from scheduler.run import UnknownRun

URL = "https://example.org/news/1"
SOURCE = "source: news\nseeds: ['https://example.org/']\nwalk: page\nkeep: {collection: papers}\n"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    (tmp_path / "home" / "sources").mkdir(parents=True)
    (tmp_path / "home" / "sources" / "news.yaml").write_text(SOURCE)
    with open_pressmark(Settings(home=tmp_path / "home")) as opened:
        yield opened


@pytest.fixture
def run(service: Service) -> str:
    """Return a finished run with one page that failed."""
    service.request("news")
    run = service.runs.claim("w", service.epochs.begin("w"))
    assert run is not None
    service.runs.finish(run, Outcome(outcome="partial", failures=1))
    log = service.settings.home / "logs" / "runs" / f"{run.id}.jsonl"
    log.parent.mkdir(parents=True)
    failure = {"at": service.now().isoformat(), "event": "failure", "url": URL, "reason": "timeout"}
    log.write_text(json.dumps(failure) + "\n")
    return run.id


def test_a_mark_replaces_the_one_before_and_an_empty_one_deletes_it(service: Service, run: str) -> None:
    mark_page(service, run, URL, "good", "", by="anna")
    mark_page(service, run, URL, "bad", " the picture is missing ", by="ben")
    [item] = review(service, run).items
    counted = review_totals(service)
    deleted = mark_page(service, run, URL, None, " ", by="ben")

    assert item.mark is not None
    assert (item.mark.judgement, item.mark.note, item.mark.by) == ("bad", "the picture is missing", "ben")
    assert [(one.collection, one.good, one.bad, one.recapture, one.notes) for one in counted] == [
        ("papers", 0, 1, 0, 1)
    ]
    assert (deleted, mark_shapes(service, run), review_totals(service)) == (None, {}, [])


def test_a_page_to_be_archived_again_gets_one_run_until_that_is_over(service: Service, run: str) -> None:
    first, again = (mark_page(service, run, URL, "recapture", "", by="anna") for _ in range(2))
    assert first is not None and again is not None and first.again is not None
    claimed = service.runs.claim("w", service.epochs.begin("w"))
    assert claimed is not None
    service.runs.finish(claimed, Outcome(outcome="done"))
    after = mark_page(service, run, URL, "recapture", "", by="anna")

    assert first.again == again.again == claimed.id
    assert (claimed.url, claimed.source) == (URL, "news")
    assert after is not None and after.again not in (None, claimed.id)


def test_a_mark_needs_a_run_a_url_and_a_note_that_is_not_too_long(service: Service, run: str) -> None:
    with pytest.raises(UnknownRun):
        mark_page(service, "nothing", URL, "good", "", by="anna")
    with pytest.raises(ValueError, match="full URL"):
        mark_page(service, run, "news", "good", "", by="anna")
    with pytest.raises(ValueError, match="at most 1000 characters"):
        mark_page(service, run, URL, None, "x" * (LONGEST_NOTE + 1), by="anna")


def test_pages_and_api_mark_and_count(service: Service, run: str) -> None:
    with served(service) as url:
        door = Retrieving(url, service, [])
        path = f"/api/v1/runs/{run}/review"
        sent = json.dumps({"url": URL, "judgement": "recapture", "note": "a <b> note"}).encode()
        marked = door.send_body("POST", path, sent, "application/json")
        listed = json.loads(door.text(path))["items"][0]["mark"]
        page = door.text(f"/runs/{run}/review")
        fields = urlencode({"url": URL, "judgement": "good", "note": ""}).encode()
        by_form = door.send_body("POST", f"/runs/{run}/review", fields, "application/x-www-form-urlencoded")
        totals = json.loads(door.text("/api/v1/review"))["items"]
        collections = door.text("/collections")
        wrong = door.send_body("POST", path, b'{"url": "x", "judgement": "good"}', "application/json")

    assert marked[0] == 200 and listed["by"] == "anyone"
    assert f'href="/runs/{listed["again"]}"' in page and "a &lt;b&gt; note" in page
    assert (by_form[0], wrong[0]) == (303, 422)
    assert totals == [{"collection": "papers", "good": 1, "bad": 0, "recapture": 0, "notes": 0}]
    assert "the marks that people gave to pages" in collections
