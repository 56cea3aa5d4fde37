"""pressmark trail: who did what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pressmark.cli.options import Json
from pressmark.cli.runtime import door_of, fail, reported
from pressmark.cli.terminal.output import show_json, show_sentence, show_table
from pressmark.service.exits import Exit

if TYPE_CHECKING:
    from pressmark.service.service import Service


@reported
def trail(
    context: typer.Context,
    *,
    since: Annotated[
        str | None, typer.Option(help="Show only entries since this time, such as 2026 or 20260131.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Show at most this many results.")] = 100,
    verify: Annotated[
        bool, typer.Option("--verify", help="Check that nobody has changed or removed an entry of the audit trail.")
    ] = False,
    json: Json = False,
) -> None:
    """Show the audit trail: who changed what, from which address and when, and which requests were refused.

    Pressmark keeps each entry for 400 days. The command shows the newest entries first.

    \b
    pressmark trail --since 202601
    pressmark trail --verify
    """
    from archive.values.timestamps import parse_timestamp
    from pressmark.views.access_shapes import trail_shape

    begin = parse_timestamp(since) if since else None
    with door_of(context).opened() as service:
        if verify:
            _verify(service, json=json)
            return
        shapes = [trail_shape(row) for row in service.access.trail.newest(since=begin, limit=limit)]
    if json:
        show_json({"items": shapes})
        return
    rows = [
        (f"{one.at:%Y-%m-%d %H:%M:%S}Z", one.who, one.origin, one.action, one.target, one.outcome) for one in shapes
    ]
    head = ("time", "who", "from", "action", "target", "outcome")
    show_table(head, rows, words=("from", "outcome"), empty="the audit trail is empty: nobody has changed anything yet")


def _verify(service: Service, *, json: bool) -> None:
    found = service.access.trail.verify()
    if json:
        show_json({"entries": found.rows, "head": found.head, "problem": found.problem})
    elif found.problem is None:
        show_sentence(
            f"no entry of the audit trail was changed or removed ({found.rows} entries); the newest has the "
            f"checksum {found.head}"
        )
    if found.problem is not None:
        raise fail(f"the audit trail was changed after it was written: {found.problem}", Exit.INTEGRITY)
