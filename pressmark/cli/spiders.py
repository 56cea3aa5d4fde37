"""pressmark runs items: what a spider of the user's own gave in a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pressmark.cli.output import show_bytes
from pressmark.cli.runs import RunId
from pressmark.cli.runtime import door_of, fail, reported
from pressmark.service.exits import Exit


@reported
def items(
    context: typer.Context,
    run: RunId,
    *,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Output file.")] = None,
) -> None:
    """Export the items of a custom spider's run, as JSON Lines.

    Each line has the item, the URL of its response, and the ids of the WARC records.

    \b
    pressmark runs items 20261124T155500Z-quotes-1a2b3c -o items.jsonl
    """
    with door_of(context).opened() as service:
        found = service.runs.get(run)
        lines = list(service.items.of(run))
    if not lines:
        raise fail(f"the run {run} of {found.source} has no items", Exit.NOT_FOUND)
    if output is None or str(output) == "-":
        for line in lines:
            show_bytes(line)
        return
    output.write_bytes(b"".join(lines))
    door_of(context).tell(f"wrote {len(lines)} items to {output}")
