"""pressmark similar: other pages with nearly the same text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from archive.texts.search.thresholds import ALIKE, LEAST
from pressmark.cli.captures import Url, When
from pressmark.cli.options import Json
from pressmark.cli.runtime import door_of, fail, reported
from pressmark.cli.terminal.output import print_note, show_json, show_table
from pressmark.service.exits import Exit

if TYPE_CHECKING:
    from pressmark.views.similar import CopiesShape


@reported
def similar(
    context: typer.Context,
    url: Url,
    *,
    at: When = None,
    threshold: Annotated[
        float,
        typer.Option(
            min=LEAST,
            max=1.0,
            help="Minimum similarity of two texts, from 0.5 (half of the text is the same) to 1 (the texts are equal).",
        ),
    ] = ALIKE,
    limit: Annotated[int, typer.Option(min=1, max=500, help="Show at most this many results.")] = 50,
    json: Json = False,
) -> None:
    """List pages with nearly the same text at other URLs: copies of news agency reports, reprints and print views.

    \b
    pressmark similar https://example.org/news/1
    pressmark similar https://example.org/news/1 --at 20260131 --threshold 0.8 --json
    """
    from archive.values.timestamps import NEWEST, parse_timestamp
    from pressmark.views.similar import copies_shape

    with door_of(context).opened() as service:
        moment = parse_timestamp(at, end=True) if at else NEWEST
        found = service.archive.similar(url, moment, threshold=threshold, limit=limit)
    if found is None:
        raise fail(f"Pressmark found no text on {url}", Exit.NOT_FOUND)
    shape = copies_shape(found)
    if json:
        show_json(shape)
    else:
        _show(shape)
    if not shape.items:
        raise typer.Exit(Exit.NOT_FOUND)


def _show(found: CopiesShape) -> None:
    if not found.comparable:
        print_note("the text of the page is too short to find similar pages")
    else:
        show_table(
            ("similarity", "archived", "source", "url", "title"),
            [(f"{one.likeness:.2f}", one.timestamp, one.source, one.url, one.title) for one in found.items],
            empty="no page with a similar text was found",
        )
        if found.total > len(found.items) or not found.complete:
            of = f"{'' if found.complete else 'at least '}{found.total}"
            print_note(f"{len(found.items)} of {of} similar pages are shown")
