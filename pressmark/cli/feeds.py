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
    collection: Annotated[str | None, typer.Option(metavar="NAME", help="Only this collection.")] = None,
    before: Annotated[str | None, typer.Option(metavar="CURSOR", help="Continue after this cursor.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="Maximum number of entries.")] = 50,
    origin: Annotated[
        str | None, typer.Option(metavar="URL", help="Public base URL of the service, used in links.")
    ] = None,
) -> None:
    """Write the Atom feed of new and changed pages.

    The service also serves it under /api/v1/feeds.

    \b
    pressmark feed --source example-org > example-org.atom
    """
    from pressmark.views.feeds import Feed
    from pressmark.views.feeds import feed as written

    if source and collection:
        raise fail("--source and --collection can't be combined", Exit.USAGE)
    with door_of(context).opened() as service:
        settings = service.settings
        home = (origin or f"http://{settings.host}:{settings.port}").rstrip("/")
        show_bytes(written(service, Feed(source, collection), home, before=before, limit=limit))
