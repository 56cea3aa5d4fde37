"""pressmark search: search the present and past texts of pages, and the items of users' spiders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pressmark.cli.options import Json, OfSource
from pressmark.cli.runtime import door_of, fail, reported
from pressmark.cli.terminal.output import in_one_line, print_note, show_json
from pressmark.cli.terminal.style import Style, show_styled
from pressmark.service.exits import Exit

if TYPE_CHECKING:
    from pressmark.views.search import FoundItemShape, FoundShape, PieceShape

When = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="Time in UTC as YYYYMMDDhhmmss, or only its first digits (2026, 202601), or a date such as 2026-01-31.",
    ),
]


@reported
def search(
    context: typer.Context,
    words: Annotated[
        list[str],
        typer.Argument(
            help='Words to find. Write "a phrase" in quotes, -word to exclude a word, and begin* for words '
            'that start with "begin".',
            metavar="WORDS...",
        ),
    ],
    *,
    language: Annotated[str | None, typer.Option(metavar="CODE", help="Language code, e.g. zh or en.")] = None,
    source: OfSource = None,
    collection: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this collection (group of sources).")
    ] = None,
    site: Annotated[
        str | None,
        typer.Option(metavar="HOST", help="Only pages of this host, such as example.org, and of its subdomains."),
    ] = None,
    since: When = None,
    until: When = None,
    current: Annotated[bool, typer.Option("--current", help="Only the newest text of each page.")] = False,
    tag: Annotated[
        str | None, typer.Option(metavar="TAG", help="Only pages whose source, or whose snapshot, has this tag.")
    ] = None,
    verdicts: Annotated[
        bool,
        typer.Option(
            "--verdicts",
            help="Also search pages that a site sent instead of an article: notices that access is refused, "
            "login pages and 'not found' pages.",
        ),
    ] = False,
    items: Annotated[
        bool,
        typer.Option(
            "--items", help="Search the items (data records) that your own spiders collected, instead of pages."
        ),
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=100, help="Show at most this many results.")] = 20,
    cursor: Annotated[
        str | None,
        typer.Option(
            metavar="CURSOR",
            help="Show the next part of the results. Give the cursor that the command printed below the previous part.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Search the text of archived pages, or the items (data records) that your own spiders collected.

    The command lists each version of a page once, best match first. Write -- before a word that begins with a minus
    sign.

    \b
    pressmark search 量子 计算 --language zh
    pressmark search --site example.org --current -- '"open access"' -subscription
    pressmark search --items einstein --source quotes
    """
    from pressmark.views.search import FoundShape, find, find_items, narrowed

    if not " ".join(words).strip():
        raise fail(
            "the search needs at least one word", Exit.USAGE, "give the words to search for: pressmark search WORDS"
        )
    if items and (language or current or verdicts):
        raise fail("the options --items and --language, --current or --verdicts can't be used together", Exit.USAGE)
    with door_of(context).opened() as service:
        where = narrowed(
            service,
            language=language,
            source=source,
            collection=collection,
            site=site,
            since=since,
            until=until,
            current=current,
            verdicts=verdicts,
            tag=tag,
        )
        found = (find_items if items else find)(service, " ".join(words), where, limit=limit, cursor=cursor)
        may_add = not (items or json or cursor or language or current or verdicts)
        also = may_add and find_items(service, " ".join(words), where, limit=1).items
    if json:
        show_json(found)
    else:
        for one in found.items:
            _show(one) if isinstance(one, FoundShape) else _show_item(one)
        if found.next:
            print_note(f"for more results, add --cursor {found.next}")
    if also:
        print_note(
            "the search also matches items (data records) that your own spiders collected; to see "
            "those instead of pages, use --items"
        )
    if not found.items:
        if not json:
            print_note("no results")
        raise typer.Exit(Exit.NOT_FOUND)


def _show(one: FoundShape) -> None:
    until = f" to {one.superseded_at:%Y-%m-%d}" if one.superseded_at else ""
    show_styled(_styles(one.title_pieces) or [(in_one_line(one.url), None)])
    show_styled([("  ", None), *_styles(one.snippet_pieces)])
    verdict = f"  {one.verdict}" if one.verdict else ""
    show_styled([(f"  {in_one_line(one.url)}  {one.source}  {one.timestamp}{until}{verdict}", "soft")])


def _show_item(one: FoundItemShape) -> None:
    show_styled(_styles(one.snippet_pieces))
    show_styled([(f"  {in_one_line(one.url) or '-'}  {one.source}  {one.run}  item {one.number}", "soft")])


def _styles(pieces: list[PieceShape]) -> list[tuple[str, Style | None]]:
    return [(" ".join(piece.text.splitlines()), "mark" if piece.marked else None) for piece in pieces]
