"""pressmark search: what pages say and said, by the words in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pressmark.cli.options import Json, OfSource
from pressmark.cli.output import in_one_line, show_json, tell
from pressmark.cli.runtime import door_of, fail, reported
from pressmark.cli.style import Style, show_styled
from pressmark.service.exits import Exit

if TYPE_CHECKING:
    from pressmark.views.search import FoundShape, PieceShape

When = Annotated[str | None, typer.Option(metavar="TIME", help="YYYYMMDDhhmmss or any beginning of it, or ISO 8601.")]


@reported
def search(
    context: typer.Context,
    words: Annotated[list[str], typer.Argument(help='Words; "a phrase", -without, begin*.', metavar="WORDS...")],
    *,
    language: Annotated[str | None, typer.Option(metavar="CODE", help="Such as zh or en.")] = None,
    source: OfSource = None,
    collection: Annotated[str | None, typer.Option(metavar="NAME", help="Only of this collection.")] = None,
    site: Annotated[str | None, typer.Option(metavar="HOST", help="Only of this host and those below it.")] = None,
    since: When = None,
    until: When = None,
    current: Annotated[bool, typer.Option("--current", help="Only what pages say now.")] = False,
    verdicts: Annotated[
        bool, typer.Option("--verdicts", help="Also what is no page: blocks, logins, soft 404s.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=100, help="At most so many.")] = 20,
    cursor: Annotated[str | None, typer.Option(metavar="CURSOR", help="The page after another.")] = None,
    json: Json = False,
) -> None:
    """Search what was kept.

    Each text of a page is found once, the best match first. Before a word that begins with a minus, write --.

    \b
    pressmark search 量子 计算 --language zh
    pressmark search --site example.org --current -- '"open access"' -subscription
    """
    from pressmark.views.search import find, narrowed

    if not " ".join(words).strip():
        raise fail("there are no words to search for", Exit.USAGE, "pressmark search WORDS")
    where = narrowed(
        language=language,
        source=source,
        collection=collection,
        site=site,
        since=since,
        until=until,
        current=current,
        verdicts=verdicts,
    )
    with door_of(context).opened() as service:
        found = find(service, " ".join(words), where, limit=limit, cursor=cursor)
    if json:
        show_json(found)
    else:
        for one in found.items:
            _show(one)
        if found.next:
            tell(f"more: --cursor {found.next}")
    if not found.items:
        if not json:
            tell("nothing that was kept has these words")
        raise typer.Exit(Exit.NOT_FOUND)


def _show(one: FoundShape) -> None:
    until = f" to {one.superseded_at:%Y-%m-%d}" if one.superseded_at else ""
    show_styled(_styles(one.title_pieces) or [(in_one_line(one.url), None)])
    show_styled([("  ", None), *_styles(one.snippet_pieces)])
    verdict = f"  {one.verdict}" if one.verdict else ""
    show_styled([(f"  {in_one_line(one.url)}  {one.source}  {one.timestamp}{until}{verdict}", "soft")])


def _styles(pieces: list[PieceShape]) -> list[tuple[str, Style | None]]:
    return [(" ".join(piece.text.splitlines()), "mark" if piece.marked else None) for piece in pieces]
