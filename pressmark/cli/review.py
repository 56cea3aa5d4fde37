"""pressmark runs review: what a run found, the worst first."""

from __future__ import annotations

from typing import Annotated

import typer

from pressmark.cli.options import Json
from pressmark.cli.runs import RunId
from pressmark.cli.runtime import door_of, reported
from pressmark.cli.terminal.output import show_json, show_table


@reported
def review(
    context: typer.Context,
    run: RunId,
    *,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Show at most this many pages of each finding.")] = 100,
    json: Json = False,
) -> None:
    """Review a run, the worst first: suspicious, failed, missing, changed and new pages.

    A page is suspicious if it became a login form, a CAPTCHA or a block page, lost nine tenths of its text, or lost
    posts.

    \b
    pressmark runs review 20261124T155500Z-example-org-1a2b3c
    """
    from pressmark.views.review.findings import review as reviewed

    with door_of(context).opened() as service:
        found = reviewed(service, run, limit)
    if json:
        show_json(found)
        return
    rows = [(one.finding, one.url, one.reason or "") for one in found.items]
    empty = "there is nothing to review: the run found nothing new, and nothing is wrong"
    show_table(("finding", "url", "reason"), rows, words=("finding", "reason"), empty=empty)
