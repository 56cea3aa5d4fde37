"""pressmark feed: new and changed pages, as Atom."""

from __future__ import annotations

from typing import Annotated

import typer

from pressmark.cli.options import OfSource
from pressmark.cli.runtime import door_of, fail, reported
from pressmark.cli.terminal.output import show_bytes
from pressmark.service.exits import Exit


@reported
def feed(
    context: typer.Context,
    *,
    source: OfSource = None,
    collection: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this collection (group of sources).")
    ] = None,
    before: Annotated[
        str | None,
        typer.Option(
            metavar="CURSOR",
            help="Show the next part of the results. Give the cursor that the command printed below the previous part.",
        ),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="Show at most this many entries.")] = 50,
    origin: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Address at which readers reach the service. The links in the feed begin with this address.",
        ),
    ] = None,
) -> None:
    """Write an Atom feed of new and changed pages, for a feed reader.

    While the service runs, feed readers find the same feed under /api/v1/feeds.

    \b
    pressmark feed --source example-org > example-org.atom
    """
    from pressmark.views.feeds import Feed
    from pressmark.views.feeds import feed as written

    if source and collection:
        raise fail("the options --source and --collection can't be used together", Exit.USAGE)
    with door_of(context).opened() as service:
        settings = service.settings
        home = (origin or f"http://{settings.host}:{settings.port}").rstrip("/")
        show_bytes(written(service, Feed(source, collection), home, before=before, limit=limit))
