"""pressmark runs text: the texts extracted from the pages of a run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pressmark.cli.runs import RunId
from pressmark.cli.runtime import door_of, fail, reported
from pressmark.cli.terminal.output import counted, show_bytes
from pressmark.service.exits import Exit
from pressmark.service.private_files import files_of_user

if TYPE_CHECKING:
    from archive.texts.run_text_rows import PlacedText

_NAME = re.compile(r"[^\w-]+")
_LONGEST_NAME = 60


@reported
def text(
    context: typer.Context,
    run: RunId,
    *,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Write JSON Lines (the default).")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Write one Markdown file for each text.")] = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="File to write. With --markdown: directory to write to.")
    ] = None,
) -> None:
    """Export the texts of all pages that a run archived.

    Each text comes with its place in the archive (WARC file and record), its checksum, and the version of Pressmark
    that extracted it.

    \b
    pressmark runs text 20261124T155500Z-example-org-1a2b3c --jsonl -o texts.jsonl
    pressmark runs text 20261124T155500Z-example-org-1a2b3c --markdown -o texts
    """
    from archive.shipping.run_texts import document_of, line_of
    from archive.texts.run_text_rows import texts_of_run

    if jsonl and markdown:
        raise fail("the options --jsonl and --markdown can't be used together", Exit.USAGE)
    with door_of(context).opened() as service:
        there = texts_of_run(service.database, run)
        first = next(there, None)
        if first is None:
            service.runs.get(run)
            raise fail(f"the run {run} archived no page with text", Exit.NOT_FOUND)
        placed = _again(first, there)
        if markdown and output:
            count = _write_files((one for one in placed if one.text.text is not None), output)
        else:
            written = (document_of(one).encode("utf-8", "replace") if markdown else line_of(one) for one in placed)
            count = _write(written, output)
    if output and str(output) != "-":
        door_of(context).print_note(f"wrote {counted(count, 'text')} to {output}")


def _again(first: PlacedText, rest: Iterator[PlacedText]) -> Iterator[PlacedText]:
    yield first
    yield from rest


def _write(pieces: Iterator[bytes], output: Path | None) -> int:
    with ExitStack() as stack:
        to_file = output is not None and str(output) != "-"
        stack.enter_context(files_of_user())
        write = stack.enter_context(output.open("wb")).write if output and to_file else show_bytes
        count = 0
        for count, piece in enumerate(pieces, 1):  # noqa: B007
            write(piece)
        return count


def _write_files(there: Iterator[PlacedText], directory: Path) -> int:
    with files_of_user():
        return _write_each(there, directory)


def _write_each(there: Iterator[PlacedText], directory: Path) -> int:
    from archive.shipping.run_texts import document_of

    directory.mkdir(parents=True, exist_ok=True)
    count = 0
    for count, placed in enumerate(there, 1):
        name = _NAME.sub("-", placed.text.title or placed.text.url)[:_LONGEST_NAME].strip("-").lower()
        document = document_of(placed).encode("utf-8", "replace")
        (directory / f"{count:05}-{name or 'text'}.md").write_bytes(document)
    return count
