"""pressmark token: tokens of programs."""

from __future__ import annotations

from typing import Annotated

import typer

from pressmark.cli.access.recording import record
from pressmark.cli.options import Json
from pressmark.cli.runtime import door_of, fail, reported
from pressmark.cli.terminal.output import show, show_json, show_table
from pressmark.service.access.roles import Role
from pressmark.service.exits import Exit

token = typer.Typer(
    no_args_is_help=True, help="Manage access tokens, with which programs log in.", rich_markup_mode=None
)

Name = Annotated[
    str,
    typer.Argument(metavar="NAME", help="Name of the access token, which is shown in lists and in the audit trail."),
]


@token.command("add")
@reported
def add(
    context: typer.Context,
    name: Name,
    *,
    role: Annotated[
        Role,
        typer.Option(
            "--role",
            help="Role of the access token, which decides what programs may do with it. Each role includes "
            "the roles listed before it.",
        ),
    ] = Role.READ,
    collection: Annotated[
        list[str] | None,
        typer.Option(
            "--collection",
            help="Limit the access token to this collection (group of sources). To name several, repeat the option.",
        ),
    ] = None,
    expires: Annotated[
        str | None, typer.Option("--expires", help="How long the access token can be used, e.g. 90d (90 days).")
    ] = None,
    json: Json = False,
) -> None:
    """Make an access token and print it. Copy it at once: Pressmark does not store it and can't show it again.

    \b
    pressmark token add reading-room --role read --collection news --expires 90d
    """
    from config.duration import parse_duration
    from pressmark.views.access_shapes import token_shape

    try:
        lifetime = parse_duration(expires) if expires else None
    except ValueError as error:
        raise fail(str(error), Exit.USAGE) from None
    with door_of(context).opened() as service:
        row, secret = service.access.add_token(name, role, collections=collection or (), expires=lifetime)
        shape = token_shape(row, service.now())
        record(context, service, name, after={"role": role.value, "collections": shape.collections})
    if json:
        show_json({**shape.model_dump(mode="json"), "token": secret})
        return
    show(secret)
    door_of(context).print_note("copy the access token now: Pressmark can't show it again")


@token.command("list")
@reported
def list_tokens(context: typer.Context, *, json: Json = False) -> None:
    """List the access tokens, with their roles and last uses.

    \b
    pressmark token list
    """
    from pressmark.views.access_shapes import token_shape

    with door_of(context).opened() as service:
        shapes = [token_shape(row, service.now()) for row in service.access.tokens.all()]
    if json:
        show_json({"items": shapes})
        return
    rows = [
        (one.name, one.state, one.role.value, ", ".join(one.collections or ()), one.expires_at, one.used_at)
        for one in shapes
    ]
    head = ("name", "state", "role", "collections", "expires", "last use")
    show_table(
        head, rows, words=("state",), empty="there are no access tokens yet; 'pressmark token add NAME' makes one"
    )


@token.command("revoke")
@reported
def revoke(context: typer.Context, name: Name, *, json: Json = False) -> None:
    """Revoke an access token. It stops working within a second. Its name stays in the list.

    \b
    pressmark token revoke reading-room
    """
    with door_of(context).opened() as service:
        service.access.revoke_token(name)
        record(context, service, name)
    door_of(context).print_note(f"revoked {name}")
    if json:
        show_json({"name": name, "revoked": True})
