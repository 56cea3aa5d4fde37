"""pressmark qa: show the pages of a run from the archive alone, and compare them with their captures."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from pressmark.cli.access.recording import record
from pressmark.cli.options import Json
from pressmark.cli.runs import RunId
from pressmark.cli.runtime import door_of, fail, reported
from pressmark.cli.terminal.output import print_note, show_json, show_table
from pressmark.service.exits import Exit

if TYPE_CHECKING:
    from pressmark.service.service import Service
    from pressmark.upkeep.qa.perform_check import PerformedCheck


@reported
def qa(
    context: typer.Context,
    run: RunId,
    *,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="Check at most this many pages.")] = 100,
    json: Json = False,
) -> None:
    """Check how well the pages of a run are archived: show each in a browser from the archive alone.

    The text, the files and the picture are compared with those at the capture. The review of the run lists the pages
    that differ, the worst first. Exit code 3 means that pages differ, or that nothing of a page could be compared.
    If a check of the run was requested and waits, the command performs that one, with the larger of the two limits.

    \b
    pressmark qa 20261124T155500Z-example-org-1a2b3c
    """
    from crawler.browser.chromium import BrowserMissing
    from pressmark.views.review.replay_checks import RESULTS

    with door_of(context).opened() as service:
        try:
            performed = _performed(service, run, limit)
        except BrowserMissing as error:
            raise fail(str(error), Exit.CONFIG) from error
        checks = performed.results()
        counted = Counter(one.result for one in checks)
        counts = {result: counted[result] for result in RESULTS}
        record(context, service, run, after={"pages": len(checks), "different": sum(bool(c.finding) for c in checks)})
    if json:
        different = counts["different"] + counts["not-shown"]
        left = performed.job.unchecked
        show_json({"items": checks, "counts": counts, "different": different, "unchecked": left})
    else:
        rows = [
            (
                one.result,
                _share(one.text_distance),
                one.missing,
                _share(one.picture_distance),
                one.url,
                one.finding or "",
            )
            for one in checks
        ]
        head = ("result", "text", "missing", "picture", "url", "reason")
        show_table(head, rows, words=("result", "reason"), empty="the run has no pages to check")
        if count := counts["nothing-compared"]:
            print_note(f"pages without a text or a picture that could be compared: {count}")
        if count := performed.job.unchecked:
            print_note(f"pages of the run that were not checked: {count}; to check them, give a larger --limit")
    if len(checks) > counts["in-order"]:
        raise typer.Exit(Exit.PARTIAL)


def _performed(service: Service, run: str, limit: int) -> PerformedCheck:
    """Check in this process. Raises BrowserMissing, BeingChecked, UnknownRun, ValueError for a run that is not over."""
    from pressmark.processes.worker_crawls import browser_limits
    from pressmark.service.access.trail import user_of_machine
    from pressmark.upkeep.qa.perform_check import PerformedCheck
    from pressmark.views.review.replay_jobs import BeingChecked, ReplayJobs, check_is_over

    check_is_over(service, run)
    jobs = ReplayJobs(service.database)
    now = service.now()
    job = jobs.begin(run, limit, by=user_of_machine(), worker=f"pressmark qa, process {os.getpid()}", now=now)
    performed = PerformedCheck(service, job, browser_limits(service.settings))
    try:
        asyncio.run(performed.run())
    except KeyboardInterrupt:
        if job.requested_at < now:  # a person requested it: it is given back, and waits
            jobs.give_back(performed.job)
        else:
            jobs.end(performed.job, service.now(), "somebody interrupted the command")
        raise
    except BeingChecked:
        raise
    except Exception as error:
        jobs.end(performed.job, service.now(), str(error))
        raise
    jobs.end(performed.job, service.now())
    return performed


def _share(distance: float | None) -> str:
    return "-" if distance is None else f"{distance:.0%}"
