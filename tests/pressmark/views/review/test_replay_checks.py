"""The results of the quality assurance of a run are hidden with their pages."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from services.retrieving import Retrieving, served
from specimens.versions import URL, Version, keep

from config.settings import Settings
from crawler.policy.order import Outcome
from pressmark.service.assembly import open_pressmark
from pressmark.views.review.replay_checks import ReplayCheck, ReplayChecks


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
        paths = (f"/api/v1/runs/{run.id}/qa", f"/api/v1/runs/{run.id}/review", f"/runs/{run.id}/review")
        with served(service) as url:
            door = Retrieving(url, service, [])
            before = [door.get(path)[2] for path in paths]
            service.take_downs.add(URL, "a request of the author", by="ada")
            after = [door.get(path)[2] for path in paths]

    assert all(b"secret.js" in body for body in before)
    assert not any(b"secret.js" in body or URL.encode() in body for body in after)
