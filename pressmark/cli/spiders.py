"""pressmark runs items and shell: for people who write their own Scrapy spiders."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pressmark.cli.captures import Url, When, snapshot_of
from pressmark.cli.runs import RunId
from pressmark.cli.runtime import GlobalOptions, door_of, fail, reported
from pressmark.cli.terminal.output import counted, show, show_bytes
from pressmark.service.exits import Exit

if TYPE_CHECKING:
    from archive.retrieval.snapshot import Snapshot

_NAMES = {
    "scrapy": "the module",
    "response": "",
    "request": "",
    "capture": "where and when it was kept",
    "article": "what was read from the page: title, author, date, language, text, fields",
    "text": "its text",
    "thread": "its posts",
}


@reported
def items(
    context: typer.Context,
    run: RunId,
    *,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File to write.")] = None,
) -> None:
    """Export the items (data records) that your own spider collected in a run, in the format JSON Lines (one record per
    line).

    Each line is a JSON object with the item, the URL of the page it was taken from, and the ids of the WARC records
    of that page.

    \b
    pressmark runs items 20261124T155500Z-quotes-1a2b3c -o items.jsonl
    """
    with door_of(context).opened() as service:
        lines = list(service.items.of(run))
        if not lines:  # runs that a lost database knew have their items in the store
            source = service.runs.get(run).source
            raise fail(
                f"the run {run} of {source} has no items; items are data records, and only custom spiders collect them",
                Exit.NOT_FOUND,
            )
    if output is None or str(output) == "-":
        for line in lines:
            show_bytes(line)
        return
    output.write_bytes(b"".join(lines))
    door_of(context).print_note(f"wrote {counted(len(lines), 'item')} to {output}")


@reported
def shell(
    context: typer.Context,
    url: Url,
    *,
    at: When = None,
    expression: Annotated[
        str | None,
        typer.Option("-c", metavar="EXPRESSION", help="Print the value of this Python expression, and exit."),
    ] = None,
) -> None:
    """Open an archived page in a Python console, as a response object of the crawler library Scrapy, with its extracted
    text.

    The command opens the capture nearest to the time --at, or without --at, the newest capture. It fetches nothing from
    the web. It uses the console IPython if that is installed, or another console that `scrapy shell` supports, or else
    the console of Python.

    \b
    pressmark shell https://example.org/news/1
    pressmark shell https://example.org/news/1 -c "response.css('h1::text').getall()"
    pressmark shell https://example.org/news/1 --at 20260131 -c article.author
    """
    from crawler.userspiders.snapshot_console import open_console

    door = door_of(context)
    with door.opened() as service, snapshot_of(service, url, at) as found:
        names = _names_of(found, door)
    if expression is None:
        open_console(names, _banner(names))
    else:
        show(str(_value(expression, names)))


def _names_of(found: Snapshot, door: GlobalOptions) -> dict[str, Any]:
    from crawler.userspiders.snapshot_console import names_of, response_of

    payload, article = found.payload(), found.text
    if payload.error:
        door.print_note(f"warning: the body of {found.capture.url} is not whole: {payload.error}")
    response = response_of(found.capture.url, found.status, found.headers, payload.body)
    read = {"article": article, "text": article and article.text, "thread": article and article.thread}
    return {**names_of(response), "capture": found.capture, **read}


def _value(expression: str, names: dict[str, Any]) -> object:
    try:
        return eval(expression, names)  # noqa: S307 - the user's own code, as in scrapy shell
    except Exception as error:  # whatever the user's code raises
        raise fail(f"{expression}: {type(error).__name__}: {error}", Exit.USAGE) from None


def _banner(names: dict[str, Any]) -> str:
    lines = [f"  {name:<10} {about or names[name]}" for name, about in _NAMES.items()]
    return "\n".join(("From the archive, not fetched now:", *lines))
