"""The worker checks runs by replay as people request it, and says why where it can't."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from services.waiting import eventually
from specimens.versions import URL, Version, keep

from config.settings import Settings
from crawler.policy.order import Outcome
from crawler.policy.shared import BrowserLimits
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service
from pressmark.upkeep.qa.background import replay_checks_in_background
from pressmark.views.review.replay_jobs import ReplayJob, ReplayJobs, request_check
from scheduler.run import Run

NO_BROWSER = BrowserLimits(program="/nowhere/chromium")


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with open_pressmark(Settings(home=tmp_path / "home")) as service:
        yield service


def run_of(service: Service) -> Run:
    service.request_url(URL)
    run = service.runs.claim("w", service.epochs.begin("w"))
    assert run is not None
    return run


def ended(service: Service, run: str) -> ReplayJob:
    def looked() -> ReplayJob | None:
        job = ReplayJobs(service.database).of_run(run)
        return job if job and not job.is_active else None

    job = eventually(looked)
    assert job is not None
    return job


def test_a_run_that_archives_pages_is_not_checked(service: Service) -> None:
    with pytest.raises(ValueError, match=r"the run .* has not ended; its pages can be checked by replay after its end"):
        request_check(service, run_of(service).id, 100, by="person anna")


def test_a_check_without_a_browser_fails_with_the_reason(service: Service, tmp_path: Path) -> None:
    run = run_of(service)
    service.runs.finish(run, Outcome(outcome="done"))
    (tmp_path / "warcs").mkdir()
    keep(service, tmp_path / "warcs", Version("The clock struck thirteen.", run=run.id))
    request_check(service, run.id, 100, by="person anna")

    with replay_checks_in_background(service, NO_BROWSER):
        job = ended(service, run.id)

    assert (job.state, job.pages, job.checked) == ("failed", 1, 0)
    assert job.reason is not None
    assert "the browser '/nowhere/chromium' is not installed on this machine" in job.reason


def test_the_reason_of_an_unexpected_error_names_no_path_of_the_machine(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_of(service)
    service.runs.finish(run, Outcome(outcome="empty"))
    request_check(service, run.id, 100, by="person anna")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "removed"))

    with replay_checks_in_background(service, NO_BROWSER):
        job = ended(service, run.id)

    assert (job.state, job.reason) == ("failed", "an unexpected error ended the check; the log of the service names it")


def test_a_check_of_a_run_without_pages_ends_without_a_browser(service: Service) -> None:
    run = run_of(service)
    service.runs.finish(run, Outcome(outcome="empty"))
    request_check(service, run.id, 100, by="person anna")

    with replay_checks_in_background(service, NO_BROWSER):
        job = ended(service, run.id)

    assert (job.state, job.pages, job.checked, job.reason) == ("over", 0, 0, None)


def test_a_check_that_ended_several_processes_is_not_tried_again(service: Service) -> None:
    run = run_of(service)
    service.runs.finish(run, Outcome(outcome="done"))
    request_check(service, run.id, 100, by="person anna")
    for _ in range(3):
        ReplayJobs(service.database).claim(service.settings.worker.name, service.now())

    with replay_checks_in_background(service, NO_BROWSER):
        job = ended(service, run.id)

    assert job.reason == "the processes that checked the pages ended before the check, 3 times"
