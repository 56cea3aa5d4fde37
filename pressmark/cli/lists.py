"""pressmark source export, import: sources as lists that other programs read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from pressmark.cli.access.recording import record
from pressmark.cli.options import DryRun, Json
from pressmark.cli.runtime import door_of, fail, reported
from pressmark.cli.terminal.language import phrase
from pressmark.cli.terminal.output import counted, print_note, show, show_bytes, show_json
from pressmark.service.exits import Exit

if TYPE_CHECKING:
    from pressmark.discover.subscriptions import Imported

Form = Literal["opml", "csv"]
ReadForm = Literal["opml", "csv", "urls"]
_ENDINGS: Mapping[str, ReadForm] = {".csv": "csv", ".tsv": "csv", ".txt": "urls"}


@reported
def export_sources(
    context: typer.Context,
    form: Annotated[Form, typer.Argument(metavar="FORMAT", help="File format: opml or csv.")],
    *,
    output: Annotated[
        Path,
        typer.Option(
            "-o", "--output", metavar="FILE", help="File to write. With -, the command writes to standard output."
        ),
    ] = Path("-"),
) -> None:
    """Export the list of archived sites: name, start URLs (seeds), crawl method (walk), schedule and collection.

    \b
    pressmark source export opml -o sources.opml
    """
    from config.files.atomic_write import write_text
    from pressmark.discover.subscriptions import write_list

    with door_of(context).opened() as service:
        listed = sorted(service.sources, key=lambda source: source.name)
        content = write_list(listed, form)
    if str(output) == "-":
        show_bytes(content)
    else:
        write_text(output, content.decode(), mode=0o644)
        door_of(context).print_note(f"wrote {counted(len(listed), 'source')} to {output}")


@reported
def import_sources(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A file that lists sites: OPML, CSV, or URLs, one per line.")
    ],
    *,
    form: Annotated[
        ReadForm | None,
        typer.Option("--format", help="Format of the list. By default, the ending of the file name decides."),
    ] = None,
    every: Annotated[
        str | None,
        typer.Option(
            help="For sites without a schedule in the list: how often to crawl them, such as 15m (15 minutes), "
            "6h (6 hours) or 1d (1 day)."
        ),
    ] = None,
    collection: Annotated[
        str | None,
        typer.Option(
            help=(
                "For sites without a collection in the list: the collection (group of sources) to which they are added."
            )
        ),
    ] = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Add many sites at once, from the OPML file of a feed reader, from a CSV table with a column 'seeds' for their
    URLs, or from a text file with one URL per line.

    The command skips sites that are already archived. If some sites can't be added, the exit code is 3; if no site can
    be added, the exit code is 1.

    \b
    pressmark source import subscriptions.opml --every 6h --dry-run
    """
    from pressmark.discover.subscriptions import import_list, read_list

    if not file.is_file():
        raise fail(f"file not found: {file}", Exit.NOT_FOUND)
    kind = form or _ENDINGS.get(file.suffix.lower(), "opml")
    try:
        entries = read_list(file.read_bytes(), kind)
    except ValueError as error:
        raise fail(f"{file}: {error}", Exit.CONFIG) from None
    defaults = {key: value for key, value in (("every", every), ("collection", collection)) if value}
    with door_of(context).opened() as service:
        found = []
        for one in import_list(service, entries, defaults=defaults, dry_run=dry_run):
            found.append(one)
            if one.state == "new" and one.name and not dry_run:
                record(context, service, one.name, after=service.facts_of(one.name))
    _print(found, json=json, dry_run=dry_run)
    refused = sum(one.state == "refused" for one in found)
    if refused:
        raise typer.Exit(Exit.ERROR if refused == len(found) else Exit.PARTIAL)


def _print(found: Sequence[Imported], *, json: bool, dry_run: bool) -> None:
    if json:
        from dataclasses import asdict

        show_json({"items": [asdict(one) for one in found], "dry_run": dry_run})
        return
    for one in found:
        if one.state == "refused":
            print_note(f"error: {one.seed or one.name}: {one.why}")
        else:
            state = "would be new" if one.state == "new" and dry_run else one.state
            show(f"{one.name}: {phrase(state)} ({one.seed})")
