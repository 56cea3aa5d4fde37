"""The results of checks by replay: what each page is called, and that they are hidden with their pages."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from services.retrieving import Retrieving, served
from specimens.versions import URL, Version, keep

from config.settings import Settings
from crawler.policy.order import Outcome
from pressmark.service.assembly import open_pressmark
from pressmark.views.review.replay_checks import ReplayCheck, ReplayChecks
from pressmark.views.review.replay_jobs import ReplayJobs

BARE: dict[str, object] = {
    "url": URL,
    "at": "2026-01-31T12:00:00Z",
    "record_id": "<urn:uuid:1>",
    "checked_at": "2026-01-31T13:00:00Z",
    "missing_urls": [],
}


def test_a_page_that_was_taken_down_is_in_no_list_of_checks(tmp_path: Path) -> None:
    (tmp_path / "warcs").mkdir()
    with open_pressmark(Settings(home=tmp_path / "home")) as service:
        service.request_url(URL)
        run = service.runs.claim("w", service.epochs.begin("w"))
        assert run is not None
        service.runs.finish(run, Outcome(outcome="partial"))
        keep(service, tmp_path / "warcs", Version("The clock struck thirteen.", run=run.id))
        [capture] = service.index.captures(URL)
        found = ReplayCheck(
            url=URL,
            at=capture.at,
            record_id=capture.record_id,
            checked_at=datetime.now(UTC),
            missing=1,
            missing_urls=["http://files.example/secret.js"],
        )
        ReplayChecks(service.database).store(run.id, [found])
        ReplayJobs(service.database).request(run.id, 7, by="person anna", now=datetime.now(UTC))
        paths = (
            f"/runs/{run.id}/qa",
            f"/api/v1/runs/{run.id}/qa",
            f"/api/v1/runs/{run.id}/review",
            f"/runs/{run.id}/review",
        )
        with served(service) as url:
            door = Retrieving(url, service, [])
            before = [door.get(path)[2] for path in paths]
            service.take_downs.add(URL, "a request of the author", by="ada")
            after = [door.get(path)[2] for path in paths]

    assert all(b"secret.js" in body for body in before)
    assert not any(b"secret.js" in body or URL.encode() in body for body in after)


@pytest.mark.parametrize(
    ("facts", "result"),
    [
        ({}, "nothing-compared"),
        ({"missing": 1, "missing_urls": ["http://files.example/a.js"]}, "different"),
        ({"text_distance": 0.0}, "in-order"),
        ({"picture_distance": 0.02}, "in-order"),
        ({"text_distance": 0.0, "picture_unread": True}, "different"),
        ({"text_distance": 0.5, "picture_distance": 0.0}, "different"),
        ({"problem": "the page crashed in the browser"}, "not-shown"),
    ],
)
def test_a_page_of_which_nothing_was_compared_is_not_in_order(facts: dict[str, object], result: str) -> None:
    check = ReplayCheck.model_validate(BARE | facts)

    assert check.result == result
    assert (check.finding is None) == (result in ("nothing-compared", "in-order"))


def test_pages_of_which_nothing_was_compared_stand_before_those_in_order() -> None:
    bare, good = ReplayCheck.model_validate(BARE), ReplayCheck.model_validate(BARE | {"text_distance": 0.09})
    bad = ReplayCheck.model_validate(BARE | {"text_distance": 0.2})

    assert sorted((good, bad, bare), key=lambda one: one.badness, reverse=True) == [bad, bare, good]
