"""pressmark export: captures as files for other programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pressmark.cli.options import Compress, Json, OfSource
from pressmark.cli.runtime import door_of, fail, reported
from pressmark.cli.terminal.language import phrase
from pressmark.cli.terminal.output import counted, print_note, show, show_json
from pressmark.service.exits import Exit
from pressmark.service.private_files import files_of_user

if TYPE_CHECKING:
    from archive.export import Exported, Exporter
    from archive.index.selection import Selection
    from pressmark.service.service import Service

Time = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="Time in UTC as YYYYMMDDhhmmss, or only its first digits (2026, 202601), or a date such as 2026-01-31.",
    ),
]


@reported
def export(
    context: typer.Context,
    form: Annotated[
        str,
        typer.Argument(
            metavar="FORMAT",
            help="File format: wacz (opens in ReplayWeb.page), warc, wet (texts), wat (metadata and links), "
            "cdxj (index), zipnum (compressed index), jsonl (one JSON object per line), parquet (table) or "
            "bagit (package with WARC, index and texts).",
        ),
    ],
    *,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="File to write. With -, the command writes to standard output. Only --queue works without it.",
        ),
    ] = None,
    source: OfSource = None,
    run: Annotated[str | None, typer.Option(metavar="RUN", help="Only pages that this run archived.")] = None,
    collection: Annotated[str | None, typer.Option(help="Only this collection (group of sources).")] = None,
    url: Annotated[str | None, typer.Option(help="Only URLs that begin with this text.")] = None,
    since: Time = None,
    until: Time = None,
    with_text: Annotated[
        bool, typer.Option("--with-text", help="Only captures (archived versions) whose text was extracted.")
    ] = False,
    latest: Annotated[bool, typer.Option("--latest", help="Only the newest version of each page.")] = False,
    language: Annotated[
        str | None, typer.Option(metavar="CODE", help="Only texts in this language, such as zh or en.")
    ] = None,
    media_type: Annotated[
        str | None,
        typer.Option("--type", metavar="TYPE", help="Only files of this media type, such as text/html or image/*."),
    ] = None,
    posts: Annotated[
        bool,
        typer.Option(
            "--posts", help="Write one row per forum post instead of one per page (formats jsonl and parquet)."
        ),
    ] = False,
    compress: Compress = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    sign: Annotated[
        bool, typer.Option("--sign", help="Sign the WACZ file with the key that the setting signing.wacz_key names.")
    ] = False,
    queue: Annotated[
        bool,
        typer.Option(
            "--queue",
            help="Let services with the role read make the export in parts, on all machines, and wait for them "
            "(all formats but wacz and bagit). Without -o, the parts stay in the store: see 'pressmark exports'.",
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Export archived pages to a file, and verify the file.

    The file appears only after it is complete and verified. If an export is interrupted, run the same command again:
    the formats warc, wet, wat and jsonl continue where they stopped, the other formats start again. If archived pages
    are damaged, the command leaves them out, lists them and ends with the exit code 10.

    \b
    pressmark export wacz -o gazette.wacz --source gazette
    pressmark export wacz -o gazette.wacz --source gazette --sign
    pressmark export parquet -o texts.parquet --with-text --latest --since 2026
    pressmark export jsonl -o posts.jsonl.zst --posts --latest --source forum
    pressmark export warc -o all.warc.gz --queue
    """
    from archive.export import EXPORTERS, export_to
    from pressmark.cli.terminal.progress import counting
    from pressmark.upkeep.exports import coding_in, exports_of
    from pressmark.upkeep.unfinished_exports import noted_export

    if form not in EXPORTERS:
        raise fail(f"unknown format {form!r}", Exit.USAGE, f"use one of these: {', '.join(EXPORTERS)}")
    if sign and form != "wacz":
        raise fail(
            f"a file in the format {form} can't be signed; export as wacz, or leave out --sign",
            Exit.USAGE,
            "only wacz files can be signed (--sign)",
        )
    if output is None and not queue:
        raise fail("name the file to write, with -o FILE", Exit.USAGE)
    asked = _ExportOptions(
        form,
        exporter={
            "sign": sign,
            "posts": posts,
            "compress": compress or (coding_in(form, output.name) if output else None),
        },
        selection={
            "source": source,
            "run": run,
            "collection": collection,
            "url": url,
            "since": since,
            "until": until,
            "with_text": with_text,
            "latest": latest,
            "language": language,
            "media_type": media_type,
        },
    )
    if output is not None and str(output) == "-":
        if queue:
            raise fail("--queue can't write to standard output", Exit.USAGE, "name a file, or leave out -o")
        _to_stdout(context, asked)
        return
    if output is not None and output.exists() and not force:
        raise fail(f"the file {output} already exists", Exit.USAGE, "to replace it, add --force")
    if queue:
        from pressmark.cli.exports import export_in_jobs

        export_in_jobs(context, form, asked.exporter, asked.selection, output=output, json=json)
        return
    assert output is not None, "it was checked above"
    door = door_of(context)
    with door.opened() as service, files_of_user(), counting("captures", quiet=door.verbosity < 0 or json) as progress:
        exporter, selection = asked.of(service)
        with noted_export(service.database, output), service.take_downs.hidden():
            exported = export_to(exports_of(service), exporter, selection, output, now=service.now(), progress=progress)
    if json:
        show_json(_facts(exported))
    else:
        _show(exported)
    if exported.left_out:
        raise typer.Exit(Exit.INTEGRITY)


@dataclass(frozen=True, slots=True)
class _ExportOptions:
    """The options of an export."""

    form: str
    exporter: Mapping[str, Any]
    selection: Mapping[str, Any]

    def of(self, service: Service) -> tuple[Exporter, Selection]:
        from pressmark.upkeep.exports import exporter_of, selection_of

        return exporter_of(service, self.form, **self.exporter), selection_of(service, **self.selection)


def _to_stdout(context: typer.Context, asked: _ExportOptions) -> None:
    """Export to stdout. Nothing can be verified there, and a damaged record ends the export."""
    from pressmark.cli.terminal.output import show_bytes
    from pressmark.upkeep.exports import exports_of

    with door_of(context).opened() as service:
        exporter, selection = asked.of(service)
        with (
            service.take_downs.hidden(),
            exports_of(service).streamed(exporter, selection, service.now()) as stream,
        ):
            for piece in stream.pieces:
                show_bytes(piece)


def _facts(exported: Exported) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "file": str(exported.path),
        "format": exported.form,
        "octets": exported.size,
        "sha256": exported.sha256,
        "captures": exported.totals.captures,
        "originals": exported.totals.originals,
        "missing": exported.totals.missing,
        "resumed": exported.resumed,
        "left_out": [asdict(finding) for finding in exported.left_out],
    }


def _show(exported: Exported) -> None:
    totals = exported.totals
    parts = [counted(totals.captures, "capture")]
    parts += (
        [f"{counted(totals.originals, 'original')} with the content of unchanged pages"] if totals.originals else []
    )
    parts += [counted(exported.size, "byte"), "verified", *(["resumed"] if exported.resumed else [])]
    parts += [f"{counted(totals.missing, 'revisit')} whose content is not archived"] if totals.missing else []
    show(f"{exported.path}: {', '.join(map(phrase, parts))}")
    show(f"sha256 {exported.sha256}")
    for finding in exported.left_out:
        print_note(f"not exported: {finding.sentence}")
