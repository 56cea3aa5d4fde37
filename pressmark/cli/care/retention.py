"""pressmark retention: delete for good what collections no longer keep."""

from __future__ import annotations

from typing import Annotated

import typer

from pressmark.cli.access.recording import record
from pressmark.cli.care.purge import show_done, show_plan
from pressmark.cli.options import Json
from pressmark.cli.runtime import door_of, reported
from pressmark.cli.terminal.output import show_json, show_table


@reported
def retention(
    context: typer.Context,
    collection: Annotated[str | None, typer.Argument(metavar="[COLLECTION]", help="Collection to look at.")] = None,
    *,
    confirm: Annotated[
        str | None,
        typer.Option(
            "--confirm",
            metavar="CODE",
            help="Delete exactly the records that were shown, with the code that was shown with them.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Show what collections no longer keep, and delete it for good.

    The setting retention says how long a collection keeps its captures. Nothing is deleted by itself, and without
    --confirm nothing is changed. What is held, and what other captures need, stays.

    \b
    pressmark retention
    pressmark retention press
    pressmark retention press --confirm 120-9f2c41ab
    """
    from pressmark.service.access.purged_since import RETENTION
    from pressmark.service.access.trail import COMMAND_LINE, user_of_machine
    from pressmark.upkeep.purging import purges_of
    from pressmark.views.access_shapes import purge_now, purge_shape, retention_shapes

    with door_of(context).opened() as service:
        if collection is None:
            shapes = retention_shapes(service)
            if json:
                show_json({"items": shapes})
                return
            rows = [(one.collection, one.days, one.before, one.older) for one in shapes]
            nothing = "the settings have no retention: nothing is too old to keep"
            show_table(("collection", "days", "before", "older"), rows, words=(), empty=nothing)
            return
        id_ = RETENTION + collection
        if confirm is None:
            shape = purge_shape(service, id_, purges_of(service).plan(id_))
            show_plan(context, shape, json=json)
            return
        shape = purge_now(purges_of(service), service, id_, confirm, by=user_of_machine(), origin=COMMAND_LINE)
        record(context, service, id_, after=shape.model_dump(mode="json", exclude={"files_left", "kept_back"}))
    show_done(context, shape, json=json)
