"""pressmark months: captures of old months as files in the store, so that the database needs no rows of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pressmark.cli.access.recording import record
from pressmark.cli.options import Json
from pressmark.cli.runtime import door_of, fail, reported
from pressmark.cli.terminal.output import counted, show_json, show_sentence, show_table
from pressmark.service.exits import Exit

if TYPE_CHECKING:
    from archive.index.months.month import Month

months = typer.Typer(
    no_args_is_help=True,
    help="Write captures of old months into the store, and look them up there instead of in the database.",
    rich_markup_mode=None,
)

Names = Annotated[list[str], typer.Argument(metavar="MONTH...", help="Months, such as 2024-05.")]


@months.command("list")
@reported
def list_months(context: typer.Context, *, json: Json = False) -> None:
    """List the months with captures, and whether lookups find them in the database or in the store.

    State rows: only the database has them. State stored: the store has them, too. State attached: lookups use the
    store. State damaged: the files in the store are missing or can't be read.

    \b
    pressmark months list
    """
    from dataclasses import asdict

    from pressmark.upkeep.months.months import reports

    with door_of(context).opened() as service:
        found = reports(service)
    if json:
        show_json({"items": [asdict(one) for one in found]})
        return
    rows = [(one.month, one.state, one.rows, one.captures, one.size, one.reason) for one in found]
    head = ("month", "state", "rows", "captures", "bytes", "reason")
    show_table(head, rows, words=("state",), empty="there are no captures in the store yet")


@months.command("write")
@reported
def write_months(
    context: typer.Context,
    *,
    before: Annotated[str, typer.Option("--before", metavar="MONTH", help="Write the months before this one.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show which months would be written.")] = False,
    without_parquet: Annotated[
        bool, typer.Option("--without-parquet", help="Write no table (Parquet), which needs the library pyarrow.")
    ] = False,
    json: Json = False,
) -> None:
    """Write the captures of old months into the store: a sorted index (ZipNum CDXJ) and a table (Parquet) a month.

    Rows are not changed. Months that the store already has, with all their captures, are left out: if the command is
    interrupted, repeat it.

    \b
    pressmark months write --before 2026-01 --dry-run
    pressmark months write --before 2026-01
    """
    from pressmark.cli.terminal.progress import counting
    from pressmark.upkeep.months.months import to_write, write

    _check([before])
    door = door_of(context)
    with door.opened() as service:
        wanted = to_write(service, before)
        written = list["Month"]()
        if not dry_run:
            total = sum(wanted.values())
            with counting("captures", quiet=door.verbosity < 0 or json) as count:
                for month in write(
                    service, wanted, table=not without_parquet, progress=lambda done: count(done, max(done, total))
                ):
                    written.append(month)
            record(context, service, before, after={"months": [one.name for one in written]})
    if json:
        facts = [{"month": one.name, "captures": one.captures, "bytes": _size_of(one)} for one in written]
        show_json({"wanted": [{"month": name, "captures": count} for name, count in wanted.items()], "written": facts})
        return
    if dry_run:
        show_table(("month", "captures"), wanted.items(), empty="the store has all months before this one")
        return
    rows = [(one.name, one.captures, _size_of(one)) for one in written]
    show_table(("month", "captures", "bytes"), rows, empty="the store has all months before this one")


@months.command("attach")
@reported
def attach_months(context: typer.Context, names: Names, *, json: Json = False) -> None:
    """Check months in the store, and have lookups use them where the database has no rows.

    The index is then complete without rows of WARC files whose captures are all in attached months: pressmark serve and
    pressmark rebuild leave these out. Lookups by URL and time find these captures; search, changes, and the lists of
    runs know only what is in the database.

    \b
    pressmark months attach 2024-05 2024-06
    """
    from pressmark.upkeep.months.months import attach

    _check(names)
    with door_of(context).opened() as service:
        attached = list["Month"]()
        try:
            for name in names:
                attached.append(attach(service, name))
        finally:
            if attached:
                record(context, service, " ".join(one.name for one in attached))
    if json:
        show_json({"attached": [{"month": one.name, "captures": one.captures} for one in attached]})
        return
    for one in attached:
        show_sentence(f"the month {one.name} is attached: {counted(one.captures, 'capture')}")


@months.command("detach")
@reported
def detach_months(context: typer.Context, names: Names, *, json: Json = False) -> None:
    """Have lookups use rows alone for months. Their files stay in the store.

    The service then adds the rows that the database lacks; pressmark rebuild does so at once.

    \b
    pressmark months detach 2024-05
    pressmark rebuild
    """
    from pressmark.upkeep.months.months import detach

    _check(names)
    with door_of(context).opened() as service:
        for name in names:
            detach(service, name)
            record(context, service, name)
    if json:
        show_json({"detached": list(names)})
        return
    for name in names:
        show_sentence(f"the month {name} is detached; pressmark rebuild adds the rows that the database lacks")


@months.command("delete")
@reported
def delete_months(context: typer.Context, names: Names, *, json: Json = False) -> None:
    """Delete the files of months in the store. No capture is lost: pressmark months write makes them again from rows.

    Other databases that have these months attached can't look them up any more.

    \b
    pressmark months delete 2024-05
    """
    from pressmark.upkeep.months.months import delete

    _check(names)
    gone = dict[str, int]()
    with door_of(context).opened() as service:
        for name in names:
            gone[name] = delete(service, name)
            record(context, service, name, after={"files": gone[name]})
    if json:
        show_json({"deleted": [{"month": name, "files": count} for name, count in gone.items()]})
        return
    for name, count in gone.items():
        show_sentence(f"deleted files of the month {name}: {count}")


def _check(names: list[str]) -> None:
    from archive.index.months.month import is_month

    for name in names:
        if not is_month(name):
            raise fail(f"{name!r} is not a month; write it like 2024-05", Exit.USAGE)


def _size_of(month: Month) -> int:
    return sum(one.size for one in month.objects)
