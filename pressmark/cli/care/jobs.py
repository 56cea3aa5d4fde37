"""pressmark jobs: audits and rebuilds of the whole store, and exports, that services do in jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pressmark.cli.access.recording import record
from pressmark.cli.options import Json
from pressmark.cli.runtime import door_of, fail, reported
from pressmark.cli.terminal.output import counted, print_note, show_json, show_sentence, show_table
from pressmark.service.exits import Exit

if TYPE_CHECKING:
    from pressmark.service.service import Service
    from pressmark.upkeep.batches.shapes import BatchShape

jobs = typer.Typer(
    no_args_is_help=True,
    help="Show and cancel what services do in jobs: audits, rebuilds, exports and texts (verify --all --queue, "
    "rebuild --queue, export --queue, extract --queue).",
    rich_markup_mode=None,
)

_LOOK_EVERY = 1.0
"""Seconds between two looks at what services have done."""

Id = Annotated[
    str,
    typer.Argument(
        metavar="ID", help="Id of the audit, rebuild or export, as pressmark jobs list shows it, or extraction."
    ),
]


@jobs.command("list")
@reported
def list_jobs(context: typer.Context, *, json: Json = False) -> None:
    """List audits, rebuilds and exports in jobs, newest first, with their progress, and first the texts that are left
    to extract again.

    \b
    pressmark jobs list
    """
    from pressmark.upkeep.batches.shapes import listed

    with door_of(context).opened() as service:
        shapes = listed(service)
    if json:
        show_json({"items": shapes})
        return
    rows = [
        (
            one.id,
            one.kind,
            one.state,
            f"{one.jobs - one.left_jobs}/{one.jobs}",
            one.failing_jobs,
            f"{one.requested_at:%Y-%m-%d %H:%M:%S}",
            one.requested_by,
        )
        for one in shapes
    ]
    head = ("id", "kind", "state", "jobs", "failing", "requested", "by")
    show_table(head, rows, words=("kind", "state"), empty="no audit, rebuild or export was left to services")


@jobs.command("show")
@reported
def show_jobs(context: typer.Context, id: Id, *, json: Json = False) -> None:
    """Show an audit, a rebuild or an export in jobs: its progress, its result, and what it found damaged.

    \b
    pressmark jobs show audit-20260131120000-9f2c41
    """
    from pressmark.service.readers import batches_of
    from pressmark.upkeep.batches.kinds import wrong_in
    from pressmark.upkeep.batches.shapes import shape_of

    with door_of(context).opened() as service:
        shape = shape_of(service, id)
        wrong = wrong_in(batches_of(service).results(id))
    if json:
        show_json({**shape.model_dump(mode="json"), "findings": [one for each in wrong for one in each.findings]})
        return
    show_state(shape)
    for each in wrong:
        for finding in each.findings:
            show_sentence(f"  {each.name}: {finding.sentence}")


@jobs.command("wait")
@reported
def wait_for_jobs(context: typer.Context, id: Id, *, json: Json = False) -> None:
    """Wait until services have done an audit, a rebuild or an export in jobs, and show it. If anything is wrong, the
    exit code is 10.

    \b
    pressmark jobs wait audit-20260131120000-9f2c41
    """
    door = door_of(context)
    with door.opened() as service:
        shape = awaited(service, id, quiet=door.verbosity < 0 or json)
    show_jobs(context, id, json=json)
    if shape.result and shape.result["wrong"]:
        raise typer.Exit(Exit.INTEGRITY)


@jobs.command("cancel")
@reported
def cancel_jobs(context: typer.Context, id: Id, *, json: Json = False) -> None:
    """Cancel an audit, a rebuild or an export in jobs. What its jobs have found or restored stays; the parts of an
    export are deleted.

    With the id extraction, cancel what is left of all commands extract --queue. Texts that were extracted stay, and so
    do the earlier texts of the others. Services still extract the texts of new files.

    Jobs that services do at the moment end within seconds, without effect.

    \b
    pressmark jobs cancel audit-20260131120000-9f2c41
    pressmark jobs cancel extraction
    """
    from pressmark.upkeep.batches.shapes import cancel

    with door_of(context).opened() as service:
        shape = cancel(service, id)
        record(context, service, id, after={"jobs": shape.jobs, "left": shape.left_jobs})
    if json:
        show_json(shape)
    else:
        show_state(shape)


def show_state(shape: BatchShape) -> None:
    """Write the state of what services do in jobs, in a line or two."""
    done, left = counted(shape.jobs - shape.left_jobs, "job"), counted(shape.left_jobs, "job")
    if shape.state == "cancelled":
        show_sentence(f"{shape.id} was cancelled: {done} done, {left} not done")
    elif shape.state == "open":
        show_sentence(f"{shape.id} is not over: {done} done, {left} left")
    else:
        show_sentence(f"{shape.id} is done: {done}")
    if shape.problem:
        failing = counted(shape.failing_jobs, "job")
        show_sentence(f"{failing} failed several times and will be tried again; the first is {shape.problem}")


def awaited(service: Service, id_: str, *, quiet: bool) -> BatchShape:
    """Wait until services have done an audit, a rebuild or an export; return how it ended.

    Exit with an error if it was cancelled, if no service does it, or if only jobs are left that fail again and again.
    """
    from time import sleep

    from pressmark.cli.terminal.progress import counting
    from pressmark.upkeep.batches.shapes import followed

    def wait() -> None:
        if not service.roles_seen.has("read"):
            left = counted(shape.left_jobs, "job")
            raise fail(
                f"{left} of {id_} are left, but no running service has the role read",
                Exit.TEMPORARY,
                "start one with the command: pressmark serve --role read; it begins with these jobs",
            )
        sleep(_LOOK_EVERY)

    if not quiet:
        print_note(
            f"services with the role read do {id_}; if this command is interrupted, they continue; to wait for them "
            "again, run pressmark jobs wait"
        )
    with counting("jobs", quiet=quiet) as count:
        for shape in followed(service, id_, wait):
            count(shape.jobs - shape.left_jobs, shape.jobs)
    if shape.state == "cancelled":
        raise fail(f"{id_} was cancelled", Exit.TEMPORARY, "to begin again, request it again")
    if shape.state == "open":
        failing = counted(shape.failing_jobs, "job")
        raise fail(
            f"{failing} of {id_} failed several times and will be tried again; the first is {shape.problem}",
            Exit.TEMPORARY,
            f"repair the cause, then wait for the jobs that are left: pressmark jobs wait {id_}",
        )
    return shape
