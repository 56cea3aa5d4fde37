"""pressmark source export, import, apply, pull, versions: many sources at once, from other programs and machines."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from pressmark.cli.access.recording import record, record_each
from pressmark.cli.options import DryRun, Json, Yes
from pressmark.cli.runs import Limit
from pressmark.cli.runtime import agreed, door_of, fail, reported
from pressmark.cli.sources import Name
from pressmark.cli.terminal.language import phrase
from pressmark.cli.terminal.output import counted, print_note, show, show_bytes, show_json, show_table
from pressmark.service.exits import Exit

if TYPE_CHECKING:
    from pressmark.discover.subscriptions import Imported

Form = Literal["opml", "csv"]
ReadForm = Literal["opml", "csv", "urls"]
_ENDINGS: Mapping[str, ReadForm] = {".csv": "csv", ".tsv": "csv", ".txt": "urls"}
_STDIN = "-"


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
    from pressmark.discover.subscriptions import is_listable, write_list

    with door_of(context).opened() as service:
        there = sorted(service.sources, key=lambda source: source.name)
        listed = list(filter(is_listable, there))
        content = write_list(listed, form)
    if left_out := [source.name for source in there if source not in listed]:
        door_of(context).print_note(f"left out, because they have no start URLs: {', '.join(left_out)}")
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
    from pressmark.service.access.trail import user_of_machine

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
        by = user_of_machine()
        for one in import_list(service, entries, defaults=defaults, by=by, with_secrets=True, dry_run=dry_run):
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


@reported
def apply(
    context: typer.Context,
    place: Annotated[
        str,
        typer.Argument(
            metavar="DIR",
            help="Directory with source files (.yaml). With -, the command reads one from standard input.",
        ),
    ],
    *,
    force: Annotated[
        bool, typer.Option("--force", help="Replace files also if others have changed them since the last pull.")
    ] = False,
    json: Json = False,
) -> None:
    """Write source files into the home. If several machines share the database, they all get these files.

    If one of the files has a mistake, nothing is written. Other source files stay. In a directory that 'source pull'
    has written, the command leaves out copies that you have not changed. It refuses files that you and others have
    changed since, and then writes nothing. It refuses links that lead out of the directory.

    \b
    pressmark source apply sources/
    """
    from config.source_files.pulled import note_pulled, read_pulled
    from pressmark.discover.source_texts import apply_texts, file_for
    from pressmark.service.access.trail import user_of_machine

    given = _texts_of_others(Path(place)) if place != _STDIN else None  # before the home is opened: it may be in there
    if given == {}:
        raise fail(f"there are no source files in {place}", Exit.NOT_FOUND)
    text = sys.stdin.read() if given is None else ""
    seen = None if given is None else read_pulled(Path(place))
    with door_of(context).opened() as service:
        texts = {file_for(service, text): text} if given is None else given
        applied = apply_texts(service, texts, user_of_machine(), seen=seen, force=force)
        record_each(context, service, [one.file for one in applied.changed])
    if seen is not None:
        note_pulled(Path(place), _digests(texts))
    door = door_of(context)
    for one in applied.changed if seen is None or force else ():
        if (before := one.replaced) is not None:
            by = f"written by {before.by} at {before.at:%Y-%m-%d %H:%M:%S} UTC"
            door.print_note(f"{one.file}: replaced version {before.number}, {by}")
        elif one.former is not None:
            door.print_note(f"{one.file}: replaced; the former text is kept in {one.former}")
    for file in applied.left:
        door.print_note(f"{file}: left as it is, since this copy has no changes and others have changed the file")
    changed = [one.file for one in applied.changed]
    unchanged = sorted(texts.keys() - {*changed, *applied.left})
    door.print_note(f"source files written: {len(changed)}, unchanged: {len(unchanged)}")
    if json:
        show_json({"changed": changed, "left": applied.left, "unchanged": unchanged})


@reported
def pull(
    context: typer.Context,
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Directory to write to. It is made if missing.")],
    yes: Yes = False,
    *,
    json: Json = False,
) -> None:
    """Copy all source files into a directory. If several machines share the database, these are the latest versions.

    The hidden file .pulled.json in the directory notes which text each file has. So 'source apply' can refuse what
    others have changed since.

    \b
    pressmark source pull sources/
    """
    from config.files.atomic_write import write_text
    from config.source_files.pulled import note_pulled, read_pulled

    with door_of(context).opened() as service:
        here = service.sources.directory  # asking for the sources makes its files follow the database
        texts = _texts_in(here) if here.is_dir() else {}
    directory.mkdir(parents=True, exist_ok=True)
    there = _texts_in(directory)
    changed = [file for file, text in texts.items() if there.get(file) != text]
    replaced = [file for file in changed if file in there]
    if replaced and not yes and not agreed(f"Replace files with another content in {directory}: {len(replaced)}?"):
        raise fail("nothing was written", Exit.ERROR, "to replace them without being asked, add --yes")
    for file in changed:
        write_text(directory / file, texts[file])
    gone = {file: digest for file, digest in (read_pulled(directory) or {}).items() if file not in texts}
    as_pulled = {file for file, digest in _digests(there).items() if gone.get(file) == digest}
    note_pulled(directory, _digests(texts), without=gone.keys() - as_pulled)
    named = sorted(gone.keys() & there.keys())
    for file in named:
        then = "leaves out" if file in as_pulled else "adds"
        door_of(context).print_note(f"{file}: the home has no such file any more; 'source apply' {then} this copy")
    door_of(context).print_note(f"source files written: {len(changed)}, unchanged: {len(texts) - len(changed)}")
    if json:
        show_json({"changed": changed, "gone": named, "unchanged": sorted(texts.keys() - set(changed))})


@reported
def versions(context: typer.Context, name: Name, limit: Limit = 20, *, json: Json = False) -> None:
    """List the versions of a source file that several machines share, newest first: who wrote each, and when.

    With --json, the list has the text of each version.

    \b
    pressmark source versions example-org
    """
    from dataclasses import asdict

    with door_of(context).opened() as service:
        found = service.source_versions.of_source(name, limit)
        if not found:
            service.sources.get(name)  # a name that no machine knows is refused
        texts = [service.source_versions.text(one.number) for one in found] if json else []
    if json:
        show_json({"items": [asdict(one) | {"text": text} for one, text in zip(found, texts, strict=True)]})
        return
    rows = [
        (str(one.number), f"{one.at:%Y-%m-%d %H:%M:%S}Z", one.by, one.file, (one.configs.get(name) or "-")[:12])
        for one in found
    ]
    head = ("version", "time", "who", "file", "description")
    show_table(head, rows, words=(), empty="this source is not shared with other machines")


def _digests(texts: Mapping[str, str]) -> dict[str, str]:
    from archive.values.digest import sha256

    return {file: sha256(text.encode()) for file, text in texts.items()}


def _texts_in(directory: Path) -> dict[str, str]:
    """Return the texts of the source files of a directory, by their names."""
    from config.files.document import read_file
    from config.files.stamp import stamps
    from config.load import SUFFIXES

    if not directory.is_dir():
        raise fail(f"directory not found: {directory}", Exit.NOT_FOUND)
    return {name: read_file(directory / name) for name, _ in sorted(stamps(directory, SUFFIXES))}


def _texts_of_others(directory: Path) -> dict[str, str]:
    """Return the texts of a directory that others may have written. Raises ConfigError: a link leads out of it.

    An error quotes lines of a file, and a source file is shown to people: a link would give them a file of ours.
    """
    from config.files.inside import check_inside
    from config.files.stamp import stamps
    from config.load import SUFFIXES

    check_inside(directory, [name for name, _ in stamps(directory, SUFFIXES)])
    return _texts_in(directory)
