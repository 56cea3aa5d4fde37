"""pressmark ingest: import captures of other crawlers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pressmark.cli.access.recording import record
from pressmark.cli.options import Json
from pressmark.cli.runtime import door_of, fail, reported
from pressmark.cli.terminal.language import phrase
from pressmark.cli.terminal.output import counted, print_note, show, show_json
from pressmark.service.exits import Exit

if TYPE_CHECKING:
    from archive.intake.foreign.import_file import ImportedFile
    from pressmark.cli.terminal.progress import Count

_TOLD = 10
"""Rejected records, and captures without a payload, that are listed for one file; --json lists all."""


@reported
def ingest(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="WARC, WACZ or ARC files to import.", metavar="FILE...")],
    *,
    collection: Annotated[
        str, typer.Option(help="Collection (group of sources) to which the pages are added.")
    ] = "default",
    most: Annotated[
        str,
        typer.Option(
            "--max", metavar="SIZE", help="Stop the import when the unpacked files have this many bytes in total."
        ),
    ] = "64GiB",
    json: Json = False,
) -> None:
    """Import files that other programs archived: WARC (any version, gzip or Zstandard), WACZ and ARC.

    Pressmark imports each record of a file, or rejects it and says why. It skips a file that was imported before. If a
    file grows to more than 1 GiB and more than 100 times its size when it is unpacked, Pressmark rejects the rest of
    it. The exit code is 3 if a record was rejected, and 1 if nothing was imported.

    \b
    pressmark ingest crawl.warc.gz
    pressmark ingest *.wacz --collection browsed --json
    """
    from config.duration import parse_size
    from pressmark.cli.terminal.progress import BYTES, counting
    from pressmark.upkeep.imports import import_files

    try:
        limit = parse_size(most)
    except ValueError as error:
        raise fail(f"--max: {error}", Exit.USAGE) from None
    for file in files:
        if not file.is_file():
            raise fail(f"file not found: {file}", Exit.NOT_FOUND)
    door = door_of(context)
    results: list[ImportedFile] = []
    with door.opened() as service, counting(BYTES, quiet=door.verbosity < 0 or json) as count:
        record(context, service, " ".join(map(str, files)), after={"collection": collection})
        progress = _Progress(count, len(files))
        for taken in import_files(
            service, files, collection, most=limit, before=progress.begin, observer=progress.observe
        ):
            results.append(taken)
            if not json:
                _show(taken)
    if json:
        from dataclasses import asdict

        show_json({"items": [asdict(taken) for taken in results]})
    if not any(taken.segment for taken in results):
        raise typer.Exit(Exit.ERROR)
    if any(taken.refused for taken in results):
        raise typer.Exit(Exit.PARTIAL)


class _Progress:
    """Shows how many bytes of the current file each step of the import has read."""

    def __init__(self, count: Count, files: int) -> None:
        self._count, self._files = count, files
        self._begun = 0
        self._name = ""

    def begin(self, file: Path) -> None:
        self._begun += 1
        self._name = file.name if self._files == 1 else f"{self._begun}/{self._files} {file.name}"

    def observe(self, step: str, done: int, size: int) -> None:
        self._count(done, size, f"{self._name} {phrase(step)}")


def _show(taken: ImportedFile) -> None:
    how = "skipped (it was imported before)" if taken.again else "converted" if taken.converted else "stored unchanged"
    parts = [counted(taken.captures, "capture"), *_others(taken), how] if taken.segment else ["nothing was imported"]
    parts += [f"{counted(len(taken.refused), 'record')} rejected"] if taken.refused else []
    parts += [f"{counted(len(taken.dangling), 'record')} without content"] if taken.dangling else []
    show(f"{taken.name}: {', '.join(map(phrase, parts))}")
    _show_some(
        [f"Pressmark did not import the record at byte {one.offset} of the file: {one.why}" for one in taken.refused]
    )
    _show_some(
        [f"the archived version of {one.url} from {one.timestamp} has no content: {one.why}" for one in taken.dangling]
    )


def _others(taken: ImportedFile) -> list[str]:
    """Report how many records become no capture."""
    from archive.warc.facts import CAPTURED

    kinds = [f"{count} {kind}" for kind, count in sorted(taken.taken.items()) if kind not in CAPTURED]
    return [f"other records: {', '.join(kinds)}"] if kinds else []


def _show_some(sentences: list[str]) -> None:
    for sentence in sentences[:_TOLD]:
        print_note(f"  {sentence}")
    if len(sentences) > _TOLD:
        print_note(f"  and {len(sentences) - _TOLD} more; use --json to list all")
