"""pressmark spool: what the disk of a machine that is gone still has, or what is lost with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pressmark.cli.access.recording import record
from pressmark.cli.options import Json
from pressmark.cli.runtime import door_of, fail, fail_for, reported
from pressmark.cli.terminal.output import show_json, show_table
from pressmark.service.exits import Exit

if TYPE_CHECKING:
    from archive.index.purges.given_up import WaitingFile
    from pressmark.processes.addon_spools import Adopted

spool = typer.Typer(
    no_args_is_help=True,
    help="What a machine that no longer runs did not upload: upload it from its disk, or give it up.",
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

    The command first repairs files that were still being written. It adds nothing twice and deletes nothing but what a
    purge is about, in files that were given up: run it as often as you like. It needs permission to write to the
    directory. It ends with exit code 0 only if everything in the spool is in the store.

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


@spool.command("give-up")
@reported
def give_up(
    context: typer.Context,
    host: Annotated[
        str,
        typer.Argument(metavar="HOST", help="Name of the machine, as 'pressmark doctor' and 'verify --all' name it."),
    ],
    *,
    confirm: Annotated[
        str | None,
        typer.Option(
            "--confirm",
            metavar="CODE",
            help="Give up exactly the files that were shown, with the code that was shown with them.",
        ),
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Why the files are lost, for the audit trail.")] = None,
    json: Json = False,
) -> None:
    """Give up the archived files of a machine that are lost: no store has them, and the disk that had them is gone.

    A purge waits for such files, because their captures may need what it deletes. Once they are given up, it does not
    wait. Nothing is deleted: their captures stay in the list of captures, marked as missing, with who gave them up and
    why. If the machine comes back, what was purged meanwhile is deleted from its files; the rest is uploaded.

    Without --confirm, the command only shows the files. A file can be given up when its machine has been silent for a
    day and this machine can't read it. For a disk that can be read, use 'pressmark spool adopt'.

    \b
    pressmark spool give-up attic
    pressmark spool give-up attic --confirm 3-9f2c41ab --reason "the disk broke"
    """
    from socket import gethostname

    from archive.index.purges import given_up as given_up_files
    from archive.spool.sealed import spools_in
    from pressmark.service.access.trail import user_of_machine

    door = door_of(context)
    if (confirm is None) != (not (reason and reason.strip())):
        raise fail("--confirm and --reason need each other", Exit.USAGE)
    with door.opened() as service:
        spools, here = spools_in(service.settings.home), gethostname()
        found = given_up_files.waiting_files(service.database, host, here=here, spools=spools)
        now = service.epochs.now()
        lost = [one for one in found if one.is_lost(now)]
        before = [one for one in given_up_files.given_up(service.database) if one.host == host]
        given = confirm is not None and reason is not None
        if confirm is not None and reason is not None:
            lost = list(
                given_up_files.give_up(
                    service.database,
                    host,
                    confirm,
                    here=here,
                    now=service.now,
                    spools=spools,
                    by=user_of_machine(),
                    reason=reason.strip(),
                )
            )
            files = {one.segment: one.captures for one in lost}
            record(context, service, host, after={"reason": reason.strip(), "files": files})
    token = given_up_files.token_of(lost) if lost and not given else None
    if json:
        given_before = [{"segment": one.segment, "reason": one.sentence} for one in before]
        show_json({"items": [item_of(one, now) for one in found], "token": token, "given_up_before": given_before})
    elif found and not given:
        rows = [tuple(item_of(one, now).values())[:5] for one in found]
        show_table(("WARC file", "worker", "captures", "seen", "state"), rows, words=("state",), empty="")
    captures = sum(one.captures for one in lost)
    if before:
        door.print_note(f"WARC files of this machine that were given up before: {len(before)}")
    if given:
        door.print_note(f"given up: WARC files: {len(lost)}, captures in them: {captures}")
    elif lost:
        door.print_note(
            f"lost WARC files: {len(lost)}, captures in them: {captures}; nothing was changed; to give them up, add "
            f"--confirm {token} --reason REASON"
        )
    elif found:
        raise fail(f"no WARC file of the machine {host} can be given up now; the list says why", Exit.TEMPORARY)
    elif not before:
        raise fail(f"the machine {host} has no WARC files that are not in the store", Exit.NOT_FOUND)


def item_of(one: WaitingFile, now: datetime) -> dict[str, str | int | None]:
    """Return a row of the list, with whether it can be given up."""
    state = "can be given up"
    if one.path is not None:
        state = f"not lost: this machine can read {one.path}"
    elif not one.is_lost(now):
        minutes = -(-(one.free_at - now) // timedelta(minutes=1))
        state = f"its machine may come back: can be given up in {minutes // 60} h {minutes % 60} min"
    return {
        "segment": one.segment,
        "worker": one.worker,
        "captures": one.captures,
        "seen_at": f"{one.seen_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "state": state,
        "free_at": f"{one.free_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
    }


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
    if given_up := sum(one.given_up for one in adopted):
        ends.append(
            fail(
                f"WARC files that people gave up and that can't be taken back: {given_up}; see pressmark doctor",
                Exit.INTEGRITY,
            )
        )
    if waiting:
        ends.append(fail(f"WARC files that are not in the store yet: {waiting}; run the command again", Exit.TEMPORARY))
    if ends:
        raise ends[0]
