"""pressmark purge: delete for good what was taken down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from pressmark.cli.access.recording import record
from pressmark.cli.options import Json
from pressmark.cli.runtime import door_of, fail, reported
from pressmark.cli.terminal.output import print_note, show_json, show_table
from pressmark.service.exits import Exit

if TYPE_CHECKING:
    from pressmark.views.access_shapes import PurgeShape

_SHOWN = 20


@reported
def purge(
    context: typer.Context,
    takedown: Annotated[
        str | None, typer.Argument(metavar="[TAKEDOWN]", help="Id of a take-down, from 'pressmark takedown list'.")
    ] = None,
    *,
    confirm: Annotated[
        str | None,
        typer.Option(
            "--confirm",
            metavar="CODE",
            help="Delete exactly the records that were shown, with the code that was shown with them.",
        ),
    ] = None,
    with_revisits: Annotated[
        bool,
        typer.Option(
            "--with-revisits",
            help="Also delete versions of other pages that are stored as a reference to what is deleted.",
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Delete for good what a take-down hides. This is the only deletion of archived pages.

    Each WARC file with such a page is written again without it, in the store and in its copies (replicas). The list of
    stored files (manifest) says which records were deleted, why, by whom and when.

    Without --confirm, the command only shows what would be deleted. Without an id, it ends purges that were
    interrupted, and deletes purged files that came back from older copies.

    \b
    pressmark purge 5f2c81d0
    pressmark purge 5f2c81d0 --confirm 3-9f2c41ab
    pressmark purge
    """
    from pressmark.service.access.trail import COMMAND_LINE, user_of_machine
    from pressmark.upkeep.purging import purges_of
    from pressmark.views.access_shapes import purge_now, purge_shape

    door = door_of(context)
    with door.opened() as service:
        purges = purges_of(service)
        if takedown is None:
            if confirm:
                raise fail("--confirm needs the id of a take-down", Exit.USAGE, "see pressmark takedown list")
            unreached = purges.resume()
            record(context, service, "", after={"unreached": sorted(unreached)})
            _tell(unreached, json=json)
            return
        if confirm is None:
            shape = purge_shape(service, takedown, purges.plan(takedown, with_revisits=with_revisits))
            show_plan(context, shape, json=json)
            return
        by = user_of_machine()
        shape = purge_now(purges, service, takedown, confirm, by=by, origin=COMMAND_LINE, with_revisits=with_revisits)
        record(context, service, takedown, after=shape.model_dump(mode="json", exclude={"files_left", "kept_back"}))
    show_done(context, shape, json=json)


def show_plan(context: typer.Context, shape: PurgeShape, *, json: bool) -> None:
    """Show what a purge would delete, and how to confirm it."""
    if json:
        show_json(shape)
    else:
        _show(shape)
    if shape.records:
        door_of(context).print_note(f"nothing was changed; to delete these records, add --confirm {shape.token}")
    else:
        door_of(context).print_note("there is nothing to delete")


def show_done(context: typer.Context, shape: PurgeShape, *, json: bool) -> None:
    """Show what a purge deleted. Ends the command with the code of the store if a place was not reached."""
    if json:
        show_json(shape)
    door_of(context).print_note(f"deleted for good: {shape.records} records in {len(shape.segments)} WARC files")
    _warn(shape.unreached)


def _show(shape: PurgeShape) -> None:
    counts = (
        ("records", shape.records),
        ("bytes", shape.bytes),
        ("texts", shape.texts),
        ("pictures", shape.pictures),
        ("revisits", shape.revisits),
        ("WARC files", len(shape.segments)),
        ("replicas", ", ".join(shape.replicas)),
        ("kept back", len(shape.kept_back)),
    )
    show_table(("what", "count"), counts, words=("what",), empty="")
    if shape.kept_back:
        rows = [(one.url, one.at, one.why, ", ".join(one.needed_by)) for one in shape.kept_back[:_SHOWN]]
        show_table(("URL", "time", "kept back", "needed by"), rows, words=("kept back",), empty="")
    for sentence in shape.not_reached:
        print_note(sentence)


def _tell(unreached: Mapping[str, str], *, json: bool) -> None:
    if json:
        show_json({"unreached": unreached})
    _warn(unreached)


def _warn(unreached: Mapping[str, str]) -> None:
    for place, why in unreached.items():
        print_note(f"{place} still has files that were purged: {why}; it is tried again each hour")
    if unreached:
        raise typer.Exit(Exit.STORE)
