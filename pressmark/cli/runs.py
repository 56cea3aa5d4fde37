"""pressmark runs …, timetable …, pause and resume: past and coming runs."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from pressmark.cli.access.recording import record
from pressmark.cli.options import Json, OfSource, run_ids
from pressmark.cli.runtime import door_of, reported
from pressmark.cli.terminal.output import show, show_json, show_table

runs = typer.Typer(no_args_is_help=True, help="List crawls (runs), and look at what each did.", rich_markup_mode=None)
timetable = typer.Typer(no_args_is_help=True, help="Show when Pressmark will crawl each source.", rich_markup_mode=None)

RunId = Annotated[
    str,
    typer.Argument(
        help="The id of the run. `pressmark runs list` shows the ids.", metavar="RUN", autocompletion=run_ids
    ),
]
Limit = Annotated[int, typer.Option(min=1, max=10_000, help="Show at most this many results.")]


@runs.command("list")
@reported
def list_runs(
    context: typer.Context,
    source: OfSource = None,
    status: Annotated[
        Literal["queued", "running", "over"] | None,
        typer.Option(help="Only runs with this status: queued, running, or over (ended)."),
    ] = None,
    limit: Limit = 20,
    json: Json = False,
) -> None:
    """List runs (crawls), newest first.

    \b
    pressmark runs list --source example-org
    """
    from pressmark.views.describe import runs_of

    with door_of(context).opened() as service:
        shapes = runs_of(service.runs_of(source, status, limit=limit))
    if json:
        show_json({"items": shapes})
        return
    head = ("run", "outcome", "started", "pages", "captures", "unchanged", "failures", "reason")
    rows = [
        (
            shape.id,
            shape.outcome or shape.status,
            f"{shape.started_at:%Y-%m-%d %H:%M:%S}Z" if shape.started_at else "-",
            shape.pages,
            shape.captures,
            shape.revisits,
            shape.failures,
            shape.reason or "",
        )
        for shape in shapes
    ]
    show_table(
        head,
        rows,
        words=("outcome", "reason"),
        empty="there are no runs (crawls) yet; to start one, use 'pressmark run'",
    )


@runs.command("show")
@reported
def show_run(context: typer.Context, run: RunId, json: Json = False) -> None:
    """Show a run, how many pages it skipped and why, and the URLs that failed.

    \b
    pressmark runs show 20261124T155500Z-example-org-1a2b3c --json
    """
    from pressmark.views.describe import run_shape
    from pressmark.views.links import readable
    from pressmark.views.log_place import failures_unknown, log_missing
    from pressmark.views.run_log import failed_urls, left_out

    with door_of(context).opened() as service:
        row = service.runs.get(run)
        shape, missing_log = run_shape(row), log_missing(service, row)
        failed, unknown = failed_urls(service.settings.home, run), failures_unknown(service, row)
    if missing_log is not None:
        door_of(context).print_note(missing_log)
    if json:
        known = [one.model_dump(mode="json") for one in failed]
        show_json(shape.model_dump(mode="json") | {"failed": known if unknown is None else None})
        return
    for name, value in shape.model_dump(mode="json", exclude={"completeness", "spider", "not_fetched"}).items():
        if value not in (None, "", False):
            show(f"{name:13} {readable(str(value))}")
    for line in left_out(shape.not_fetched):
        show(f"{'not fetched':13} {line}")
    for one in failed:
        show(f"{'failed':13} {readable(one.url)}: {one.reason}")
    if shape.spider is not None:
        show(f"{'items':13} {shape.spider.items}")
    if (told := shape.completeness) is not None:
        show(f"{'listed':13} {told.listed}: {told.had} fetched now, {told.known} archived before")
        for reason, missing in told.missing.items():
            example = f", such as {missing.example}" if missing.example else ""
            show(f"{'missing':13} {missing.count}: {reason}{example}")
        for thread in told.incomplete:
            show(f"{'incomplete':13} {readable(thread.url)}: of {thread.pages} pages {thread.missing} missing")


@runs.command("pages")
@reported
def pages(
    context: typer.Context,
    run: RunId,
    *,
    requisites: Annotated[
        bool, typer.Option("--requisites", help="Also list images, styles, scripts and fonts.")
    ] = False,
    cursor: Annotated[
        str | None,
        typer.Option(
            help="Show the next part of a long list. Give the cursor that the command printed at the end "
            "of the previous part."
        ),
    ] = None,
    limit: Limit = 100,
    json: Json = False,
) -> None:
    """List the pages that a run archived. To export them, use: pressmark export wacz --run RUN -o FILE.

    \b
    pressmark runs pages 20261124T155500Z-example-org-1a2b3c
    """
    from pressmark.views.describe_captures import kind_of
    from pressmark.views.run_captures import captured_by

    with door_of(context).opened() as service:
        found = captured_by(service, run, cursor=cursor, limit=limit, requisites=requisites)
    if json:
        show_json(found)
        return
    head = ("timestamp", "status", "kind", "url")
    rows = [(one.timestamp, one.status, kind_of(one), one.url) for one in found.items]
    show_table(head, rows, words=("kind",), empty="this run archived no page")
    if found.next:
        door_of(context).print_note(f"for more results, add --cursor {found.next}")


@runs.command("logs")
@reported
def logs(context: typer.Context, run: RunId, json: Json = False) -> None:
    """Show the log of a run.

    \b
    pressmark runs logs 20261124T155500Z-example-org-1a2b3c
    """
    from pressmark.views.log_place import log_missing
    from pressmark.views.run_log import entries, log_line

    with door_of(context).opened() as service:
        missing = log_missing(service, service.runs.get(run))
        found = list(entries(service.settings.home, run))
    if missing is not None:
        door_of(context).print_note(missing)
    if json:
        show_json({"items": found})
        return
    for entry in found:
        show(log_line(entry).replace("\n", " "))


@runs.command("cancel")
@reported
def cancel(
    context: typer.Context,
    run: RunId,
    reason: Annotated[
        str, typer.Option(help="Why you cancel the run. Lists and logs show this reason.")
    ] = "cancelled by the user",
    *,
    json: Json = False,
) -> None:
    """Cancel a run. A queued run ends at once; a running one ends within seconds.

    \b
    pressmark runs cancel 20261124T155500Z-example-org-1a2b3c
    """
    from pressmark.views.describe import run_shape

    with door_of(context).opened() as service:
        found = service.runs.cancel(run, reason)
        record(context, service, run)
    door_of(context).print_note(
        f"the run {run} was cancelled before it started"
        if found.status == "over"
        else f"the run {run} was cancelled and will end soon"
    )
    if json:
        show_json(run_shape(found))


@timetable.command("next")
@reported
def next_ticks(
    context: typer.Context,
    source: OfSource = None,
    limit: Limit = 20,
    json: Json = False,
) -> None:
    """Show the next scheduled runs.

    \b
    pressmark timetable next --limit 5
    """
    from pressmark.views.describe import tick_shape

    with door_of(context).opened() as service:
        shapes = [tick_shape(tick) for tick in service.next_ticks(limit, source=source)]
    if json:
        show_json({"items": shapes})
        return
    rows = [(f"{shape.at:%Y-%m-%d %H:%M:%S}Z", shape.source) for shape in shapes]
    show_table(
        ("due", "source"),
        rows,
        empty="no run is planned: no source has a timetable, or all sources with a timetable are paused",
    )


@reported
def pause(
    context: typer.Context,
    reason: Annotated[
        str | None, typer.Option(help="Why you pause the crawling. Lists and logs show this reason.")
    ] = None,
    *,
    json: Json = False,
) -> None:
    """Pause all crawling: no new crawl starts, and running crawls finish.

    \b
    pressmark pause --reason "the store is being moved"
    """
    with door_of(context).opened() as service:
        new = service.pauses.pause(reason=reason)
        record(context, service, reason or "")
    door_of(context).print_note("all crawling is paused" if new else "nothing changed: all crawling was already paused")
    if json:
        show_json({"paused": True, "changed": new, "reason": reason})


@reported
def resume(context: typer.Context, *, json: Json = False) -> None:
    """Crawl again after `pressmark pause`.

    \b
    pressmark resume
    """
    with door_of(context).opened() as service:
        gone = service.pauses.resume()
        record(context, service)
    door_of(context).print_note("crawling resumed" if gone else "nothing changed: crawling was not paused")
    if json:
        show_json({"paused": False, "changed": gone, "reason": None})
