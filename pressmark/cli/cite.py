"""pressmark snapshot cite: the citation of a capture."""

from __future__ import annotations

from typing import Annotated

import typer

from pressmark.cli.captures import Url, When, snapshot_of
from pressmark.cli.options import Json
from pressmark.cli.runtime import door_of, fail, reported
from pressmark.cli.terminal.output import show, show_json
from pressmark.service.exits import Exit
from pressmark.views.citations.styles import BY_NAME, STYLES, StyleName


@reported
def cite(
    context: typer.Context,
    url: Url,
    *,
    at: When = None,
    style: Annotated[
        StyleName, typer.Option(help="Citation style, or the file format of a reference manager.")
    ] = "apa",
    json: Json = False,
) -> None:
    """Cite an archived page, with a permanent link. The link begins with the address in the setting `public_url`.

    \b
    pressmark snapshot cite https://example.org/news/1
    pressmark snapshot cite https://example.org/news/1 --at 20260131 --style bibtex >> thesis.bib
    """
    from pressmark.views.capture_choice import stamp_of
    from pressmark.views.citations.work import work_of
    from pressmark.views.describe_captures import page_link

    door = door_of(context)
    with door.opened() as service, snapshot_of(service, url, at) as found:
        home = service.settings.public_url
        if home is None:
            hint = (
                "set public_url to the address at which readers reach your service, by a line of HOME/pressmark.yaml: "
                "'public_url: https://archive.example.org'"
            )
            raise fail(
                "the setting public_url is missing; without it, a citation has no permanent link", Exit.CONFIG, hint
            )
        work = work_of(found, home + page_link(found.capture.url, stamp_of(service, found.capture)))
    if json:
        show_json({one.name: one.write(work) for one in STYLES})
    else:
        show(BY_NAME[style].write(work))
