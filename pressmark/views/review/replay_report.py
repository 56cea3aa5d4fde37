"""Report what the check of a run by replay found: all its pages, the worst first, with the marks of people."""

from __future__ import annotations

from collections import Counter

from pressmark.service.access.named_urls import names_taken_down
from pressmark.service.service import Service
from pressmark.views.capture_choice import stamps
from pressmark.views.describe_captures import page_link
from pressmark.views.review.marking import mark_shapes
from pressmark.views.review.replay_checks import HIDDEN_REASON, RESULTS, ReplayCheck, ReplayChecks, ReplayResult
from pressmark.views.review.replay_jobs import ReplayJob, ReplayJobs
from pressmark.views.review.review_shapes import ReviewMarkShape
from pressmark.views.shapes import Shape


class CheckedPage(ReplayCheck):
    """A page that was checked by replay."""

    page: str
    """The path of the archived page."""
    mark: ReviewMarkShape | None = None
    """What a person said of it in the review of the run; null if nobody did."""


class ReplayReport(Shape):
    """The results of a check by replay."""

    run: str
    job: ReplayJob | None
    """The last check: whether it waits, runs, ended or failed; null if nobody requested one."""
    counts: dict[ReplayResult, int]
    """The number of checked pages by result, also of those that `items` has no room for."""
    items: list[CheckedPage]
    """The worst first."""


def _shown(job: ReplayJob | None) -> ReplayJob | None:
    """Return a check without the reason of its failure if this names a page that is taken down in this context."""
    if job is None or not names_taken_down(job.reason):
        return job
    return job.model_copy(update={"reason": HIDDEN_REASON})


def replay_report(service: Service, run: str, limit: int) -> ReplayReport:
    """Return what is known of a run, with at most `limit` pages. Raises UnknownRun, DatabaseUnusable."""
    service.runs.get(run)
    checks = ReplayChecks(service.database).of_run(run)
    counted, shown, marks = Counter(one.result for one in checks), checks[:limit], mark_shapes(service, run)
    named = stamps(service, [(one.url, one.at, one.record_id) for one in shown])
    return ReplayReport(
        run=run,
        job=_shown(ReplayJobs(service.database).of_run(run)),
        counts={result: counted[result] for result in RESULTS},
        items=[
            CheckedPage(**dict(one), page=page_link(one.url, stamp), mark=marks.get(one.url))
            for one, stamp in zip(shown, named, strict=True)
        ],
    )
