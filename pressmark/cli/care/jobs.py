"""pressmark jobs: audits and rebuilds of the whole store that services do in jobs."""

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
    help="Show and cancel audits and rebuilds that services do in jobs (verify --all --queue, rebuild --queue).",
    rich_markup_mode=None,
)

_LOOK_EVERY = 1.0
"""Seconds between two looks at what services have done."""

Id = Annotated[str, typer.Argument(metavar="ID", help="Id of the audit or rebuild, as pressmark jobs list shows it.")]


@jobs.command("list")
@reported
def list_jobs(context: typer.Context, *, json: Json = False) -> None:
    """List audits and rebuilds in jobs, newest first, with their progress.

    \b
    pressmark jobs list
    """
    from pressmark.service.readers import batches_of
    from pressmark.upkeep.batches.shapes import batch_shape

    with door_of(context).opened() as service:
        batches = batches_of(service)
        shapes = [batch_shape(batches, one) for one in batches.newest()]
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
    show_table(head, rows, words=("kind", "state"), empty="no audit or rebuild was left to services")


@jobs.command("show")
@reported
def show_jobs(context: typer.Context, id: Id, *, json: Json = False) -> None:
    """Show an audit or a rebuild in jobs: its progress, its result, and what it found damaged.

    \b
    pressmark jobs show audit-20260131120000-9f2c41
    """
    from pressmark.service.readers import batches_of
    from pressmark.upkeep.batches.kinds import wrong_in
    from pressmark.upkeep.batches.shapes import batch_shape

    with door_of(context).opened() as service:
        batches = batches_of(service)
        shape = batch_shape(batches, batches.get(id))
        wrong = wrong_in(batches.results(id))
    if json:
        show_json({**shape.model_dump(mode="json"), "findings": [one for each in wrong for one in each.findings]})
        return
    show_state(shape)
    for each in wrong:
        for finding in each.findings:
            show_sentence(f"  {each.name}: {finding.sentence}")


@jobs.command("cancel")
@reported
def cancel(context: typer.Context, id: Id, *, json: Json = False) -> None:
    """Cancel an audit or a rebuild in jobs. What its jobs have found or restored stays.

    Jobs that services do at the moment end within seconds, without effect.

    \b
    pressmark jobs cancel audit-20260131120000-9f2c41
    """
    from pressmark.service.readers import batches_of
    from pressmark.upkeep.batches.shapes import batch_shape

    with door_of(context).opened() as service:
        batches = batches_of(service)
        shape = batch_shape(batches, batches.cancel(id))
        record(context, service, id, after={"jobs": shape.jobs, "left": shape.left_jobs})
    if json:
        show_json(shape)
    else:
        show_state(shape)


def show_state(shape: BatchShape) -> None:
    """Write the state of an audit or a rebuild, in a line or two."""
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
    """Wait until services have done an audit or a rebuild; return how it ended.

    Exit with an error if it was cancelled, if no service does it, or if only jobs are left that fail again and again.
    """
    from time import sleep

    from pressmark.cli.terminal.progress import counting
    from pressmark.service.readers import batches_of
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
        print_note(f"services with the role read do {id_}; if this command is interrupted, they continue")
    with counting("jobs", quiet=quiet) as count:
        for shape in followed(batches_of(service), id_, wait):
            count(shape.jobs - shape.left_jobs, shape.jobs)
    if shape.state == "cancelled":
        raise fail(f"{id_} was cancelled", Exit.TEMPORARY, "to begin again, repeat the command")
    if shape.state == "open":
        failing = counted(shape.failing_jobs, "job")
        raise fail(
            f"{failing} of {id_} failed several times and will be tried again; the first is {shape.problem}",
            Exit.TEMPORARY,
            "repair the cause, then repeat the command: it waits for the jobs that are left",
        )
    return shape
