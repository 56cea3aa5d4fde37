"""pressmark runs review, snapshot note: what a run found, and what people say of pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from pressmark.cli.access.recording import record
from pressmark.cli.captures import Url, When, snapshot_of
from pressmark.cli.options import Json, OfSource
from pressmark.cli.runs import RunId
from pressmark.cli.runtime import door_of, fail, reported
from pressmark.cli.terminal.output import show_bytes, show_json, show_table
from pressmark.service.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pressmark.views.review.review_shapes import ReviewMarkShape
    from pressmark.views.review.snapshot_notes import SnapshotNoteShape

_IN_TABLE, _ALL = 100, 2**31
"""Notes that are listed unless a limit is given: in a terminal, and for other programs."""


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


@reported
def note(
    context: typer.Context,
    url: Url,
    *,
    at: When = None,
    tag: Annotated[list[str] | None, typer.Option(metavar="TAG", help="A tag; repeat the option for more.")] = None,
    text: Annotated[str | None, typer.Option("--note", help="The note, at most 2,000 characters.")] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Remove the tags and the note.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Undo the last change of the tags and the note.")] = False,
    json: Json = False,
) -> None:
    """Show the tags and the note of an archived page, or replace them. All readers of the archive see them.

    Tags replace all tags before; what you do not give stays.

    \b
    pressmark snapshot note https://example.org/news/1
    pressmark snapshot note https://example.org/news/1 --tag budget --tag 2026 --note "Compare with the printed version"
    """
    from pressmark.service.access.trail import user_of_machine
    from pressmark.views.review.snapshot_notes import annotate, note_of, said_before, said_now, undo_note

    writes = tag is not None or text is not None
    if writes + clear + undo > 1:
        raise fail("the options --clear, --undo, and --tag or --note can't be used together", Exit.USAGE)
    by = user_of_machine()
    with door_of(context).opened() as service, snapshot_of(service, url, at) as found:
        shape = note_of(service, found.capture.record_id)
        if undo:
            shape = undo_note(service, found, by=by)
        elif writes or clear:
            tags = shape.tags if shape and tag is None and not clear else tag or []
            said = shape.note if shape and text is None and not clear else text or ""
            shape = annotate(service, found, tags, said, by=by)
        if shape is not None and (writes or clear or undo):
            record(context, service, shape.page, before=said_before(shape), after=said_now(shape))
    if shape is None or not (shape.tags or shape.note or writes or clear or undo):
        raise fail(f"the capture of {url} has no tags and no note", Exit.NOT_FOUND)
    if json:
        show_json(shape)
    else:
        _show_notes([shape])


@reported
def notes(
    context: typer.Context,
    *,
    tag: Annotated[str | None, typer.Option(metavar="TAG", help="Only snapshots with this tag.")] = None,
    source: OfSource = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Show at most this many results; default: 100, with --csv and --json all.")
    ] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Print a table as CSV, for other programs.")] = False,
    json: Json = False,
) -> None:
    """List the tags and notes that people gave to archived pages; those that were written last come first.

    \b
    pressmark snapshot notes --tag budget
    pressmark snapshot notes --csv > notes.csv
    """
    from pressmark.views.review.snapshot_notes import list_notes, notes_csv

    with door_of(context).opened() as service:
        most = limit or (_ALL if csv or json else _IN_TABLE)
        found = list_notes(service, tag=tag, source=source, limit=most).items
    if json:
        show_json({"items": found})
    elif csv:
        show_bytes(notes_csv(found).encode("utf-8", "replace"))
    else:
        _show_notes(found)


def _show_notes(found: Sequence[SnapshotNoteShape]) -> None:
    rows = [(one.url, one.at, ", ".join(one.tags), one.note, one.by, one.noted_at) for one in found]
    head = ("url", "archived", "tags", "note", "by", "written")
    show_table(head, rows, empty="no archived page has tags or a note yet")


def _said(mark: ReviewMarkShape | None) -> str:
    return " ".join(filter(None, (mark.judgement, mark.note))) if mark else ""
