"""pressmark backup, restore: copy a home while its service runs, and fill a new one from the copy."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pressmark.cli.options import Json
from pressmark.cli.runtime import door_of, fail, reported
from pressmark.cli.terminal.language import translate
from pressmark.cli.terminal.output import counted, print_note, show, show_json
from pressmark.service.exits import Exit

if TYPE_CHECKING:
    from archive.store import ObjectStore
    from config.settings import Settings


@reported
def backup(
    context: typer.Context,
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET", help="Where to put the backup: a directory, or a bucket as s3://BUCKET/PREFIX."
        ),
    ],
    *,
    secrets: Annotated[
        bool, typer.Option("--with-secrets", help="Also copy the passwords and keys in pressmark.yaml.")
    ] = False,
    json: Json = False,
) -> None:
    """Back up all data (the home directory), even while the service runs.

    The command copies the database, the source files, the settings without passwords and keys, your spiders, and all
    archived files that are on this disk. A second backup to the same place copies only what is new. To back up to a
    bucket, write its server and keys into the settings s3. If files are damaged, the command lists them, copies the
    others and ends with the exit code 10.

    \b
    pressmark backup /mnt/backup/pressmark
    pressmark backup s3://backups/pressmark
    """
    from dataclasses import asdict

    from pressmark.cli.terminal.progress import counting
    from pressmark.service.assembly import utc_now
    from pressmark.upkeep.backup import Backup

    door = door_of(context)
    settings = door.settings()
    if not settings.home.is_dir():
        raise fail(f"the backup {settings.home} does not exist", Exit.NOT_FOUND)
    _check_apart(settings, target)
    with closing(_opened(settings, target)) as store, counting("files", quiet=door.verbosity < 0 or json) as count:
        made = Backup(settings, store, now=utc_now, secrets=secrets, progress=count).make()
    if json:
        show_json(asdict(made))
    else:
        parts = (counted(made.files, "file"), counted(made.objects, "new object"))
        show(f"{', '.join(map(translate, parts))}: {target}")
        for sentence in (*made.left_out, *made.unreadable):
            print_note(f"  without {sentence}")
    if made.unreadable:
        raise typer.Exit(Exit.INTEGRITY)


@reported
def restore(
    context: typer.Context,
    source: Annotated[
        str, typer.Argument(metavar="FROM", help="Where the backup is: the same target as for `pressmark backup`.")
    ],
    *,
    json: Json = False,
) -> None:
    """Restore the newest backup into an empty home directory.

    The home (data directory) must be empty. After the restore, start the service: it completes the index from the
    store.

    \b
    pressmark --home pressmark-home restore /mnt/backup/pressmark
    pressmark restore s3://backups/pressmark
    """
    from dataclasses import asdict

    from pressmark.cli.terminal.progress import counting
    from pressmark.upkeep.backup_restoring import restore_home

    door = door_of(context)
    settings = door.settings()
    with closing(_opened(settings, source)) as store, counting("files", quiet=door.verbosity < 0 or json) as count:
        restored = restore_home(settings, store, progress=count)
    if json:
        show_json(asdict(restored))
        return
    parts = (counted(restored.files, "file"), counted(restored.objects, "object"))
    show(f"{', '.join(map(translate, parts))}, as of {restored.at:%Y-%m-%d %H:%M:%S} UTC: {settings.home}")
    for sentence in restored.left_out:
        print_note(f"  without {sentence}")


def _opened(settings: Settings, address: str) -> ObjectStore:
    from pressmark.service.assembly import target_of

    try:
        return target_of(settings, address)
    except ValueError as error:
        raise fail(str(error), Exit.USAGE) from None


def _check_apart(settings: Settings, target: str) -> None:
    """End the command if the target would be lost with the home."""
    if "://" in target:
        return
    path = Path(target).resolve()
    places = [settings.home, *([settings.store_path] if settings.store_path is not None else [])]
    if any(path.is_relative_to(place.resolve()) for place in places):
        raise fail(
            f"the backup target {target} is inside the directory to be backed up; choose a target on another disk",
            Exit.USAGE,
        )
