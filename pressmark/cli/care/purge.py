"""pressmark purge: delete archived captures for good."""

from __future__ import annotations

from typing import Annotated

import typer

from pressmark.cli.access.recording import record
from pressmark.cli.options import Json
from pressmark.cli.runtime import door_of, fail, reported
from pressmark.cli.terminal.language import translate
from pressmark.cli.terminal.output import counted, show_json, show_table
from pressmark.service.exits import Exit

_SHOWN = 20


@reported
def purge(
    context: typer.Context,
    records: Annotated[
        list[str] | None,
        typer.Argument(metavar="[RECORD]...", help="Ids of WARC records, as the page of a version shows them."),
    ] = None,
    *,
    take_down: Annotated[
        str | None,
        typer.Option(
            "--takedown", metavar="ID", help="Delete what this take-down hides, from 'pressmark takedown list'."
        ),
    ] = None,
    retention: Annotated[
        bool,
        typer.Option("--retention", help="Delete what is older than the setting retention of its collection."),
    ] = False,
    reason: Annotated[str, typer.Option("--reason", help="Reason of the deletion. It is stored for good.")],
    with_revisits: Annotated[
        bool,
        typer.Option("--with-revisits", help="Also delete later versions that were stored as a reference to these."),
    ] = False,
    really: Annotated[bool, typer.Option("--really", help="Delete. Without this, nothing is changed.")] = False,
    json: Json = False,
) -> None:
    """Delete archived versions for good, from the store and its copies (replicas). Nothing else deletes them.

    Each WARC file that has one of them is written again without it. The lists of stored files (manifests) name what was
    deleted, when and why. Without --really, the command only shows what it would delete.

    \b
    pressmark purge 5f2c81d0-6a0e-4d0c-9a6b-0d6a3b1f7c22 --reason "a court order"
    pressmark purge --takedown 5f2c81d0 --reason "a court order" --really
    pressmark purge --retention --reason "two years are over" --really
    """
    from pressmark.upkeep.purges import purge as purge_captures

    if not (records or take_down or retention or really):
        raise fail("say what to delete: ids of records, --takedown or --retention", Exit.USAGE)
    door = door_of(context)
    with door.opened() as service:
        done = purge_captures(
            service,
            records or (),
            reason=reason,
            take_down=take_down,
            retention=retention,
            with_revisits=with_revisits,
            really=really,
        )
        if really:
            ids = [one.record_id for one in done.captures]
            record(context, service, take_down or " ".join(records or ()), before={"records": ids}, after=reason)
    if json:
        show_json(done)
    else:
        rows = [(one.at, one.url, one.collection, one.record_id) for one in done.captures[:_SHOWN]]
        show_table(("time", "URL", "collection", "id"), rows, empty="there is nothing to delete")
        captures = translate(counted(len(done.captures), "capture"))
        if not really and done.captures:
            door.print_note(f"would delete {captures}; nothing was changed; to delete, add --really")
        elif done.captures:
            door.print_note(f"deleted {captures}")
    for name, why in done.unreached.items():
        door.print_note(f"the replica {name} still has what was deleted: {why}; run the command again")
    if done.unreached:
        raise typer.Exit(Exit.STORE)
