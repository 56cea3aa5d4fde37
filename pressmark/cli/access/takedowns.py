"""pressmark takedown: pages that the archive keeps and does not show."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from pressmark.cli.access.recording import record
from pressmark.cli.options import Json
from pressmark.cli.runtime import door_of, reported
from pressmark.cli.terminal.output import show_json, show_table

takedown = typer.Typer(
    no_args_is_help=True, help="Take pages down: they stay archived, but nobody can see them.", rich_markup_mode=None
)


@takedown.command("add")
@reported
def add(
    context: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="URL of the page, or of any page of the site.")],
    *,
    reason: Annotated[str, typer.Option("--reason", help="Reason for the take-down, which readers see.")],
    match: Annotated[
        Literal["exact", "prefix", "host", "domain"],
        typer.Option(
            "--match",
            help="Pages to take down: only this page (exact), all URLs that begin with it (prefix), its site "
            "(host), or its site with subdomains (domain).",
        ),
    ] = "exact",
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="TIME",
            help="Take down only the version that was archived at this time. "
            "'pressmark captures' shows the times of all versions.",
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="TIME", help="Time or date at which the take-down ends automatically."),
    ] = None,
    json: Json = False,
) -> None:
    """Take pages down. Readers who open their addresses then see the reason instead. Lists, searches, feeds and exports
    leave these pages out.

    The archived files stay as they are. Versions that are archived later are hidden too.

    \b
    pressmark takedown add https://example.org/private --reason "a request of the author"
    pressmark takedown add https://example.org/ --match host --reason "a court order" --until 2027-01-31
    """
    from pressmark.service.access.trail import user_of_machine
    from pressmark.views.access_shapes import take_down_shape

    with door_of(context).opened() as service:
        one = service.take_downs.add(url, reason, by=user_of_machine(), match=match, at=at, until=until)
        shape = take_down_shape(one, service.now(), service.take_downs.ports_left(one))
        record(context, service, one.url, after=shape.model_dump(mode="json"))
    door_of(context).print_note(f"took down {one.url}; to show it again, run pressmark takedown lift {one.id}")
    if shape.ports_left:
        ports = ", ".join(map(str, shape.ports_left))
        door_of(context).print_note(
            f"not taken down: the captures of this host at other ports ({ports}); --match domain takes down the site "
            "and its subdomains at any port"
        )
    if json:
        show_json(shape)


@takedown.command("list")
@reported
def list_take_downs(context: typer.Context, *, json: Json = False) -> None:
    """List what was taken down, why, by whom and until when.

    \b
    pressmark takedown list
    """
    from pressmark.views.access_shapes import take_down_shape

    with door_of(context).opened() as service:
        now = service.now()
        shapes = [take_down_shape(one, now, service.take_downs.ports_left(one)) for one in service.take_downs.all()]
    if json:
        show_json({"items": shapes})
        return
    rows = [
        (one.id, one.state, one.url, one.at or one.match, one.reason, one.by, one.since, one.until) for one in shapes
    ]
    head = ("id", "state", "URL", "kind", "reason", "who", "since", "until")
    show_table(head, rows, words=("state",), empty="no content was taken down yet")


@takedown.command("lift")
@reported
def lift(
    context: typer.Context,
    id: Annotated[str, typer.Argument(metavar="ID", help="Id of the take-down, from 'pressmark takedown list'.")],
    *,
    json: Json = False,
) -> None:
    """End a take-down. Readers can see the pages again within a second.

    \b
    pressmark takedown lift 5f2c81d0
    """
    from pressmark.service.access.trail import user_of_machine
    from pressmark.views.access_shapes import take_down_shape

    with door_of(context).opened() as service:
        one = service.take_downs.lift(id, by=user_of_machine())
        record(context, service, one.url, before={"id": one.id, "reason": one.reason})
        shape = take_down_shape(one, service.now())
    door_of(context).print_note(f"readers can see {one.url} again")
    if json:
        show_json(shape)
