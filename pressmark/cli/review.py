"""pressmark runs review: what a run found, the worst first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from pressmark.cli.access.recording import record
from pressmark.cli.options import Json
from pressmark.cli.runs import RunId
from pressmark.cli.runtime import door_of, reported
from pressmark.cli.terminal.output import show_json, show_table

if TYPE_CHECKING:
    from pressmark.views.review.review_shapes import ReviewMarkShape


@reported
def review(
    context: typer.Context,
    run: RunId,
    *,
    limit: Annotated[
        int,
        typer.Option(min=1, max=1000, help="Show at most this many pages of each kind, such as suspicious or failed."),
    ] = 100,
    json: Json = False,
) -> None:
    """Review a run: list its suspicious, failed, missing, changed and new pages, the most serious first.

    A page is suspicious if it became a login form, a CAPTCHA or a block page (access refused), lost nine tenths of its
    text, or has fewer posts than before.

    \b
    pressmark runs review 20261124T155500Z-example-org-1a2b3c
    """
    from pressmark.views.review.findings import review as reviewed

    with door_of(context).opened() as service:
        found = reviewed(service, run, limit)
    if json:
        show_json(found)
        return
    rows = [(one.finding, one.url, one.reason or "", _said(one.mark)) for one in found.items]
    head = ("finding", "url", "reason", "mark")
    show_table(head, rows, words=("finding", "reason"), empty="there are no pages to review in this run")


@reported
def mark(
    context: typer.Context,
    run: RunId,
    url: Annotated[str, typer.Argument(help="URL of the page, as the review shows it.", metavar="URL")],
    judgement: Annotated[
        Literal["good", "bad", "recapture"] | None,
        typer.Argument(help="The mark: good, bad, or recapture (archive the page again).", metavar="[MARK]"),
    ] = None,
    *,
    note: Annotated[str, typer.Option(help="A note, at most 1,000 characters.")] = "",
    json: Json = False,
) -> None:
    """Mark a page in the review of a run. If you give neither a mark nor a note, the earlier mark is deleted.

    \b
    pressmark runs mark 20261124T155500Z-example-org-1a2b3c https://example.org/news/1 recapture
    """
    from pressmark.service.access.trail import user_of_machine
    from pressmark.views.review.marking import mark_page

    with door_of(context).opened() as service:
        marked = mark_page(service, run, url, judgement, note, by=user_of_machine())
        record(context, service, f"{run} {url}", after={"judgement": judgement, "note": note})
    if marked is not None and marked.again:
        door_of(context).print_note(f"the run {marked.again} will archive the page again")
    if json:
        show_json(marked or {})


@reported
def marks(context: typer.Context, *, json: Json = False) -> None:
    """Count, for each collection, the marks that reviewers gave to pages.

    \b
    pressmark runs marks
    """
    from pressmark.views.review.marking import review_totals

    with door_of(context).opened() as service:
        totals = review_totals(service)
    if json:
        show_json({"items": totals})
        return
    rows = [(one.collection, one.good, one.bad, one.recapture, one.notes) for one in totals]
    show_table(("collection", "good", "bad", "recapture", "notes"), rows, empty="nobody has marked a page yet")


def _said(mark: ReviewMarkShape | None) -> str:
    return " ".join(filter(None, (mark.judgement, mark.note))) if mark else ""
