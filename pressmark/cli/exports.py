"""pressmark exports: exports that services make in parts, and keep in the store."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pressmark.cli.access.recording import record
from pressmark.cli.options import Compress, Json
from pressmark.cli.runtime import door_of, fail, reported
from pressmark.cli.terminal.output import counted, print_note, show, show_json, show_sentence, show_table
from pressmark.service.exits import Exit
from pressmark.service.private_files import files_of_user

if TYPE_CHECKING:
    from archive.export.parts.joining import Fetched
    from archive.export.parts.stored import ExportManifest
    from pressmark.service.service import Service

exports = typer.Typer(
    no_args_is_help=True,
    help="List, fetch and delete the exports that services have made in parts (export --queue).",
    rich_markup_mode=None,
)

Id = Annotated[str, typer.Argument(metavar="ID", help="Id of the export, as pressmark exports list shows it.")]


@exports.command("list")
@reported
def list_exports(context: typer.Context, *, json: Json = False) -> None:
    """List the complete exports in the store, the oldest first. 'pressmark jobs list' has those that are being made.

    \b
    pressmark exports list
    """
    from pressmark.upkeep.batches.exports_kept import complete_exports

    with door_of(context).opened() as service:
        found = complete_exports(service)
    if json:
        show_json({"items": [{**_facts(one), "until": until} for one, until in found]})
        return
    head = ("id", "format", "selection", "captures", "bytes", "parts", "until")
    rows = [
        (
            one.id,
            one.form,
            one.selection,
            one.captures,
            one.octets,
            len(one.parts),
            f"{until:%Y-%m-%d %H:%M}" if until else "-",
        )
        for one, until in found
    ]
    show_table(head, rows, words=(), empty="the store has no complete export")


@exports.command("get")
@reported
def get_export(
    context: typer.Context,
    id: Id,
    *,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="File to write.")],
    compress: Compress = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    json: Json = False,
) -> None:
    """Fetch an export from the store, join its parts to one file, and verify the file.

    The file is the same as that of 'pressmark export' without --queue. If the command is interrupted, run it again: it
    continues after the last complete part. An export that has captures which were taken down since is refused. If
    archived pages were damaged, the command lists them and ends with the exit code 10.

    \b
    pressmark exports get export-20260131120000-9f2c41 -o all.warc.gz
    """
    if output.exists() and not force:
        raise fail(f"the file {output} already exists", Exit.USAGE, "to replace it, add --force")
    with door_of(context).opened() as service:
        _fetch(context, service, id, output, compress=compress, json=json)


@exports.command("delete")
@reported
def delete(context: typer.Context, id: Id, *, json: Json = False) -> None:
    """Delete an export from the store. If it is not over, it is cancelled.

    \b
    pressmark exports delete export-20260131120000-9f2c41
    """
    from pressmark.upkeep.batches.exports_kept import delete_export

    with door_of(context).opened() as service:
        count = delete_export(service, id)
        record(context, service, id, after={"objects": count})
    if json:
        show_json({"id": id, "objects": count})
    else:
        show_sentence(f"{id} was deleted from the store: {counted(count, 'object')}")


def export_in_jobs(
    context: typer.Context,
    form: str,
    exporter: Mapping[str, Any],
    selection: Mapping[str, Any],
    *,
    output: Path | None,
    json: bool,
) -> None:
    """Let services make an export, wait for it, and fetch it to `output`.

    `exporter` and `selection` are arguments of `exporter_of` and `selection_of`.
    """
    from pressmark.cli.care.jobs import awaited
    from pressmark.service.access.trail import user_of_machine
    from pressmark.upkeep.batches.exports_kept import request_export
    from pressmark.upkeep.exports import exporter_of

    door = door_of(context)
    quiet = door.verbosity < 0 or json
    with door.opened() as service:
        exporter_of(service, form, **exporter)  # before services work for nothing
        by, posts = str(user_of_machine()), bool(exporter["posts"])
        batch, is_new = request_export(service, form, selection, by, posts=posts)
        if not is_new and not quiet:
            print_note(f"the same export is being made, as requested at {batch.requested_at:%Y-%m-%d %H:%M:%S} UTC")
        awaited(service, batch.id, quiet=quiet)
        if output is not None:
            _fetch(context, service, batch.id, output, compress=exporter["compress"], json=json)
            return
        from archive.export.parts.stored import StoredExport

        manifest = StoredExport(service.store, batch.id).manifest()
    _show(manifest, None, json=json)


def _fetch(
    context: typer.Context, service: Service, id_: str, output: Path, *, compress: str | None, json: bool
) -> None:
    from pressmark.cli.terminal.progress import BYTES, counting
    from pressmark.upkeep.batches.exports_kept import fetch_export
    from pressmark.upkeep.unfinished_exports import noted_export

    quiet = door_of(context).verbosity < 0 or json
    with files_of_user(), counting(BYTES, quiet=quiet) as progress, noted_export(service.database, output):
        manifest, fetched = fetch_export(service, id_, output, compress=compress, progress=progress)
    _show(manifest, fetched, json=json)


def _show(manifest: ExportManifest, fetched: Fetched | None, *, json: bool) -> None:
    """Write what an export has, and where. If it leaves captures out, exit with the code of damage."""
    from archive.values.errors import Finding

    if json:
        show_json(_facts(manifest, fetched))
    else:
        captures, parts = counted(manifest.captures, "capture"), counted(len(manifest.parts), "part")
        if fetched is None:
            show_sentence(f"{manifest.id}: {captures} in {parts}, in the store")
            print_note(f"to fetch it, run: pressmark exports get {manifest.id} -o FILE")
        else:
            show_sentence(f"{fetched.path}: {captures} in {counted(fetched.size, 'byte')}, verified")
            show(f"sha256 {fetched.sha256}")
        if manifest.missing:
            show_sentence(f"{counted(manifest.missing, 'revisit')} whose content is not archived")
        if manifest.hidden:
            show_sentence(f"not exported, as they are taken down: {counted(manifest.hidden, 'capture')}")
        for facts in manifest.left_out:
            print_note(f"not exported: {Finding(**facts).sentence}")
    if manifest.left_out:
        raise typer.Exit(Exit.INTEGRITY)


def _facts(manifest: ExportManifest, fetched: Fetched | None = None) -> dict[str, Any]:
    facts = {
        "id": manifest.id,
        "format": manifest.form,
        "selection": manifest.selection,
        "created": manifest.created,
        "parts": len(manifest.parts),
        "octets": manifest.octets,
        "captures": manifest.captures,
        "originals": manifest.originals,
        "missing": manifest.missing,
        "hidden": manifest.hidden,
        "left_out": list(manifest.left_out),
    }
    if fetched is not None:
        facts |= {
            "file": str(fetched.path),
            "octets": fetched.size,
            "sha256": fetched.sha256,
            "resumed": fetched.resumed,
        }
    return facts
