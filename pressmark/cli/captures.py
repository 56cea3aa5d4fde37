"""pressmark captures, snapshot, verify, rebuild: retrieve captures and check them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from pressmark.cli.options import Json
from pressmark.cli.runtime import door_of, fail, reported
from pressmark.cli.terminal.output import counted, plain, show_bytes, show_json, show_table
from pressmark.service.exits import Exit

if TYPE_CHECKING:
    from archive.retrieval.snapshot import Snapshot
    from pressmark.service.service import Service

snapshot = typer.Typer(no_args_is_help=True, help="Print or cite an archived version of a page.", rich_markup_mode=None)


Url = Annotated[str, typer.Argument(help="URL of an archived page.", metavar="URL")]
When = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="Time in UTC as YYYYMMDDhhmmss, or only its first digits (2026, 202601), or a date such as 2026-01-31.",
    ),
]


@reported
def captures(
    context: typer.Context,
    url: Url,
    *,
    since: When = None,
    until: When = None,
    match: Annotated[
        Literal["exact", "prefix", "host", "domain"],
        typer.Option(
            help="Which URLs to list: only this URL, all URLs that begin with it, all URLs of its host, or all URLs of "
            "its domain."
        ),
    ] = "exact",
    tag: Annotated[str | None, typer.Option(help="List only the captures to which people gave this tag.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="Show at most this many results.")] = 100,
    json: Json = False,
) -> None:
    """List the captures (archived versions) of a URL, newest first.

    \b
    pressmark captures https://example.org/news/1 --json
    pressmark captures example.org --match host
    pressmark captures example.org --match host --tag budget
    """
    from archive.values.timestamps import parse_timestamp
    from pressmark.views.describe_captures import capture_shapes, kind_of

    with door_of(context).opened() as service:
        address = service.archive.address_of(url) if match == "exact" else None
        found = service.archive.captures(
            address or url,
            since=parse_timestamp(since) if since else None,
            until=parse_timestamp(until, end=True) if until else None,
            match=match,
            tag=tag or None,
            limit=limit,
            newest_first=match == "exact",
        )
        shapes = capture_shapes(service, list(found))
    if json:
        show_json({"items": shapes, "alias_of": address})
    else:
        if address:
            door_of(context).print_note(f"{url} is archived under another address of the same page: {address}")
        rows = [(one.timestamp, one.status, kind_of(one), one.mime, one.length, one.source, one.url) for one in shapes]
        head = ("timestamp", "status", "kind", "type", "bytes", "source", "url")
        show_table(head, rows, words=("kind",), empty=f"no captures of {url}")
    if not shapes:
        raise typer.Exit(Exit.NOT_FOUND)


@reported
def why(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="The URL of a page, archived or not.", metavar="URL")],
    *,
    json: Json = False,
) -> None:
    """Explain when a page was last fetched, when it will be fetched next, and which rules decide this.

    \b
    pressmark why https://example.org/news/1
    pressmark why https://example.org/news/1?utm_source=x --json
    """
    from pressmark.cli.terminal.why_table import rows_of
    from pressmark.upkeep.why import why as explained

    with door_of(context).opened() as service:
        try:
            shape = explained(service, url)
        except ValueError as error:
            raise fail(str(error), Exit.USAGE) from None
    if json:
        show_json(shape)
    else:
        show_table(("what", "is"), rows_of(shape), words=("what", "is"), empty="")


@snapshot.command("get")
@reported
def get(
    context: typer.Context,
    url: Url,
    *,
    at: When = None,
    raw: Annotated[
        bool,
        typer.Option(
            "--raw", help="Print the content exactly as the server sent it; if it is compressed, it stays compressed."
        ),
    ] = False,
    text: Annotated[
        bool, typer.Option("--text", help="Print the text of the page, without menus and advertisements.")
    ] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the text of the page as Markdown.")] = False,
    thread: Annotated[bool, typer.Option("--thread", help="Print the forum posts of the page, as JSON.")] = False,
    tables: Annotated[
        Literal["csv", "json"] | None, typer.Option("--tables", help="Print the tables of the page, in this format.")
    ] = None,
    headers: Annotated[bool, typer.Option("--headers", help="Print the HTTP headers of the response.")] = False,
    json: Annotated[
        bool,
        typer.Option(
            "--json", help="Print all facts about the capture (archived version), including its text, as JSON."
        ),
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="File to write. With -, the command writes to standard output."),
    ] = None,
) -> None:
    """Print an archived version of a page, or save it.

    The command prints the capture nearest to the time --at, or without --at, the newest capture. It prints the content
    as a browser would see it (decompressed).

    \b
    pressmark snapshot get https://example.org/news/1 --text
    pressmark snapshot get https://forum.example.org/t/7 --thread
    pressmark snapshot get https://example.org/figures --tables csv
    pressmark snapshot get https://example.org/news/1 --at 20260131 --raw -o page.html.gz
    """
    if sum((raw, text, markdown, thread, tables is not None, headers, json)) > 1:
        raise fail("use only one of --raw, --text, --markdown, --thread, --tables, --headers and --json", Exit.USAGE)
    with door_of(context).opened() as service, snapshot_of(service, url, at) as found:
        if json and output is None:
            from pressmark.views.describe_captures import snapshot_shape

            show_json(snapshot_shape(service, found))
            return
        views: dict[Form, bool] = {"raw": raw, "text": text, "markdown": markdown, "thread": thread}
        asked = views | {"csv": tables == "csv", "tables": tables == "json", "headers": headers, "json": json}
        form: Form = next((name for name, wanted in asked.items() if wanted), "body")
        data = _data(service, found, form)
    if output is None or str(output) == "-":
        show_bytes(data)
    else:
        output.write_bytes(data)
        door_of(context).print_note(f"wrote {counted(len(data), 'byte')} to {output}")


Form = Literal["raw", "text", "markdown", "thread", "csv", "tables", "headers", "json", "body"]


def snapshot_of(service: Service, url: str, at: str | None) -> Snapshot:
    """Return the snapshot nearest to a time, or the newest. Raises CaptureNotFound, ValueError."""
    from pressmark.views.capture_choice import LATEST, snapshot_at

    return snapshot_at(service, url, at or LATEST)


def _data(service: Service, found: Snapshot, form: Form) -> bytes:
    if form == "raw":
        return found.raw().read()
    if form == "headers":
        return found.head
    if form == "json":
        import json

        from pressmark.views.describe_captures import snapshot_shape

        return json.dumps(plain(snapshot_shape(service, found)), indent=2, ensure_ascii=False).encode() + b"\n"
    return _extracted(found, form) if form != "body" else found.payload().body


def _extracted(found: Snapshot, form: Form) -> bytes:
    if form == "thread":
        return _posts(found)
    if form in ("csv", "tables"):
        return _tables(found, as_csv=form == "csv")
    return _text_of(found, marked=form == "markdown").encode() + b"\n"


def _text_of(found: Snapshot, *, marked: bool) -> str:
    from archive.texts.text_as_markdown import markdown_of

    if found.text is None or found.text.text is None:
        raise fail(found.why_no_text, Exit.NOT_FOUND, "run 'pressmark captures URL' to see all captures")
    return (markdown_of(found.text) if marked else None) or found.text.text


def _tables(found: Snapshot, *, as_csv: bool) -> bytes:
    import json

    from pressmark.views.tables import csv_of, json_of, tables_in

    tables = tables_in(found.text) if found.text else ()
    if not tables:
        raise fail(f"Pressmark found no tables on {found.capture.url}", Exit.NOT_FOUND)
    written = csv_of(tables) if as_csv else json.dumps(json_of(tables), indent=2, ensure_ascii=False) + "\n"
    return written.encode("utf-8", "replace")


def _posts(found: Snapshot) -> bytes:
    import json

    from extractor.values.thread_json import thread_json

    thread = found.text.thread if found.text else None
    if thread is None:
        raise fail(f"Pressmark found no forum posts on {found.capture.url}", Exit.NOT_FOUND)
    return json.dumps(thread_json(thread), indent=2, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
