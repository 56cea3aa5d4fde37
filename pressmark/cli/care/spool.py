"""pressmark spool adopt: what the disk of a machine that is gone still has."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pressmark.cli.access.recording import record
from pressmark.cli.options import Json
from pressmark.cli.runtime import door_of, fail, fail_for, reported
from pressmark.cli.terminal.output import show_json
from pressmark.service.exits import Exit

if TYPE_CHECKING:
    from pressmark.processes.addon_spools import Adopted

spool = typer.Typer(
    no_args_is_help=True,
    help="Upload the archived files that are still on the disk of a machine that no longer runs.",
    rich_markup_mode=None,
)


@spool.command("adopt")
@reported
def adopt(
    context: typer.Context,
    directory: Annotated[
        Path,
        typer.Argument(
            metavar="DIR",
            help="Spool of the other machine (its directory of archived files that are not in the store yet), or "
            "the directory that contains its spools.",
        ),
    ],
    *,
    json: Json = False,
) -> None:
    """Upload the archived files in the spool of a machine that no longer runs, from its disk or from a copy of it.

    The command first repairs files that were still being written. It adds nothing twice and deletes nothing: run it as
    often as you like. It needs permission to write to the directory. It ends with exit code 0 only if everything in the
    spool is in the store.

    \b
    pressmark spool adopt /mnt/old-disk/pressmark-home/spool
    """
    from dataclasses import asdict

    from pressmark.processes.addon_spools import Adopted, adopt, spools_in

    door = door_of(context)
    if not (spools := spools_in(directory)):
        raise fail(
            f"there is no spool (directory of archived files that are not in the store yet) at {directory}",
            Exit.NOT_FOUND,
        )
    adopted, ends, refused = list[Adopted](), list[typer.Exit](), list[dict[str, str]]()
    with door.opened(mending=True) as service:
        for place in spools:
            try:
                adopted.append(adopt(service, place))
            except Exception as error:  # one spool keeps no other from its upload
                ends.append(fail_for(error))
                refused.append({"spool": str(place), "reason": str(error)})
                door.print_note(f"{place}: not adopted, for the reason above")
        record(context, service, str(directory), outcome="done" if adopted else "failed")
    for one in adopted:
        door.print_note(f"{one.spool}: WARC files in the store: {one.segments}, captures in them: {one.captures}")
    if json:
        show_json({"items": [asdict(one) for one in adopted], "refused": refused})
    end_of(adopted, ends)


def end_of(adopted: Sequence[Adopted], ends: list[typer.Exit]) -> None:
    """End with an error unless everything that the spools had is in the store. Raises typer.Exit.

    `ends` are those of spools that could not be adopted.
    """
    waiting = sum(one.waiting for one in adopted)
    unreadable = sum(one.unreadable for one in adopted)
    lost = sum(one.lost for one in adopted)
    if lost:
        ends.append(fail(f"captures that are lost, as the disk no longer has their files: {lost}", Exit.INTEGRITY))
    if unreadable:
        ends.append(
            fail(f"WARC files that the disk can't read: {unreadable}; the errors above name them", Exit.INTEGRITY)
        )
    if waiting:
        ends.append(fail(f"WARC files that are not in the store yet: {waiting}; run the command again", Exit.TEMPORARY))
    if ends:
        raise ends[0]
