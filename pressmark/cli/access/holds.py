"""pressmark hold: what nobody may delete for good."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from pressmark.cli.access.recording import record
from pressmark.cli.options import Json
from pressmark.cli.runtime import door_of, reported
from pressmark.cli.terminal.output import show_json, show_table

hold = typer.Typer(
    no_args_is_help=True, help="Protect pages or collections: nobody can delete them for good.", rich_markup_mode=None
)


@hold.command("add")
@reported
def add(
    context: typer.Context,
    url: Annotated[
        str | None, typer.Argument(metavar="[URL]", help="URL of the page, or of any page of the site.")
    ] = None,
    *,
    reason: Annotated[str, typer.Option("--reason", help="Reason for the hold.")],
    collection: Annotated[
        str | None, typer.Option("--collection", metavar="NAME", help="Hold a whole collection, without a URL.")
    ] = None,
    match: Annotated[
        Literal["exact", "prefix", "host", "domain"],
        typer.Option(
            "--match",
            help="Pages to hold: only this page (exact), all URLs that begin with it (prefix), its site (host), or its "
            "site with subdomains (domain).",
        ),
    ] = "exact",
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="TIME",
            help="Hold only the version that was archived at this time. 'pressmark captures' shows the times of all "
            "versions.",
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="TIME", help="Time or date at which the hold ends automatically."),
    ] = None,
    json: Json = False,
) -> None:
    """Hold pages or a collection: no purge deletes them until the hold ends.

    \b
    pressmark hold add https://example.org/report --reason "file 12 O 345/26"
    pressmark hold add --collection press --reason "a lawsuit" --until 2028-01-31
    """
    from pressmark.service.access.holds import holds_of
    from pressmark.service.access.trail import user_of_machine
    from pressmark.views.access_shapes import hold_shape

    with door_of(context).opened() as service:
        one = holds_of(service).add(
            url, reason, by=user_of_machine(), collection=collection, match=match, at=at, until=until
        )
        shape = hold_shape(one, service.now())
        what = one.collection or one.url
        record(context, service, what, after=shape.model_dump(mode="json"))
    door_of(context).print_note(f"nobody can delete {what} for good now; to end this, run pressmark hold lift {one.id}")
    if json:
        show_json(shape)


@hold.command("list")
@reported
def list_holds(context: typer.Context, *, json: Json = False) -> None:
    """List what is held, why, by whom and until when.

    \b
    pressmark hold list
    """
    from pressmark.service.access.holds import holds_of
    from pressmark.views.access_shapes import hold_shape

    with door_of(context).opened() as service:
        now = service.now()
        shapes = [hold_shape(one, now) for one in holds_of(service).all()]
    if json:
        show_json({"items": shapes})
        return
    rows = [
        (one.id, one.state, one.collection, one.url, one.at or one.match, one.reason, one.by, one.since, one.until)
        for one in shapes
    ]
    head = ("id", "state", "collection", "URL", "kind", "reason", "who", "since", "until")
    show_table(head, rows, words=("state",), empty="nothing is held: no hold was added yet")


@hold.command("lift")
@reported
def lift(
    context: typer.Context,
    id: Annotated[str, typer.Argument(metavar="ID", help="Id of the hold, from 'pressmark hold list'.")],
    *,
    json: Json = False,
) -> None:
    """End a hold. What it protected can be purged again.

    \b
    pressmark hold lift 5f2c81d0
    """
    from pressmark.service.access.holds import holds_of
    from pressmark.service.access.trail import user_of_machine
    from pressmark.views.access_shapes import hold_shape

    with door_of(context).opened() as service:
        one = holds_of(service).lift(id, by=user_of_machine())
        what = one.collection or one.url
        record(context, service, what, before={"id": one.id, "reason": one.reason})
        shape = hold_shape(one, service.now())
    door_of(context).print_note(f"{what} is not held any more")
    if json:
        show_json(shape)
