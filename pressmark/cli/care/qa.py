"""pressmark qa: show the pages of a run from the archive alone, and compare them with their captures."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from pressmark.cli.access.recording import record
from pressmark.cli.options import Json
from pressmark.cli.runs import RunId
from pressmark.cli.runtime import door_of, fail, reported
from pressmark.cli.terminal.output import show_json, show_table
from pressmark.service.exits import Exit

if TYPE_CHECKING:
    from pressmark.service.service import Service
    from pressmark.views.review.replay_checks import ReplayCheck

_TOGETHER = 20
"""Results that are stored at once."""


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
    that differ, the worst first. Exit code 3 means that there are such pages.

    \b
    pressmark qa 20261124T155500Z-example-org-1a2b3c
    """
    from crawler.browser.chromium import BrowserMissing

    with door_of(context).opened() as service:
        service.runs.get(run)
        try:
            checks = asyncio.run(_checked(service, run, limit))
        except BrowserMissing as error:
            raise fail(str(error), Exit.CONFIG) from error
        bad = [one for one in checks if one.finding]
        record(context, service, run, after={"pages": len(checks), "different": len(bad)})
    if json:
        show_json({"items": checks, "different": len(bad)})
    else:
        rows = [
            (_share(one.text_distance), one.missing, _share(one.picture_distance), one.url, one.finding or "")
            for one in checks
        ]
        head = ("text", "missing", "picture", "url", "reason")
        show_table(head, rows, words=("reason",), empty="the run has no pages to check")
    if bad:
        raise typer.Exit(Exit.PARTIAL)


async def _checked(service: Service, run: str, limit: int) -> list[ReplayCheck]:
    from pressmark.processes.worker_crawls import browser_limits
    from pressmark.upkeep.qa.check_run import check_run
    from pressmark.views.review.replay_checks import ReplayChecks

    store, checks, unstored = ReplayChecks(service.database), [], []
    async for one in check_run(service, run, browser_limits(service.settings), limit=limit):
        checks.append(one)
        unstored.append(one)
        if len(unstored) >= _TOGETHER:
            store.store(run, unstored)
            unstored = []
    if unstored:
        store.store(run, unstored)
    return sorted(checks, key=lambda one: one.badness, reverse=True)


def _share(distance: float | None) -> str:
    return "-" if distance is None else f"{distance:.0%}"
