"""pressmark export: what is kept, as files that other programs open."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pressmark.cli.options import Json
from pressmark.cli.output import show, show_json, tell
from pressmark.cli.runtime import door_of, fail, reported
from pressmark.service.exits import Exit

if TYPE_CHECKING:
    from archive.export import Exported

Time = Annotated[
    str | None, typer.Option(metavar="TIME", help="YYYYMMDDhhmmss, shortened at the end if you like, or ISO 8601.")
]


@reported
def export(
    context: typer.Context,
    form: Annotated[
        str, typer.Argument(metavar="FORMAT", help="wacz, warc, wet, wat, cdxj, zipnum, jsonl, parquet or bagit.")
    ],
    *,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="Output file; - is stdout.")],
    source: Annotated[str | None, typer.Option(help="Only this source.")] = None,
    collection: Annotated[str | None, typer.Option(help="Only this collection.")] = None,
    url: Annotated[str | None, typer.Option(help="Only URLs with this prefix.")] = None,
    since: Time = None,
    until: Time = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    sign: Annotated[bool, typer.Option("--sign", help="Sign a WACZ with the key signing.wacz_key.")] = False,
    json: Json = False,
) -> None:
    """Export captures to a file and verify it.

    The file appears only when it is complete and verified. Run the same command again to resume an interrupted export
    (warc, wet, wat, jsonl) or to restart it (other formats). Exits with 10 if records of the archive are damaged: they
    are left out and listed.

    \b
    pressmark export wacz -o gazette.wacz --source gazette
    pressmark export wacz -o gazette.wacz --source gazette --sign
    pressmark export parquet -o texts.parquet --since 2026
    """
    from archive.export import EXPORTERS, export_to
    from pressmark.cli.progress import counting
    from pressmark.upkeep.exporting import exporter_of, exports_of, selection_of

    if form not in EXPORTERS:
        raise fail(f"unknown format {form!r}", Exit.USAGE, f"use one of {', '.join(EXPORTERS)}")
    if sign and form != "wacz":
        raise fail(f"a file in the format {form} can't be signed", Exit.USAGE, "--sign works with wacz only")
    chosen = {"source": source, "collection": collection, "url": url, "since": since, "until": until}
    if str(output) == "-":
        _to_stdout(context, form, chosen, sign=sign)
        return
    if output.exists() and not force:
        raise fail(f"the file {output} already exists", Exit.USAGE, "use --force to replace it")
    door = door_of(context)
    with door.opened() as service, counting("captures", quiet=door.verbosity < 0 or json) as progress:
        exporter, selection = exporter_of(service, form, sign=sign), selection_of(service, **chosen)
        exported = export_to(exports_of(service), exporter, selection, output, now=service.now(), progress=progress)
    if json:
        show_json(_facts(exported))
    else:
        _show(exported)
    if exported.left_out:
        raise typer.Exit(Exit.INTEGRITY)


def _to_stdout(context: typer.Context, form: str, chosen: dict[str, str | None], *, sign: bool) -> None:
    """Nothing of it can be verified here, and what is damaged ends it."""
    from pressmark.cli.output import show_bytes
    from pressmark.upkeep.exporting import exporter_of, exports_of, selection_of

    with door_of(context).opened() as service:
        exporter, selection = exporter_of(service, form, sign=sign), selection_of(service, **chosen)
        with exports_of(service).streamed(exporter, selection, service.now()) as stream:
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
    more = f" and {totals.originals} originals of revisits" if totals.originals else ""
    gone = f"; {totals.missing} revisits without an archived payload" if totals.missing else ""
    resumed = ", resumed" if exported.resumed else ""
    show(f"{exported.path}: {totals.captures} captures{more}, {exported.size} bytes, verified{resumed}{gone}")
    show(f"sha256 {exported.sha256}")
    for finding in exported.left_out:
        tell(f"left out: {finding.sentence}")
