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

Time = Annotated[str | None, typer.Option(metavar="TIME", help="YYYYMMDDhhmmss or any beginning of it, or ISO 8601.")]


@reported
def export(
    context: typer.Context,
    form: Annotated[
        str, typer.Argument(metavar="FORMAT", help="wacz, warc, wet, wat, cdxj, zipnum, jsonl, parquet or bagit.")
    ],
    *,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="Where to; - is stdout.")],
    source: Annotated[str | None, typer.Option(help="Of this source only.")] = None,
    run: Annotated[str | None, typer.Option(metavar="RUN", help="Only what this run captured.")] = None,
    collection: Annotated[str | None, typer.Option(help="Of this collection only.")] = None,
    url: Annotated[str | None, typer.Option(help="Of URLs that begin so only.")] = None,
    since: Time = None,
    until: Time = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file of that name.")] = False,
    sign: Annotated[bool, typer.Option("--sign", help="Sign a WACZ by the key signing.wacz_key.")] = False,
    json: Json = False,
) -> None:
    """Write what is kept to a file of another format, and verify it.

    The file is there whole and verified, or not at all. An export that was cut goes on when the same is asked for again
    (warc, wet, wat, jsonl) or begins anew (the others). Ends with 10 when records of the archive are damaged: they are
    left out and told.

    \b
    pressmark export wacz -o gazette.wacz --source gazette
    pressmark export wacz -o gazette.wacz --source gazette --sign
    pressmark export parquet -o texts.parquet --since 2026
    """
    from archive.export import EXPORTERS, export_to
    from pressmark.cli.progress import counting
    from pressmark.upkeep.exporting import exporter_of, exports_of, selection_of

    if form not in EXPORTERS:
        raise fail(f"there is no format {form!r}", Exit.USAGE, f"the formats are {', '.join(EXPORTERS)}")
    if sign and form != "wacz":
        raise fail(f"a file of the format {form} can't be signed", Exit.USAGE, "--sign is for wacz")
    chosen = {"source": source, "run": run, "collection": collection, "url": url, "since": since, "until": until}
    if str(output) == "-":
        _to_stdout(context, form, chosen, sign=sign)
        return
    if output.exists() and not force:
        raise fail(f"there is a file {output} already", Exit.USAGE, "--force replaces it")
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
    gone = f"; of {totals.missing} revisits the payload is not kept" if totals.missing else ""
    resumed = ", going on where it was cut" if exported.resumed else ""
    show(f"{exported.path}: {totals.captures} captures{more}, {exported.size} octets, verified{resumed}{gone}")
    show(f"sha256 {exported.sha256}")
    for finding in exported.left_out:
        tell(f"left out: {finding.sentence}")
