"""pressmark article: an article over all its parts."""

from __future__ import annotations

from typing import Annotated

import typer

from pressmark.cli.captures import Url, When
from pressmark.cli.options import Json
from pressmark.cli.runtime import door_of, fail, reported
from pressmark.cli.terminal.output import show_bytes, show_json
from pressmark.service.exits import Exit


@reported
def article(
    context: typer.Context,
    url: Url,
    *,
    at: When = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the result as Markdown.")] = False,
    json: Json = False,
) -> None:
    """Show an article that spans several pages as one text.

    If a part of the article is not archived, the exit code is 3.

    \b
    pressmark article https://example.org/story
    pressmark article https://example.org/story/2 --at 20260131 --markdown
    """
    from archive.values.timestamps import NEWEST, parse_timestamp
    from pressmark.views.articles import article_json
    from pressmark.views.capture_choice import LATEST, check_archived

    with door_of(context).opened() as service:
        found = service.archive.article(url, parse_timestamp(at, end=True) if at else NEWEST)
        if found is None:
            check_archived(service, url, at or LATEST)
    if found is None:
        raise fail(f"Pressmark found no text on {url}", Exit.NOT_FOUND)
    if json:
        show_json(article_json(found))
    else:
        show_bytes((found.markdown if markdown else found.text).encode("utf-8", "replace") + b"\n")
    if not found.complete:
        raise fail(f"some pages of this article are not archived: {', '.join(found.missing)}", Exit.PARTIAL)
