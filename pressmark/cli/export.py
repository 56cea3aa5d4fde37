"""pressmark export: what is kept, as files that other programs open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from pressmark.cli.options import Json, OfSource
from pressmark.cli.output import counted, show, show_json, tell
from pressmark.cli.runtime import door_of, fail, reported
from pressmark.service.exits import Exit

if TYPE_CHECKING:
    from archive.export import Exported, Exporter
    from archive.index.selection import Selection
    from pressmark.service.service import Service

Time = Annotated[str | None, typer.Option(metavar="TIME", help="YYYYMMDDhhmmss or any beginning of it, or ISO 8601.")]


@reported
def export(
    context: typer.Context,
    form: Annotated[
        str, typer.Argument(metavar="FORMAT", help="wacz, warc, wet, wat, cdxj, zipnum, jsonl, parquet or bagit.")
    ],
    *,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="Where to; - is stdout.")],
    source: OfSource = None,
    collection: Annotated[str | None, typer.Option(help="Of this collection only.")] = None,
    url: Annotated[str | None, typer.Option(help="Of URLs that begin so only.")] = None,
    since: Time = None,
    until: Time = None,
    with_text: Annotated[bool, typer.Option("--with-text", help="Only captures whose text was extracted.")] = False,
    latest: Annotated[bool, typer.Option("--latest", help="Only the newest capture of each URL.")] = False,
    language: Annotated[
        str | None, typer.Option(metavar="CODE", help="Only texts in this language, such as zh or en.")
    ] = None,
    media_type: Annotated[
        str | None, typer.Option("--type", metavar="TYPE", help="Only this media type, such as text/html or image/*.")
    ] = None,
    posts: Annotated[
        bool, typer.Option("--posts", help="A row for each post of a forum, not for each capture (jsonl, parquet).")
    ] = False,
    compress: Annotated[
        Literal["zst", "gz"] | None,
        typer.Option(help="Compress jsonl or cdxj; a FILE that ends in .zst or .gz is compressed anyway."),
    ] = None,
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
    pressmark export parquet -o texts.parquet --with-text --latest --since 2026
    pressmark export jsonl -o posts.jsonl.zst --posts --latest --source forum
    """
    from archive.export import EXPORTERS, export_to
    from pressmark.cli.progress import counting
    from pressmark.upkeep.exporting import coding_in, exports_of

    if form not in EXPORTERS:
        raise fail(f"there is no format {form!r}", Exit.USAGE, f"the formats are {', '.join(EXPORTERS)}")
    if sign and form != "wacz":
        raise fail(f"a file of the format {form} can't be signed", Exit.USAGE, "--sign is for wacz")
    asked = _Asked(
        form,
        exporter={"sign": sign, "posts": posts, "compress": compress or coding_in(form, output.name)},
        selection={
            "source": source,
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
    if str(output) == "-":
        _to_stdout(context, asked)
        return
    if output.exists() and not force:
        raise fail(f"there is a file {output} already", Exit.USAGE, "--force replaces it")
    door = door_of(context)
    with door.opened() as service, counting("captures", quiet=door.verbosity < 0 or json) as progress:
        exporter, selection = asked.of(service)
        exported = export_to(exports_of(service), exporter, selection, output, now=service.now(), progress=progress)
    if json:
        show_json(_facts(exported))
    else:
        _show(exported)
    if exported.left_out:
        raise typer.Exit(Exit.INTEGRITY)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The options of an export."""

    form: str
    exporter: Mapping[str, Any]
    selection: Mapping[str, Any]

    def of(self, service: Service) -> tuple[Exporter, Selection]:
        from pressmark.upkeep.exporting import exporter_of, selection_of

        return exporter_of(service, self.form, **self.exporter), selection_of(service, **self.selection)


def _to_stdout(context: typer.Context, asked: _Asked) -> None:
    """Nothing of it can be verified here, and what is damaged ends it."""
    from pressmark.cli.output import show_bytes
    from pressmark.upkeep.exporting import exports_of

    with door_of(context).opened() as service:
        exporter, selection = asked.of(service)
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
    more = f" and {counted(totals.originals, 'original')} of revisits" if totals.originals else ""
    gone = f"; of {counted(totals.missing, 'revisit')} the payload is not kept" if totals.missing else ""
    resumed = ", going on where it was cut" if exported.resumed else ""
    size = counted(exported.size, "octet")
    show(f"{exported.path}: {counted(totals.captures, 'capture')}{more}, {size}, verified{resumed}{gone}")
    show(f"sha256 {exported.sha256}")
    for finding in exported.left_out:
        tell(f"left out: {finding.sentence}")
