"""pressmark thread: a forum thread over all its pages, with the history of its posts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pressmark.cli.captures import Url, When
from pressmark.cli.options import Json
from pressmark.cli.runtime import door_of, fail, reported
from pressmark.cli.terminal.language import translate
from pressmark.cli.terminal.output import in_one_line, show_json, show_table
from pressmark.cli.terminal.style import show_styled
from pressmark.service.exits import Exit

if TYPE_CHECKING:
    from archive.retrieval.thread_history import KeptPost, WholeThread

_BEGINNING = 60


@reported
def thread(
    context: typer.Context,
    url: Url,
    *,
    at: When = None,
    edits: Annotated[
        bool, typer.Option("--edits", help="Show word by word what was edited or deleted in each post.")
    ] = False,
    json: Json = False,
) -> None:
    """Show a whole forum thread, merged from its archived pages.

    The result shows when each post was first seen, edited and deleted, and which pages of the thread are not
    archived.

    \b
    pressmark thread https://forum.example.org/t/7
    pressmark thread https://forum.example.org/t/7 --edits
    pressmark thread https://forum.example.org/t/7 --at 20260131 --json
    """
    from archive.values.timestamps import parse_timestamp
    from pressmark.views.capture_choice import LATEST, check_archived
    from pressmark.views.threads import whole_json

    with door_of(context).opened() as service:
        whole = service.archive.thread(url, parse_timestamp(at, end=True) if at else None)
        if whole is None:
            check_archived(service, url, at or LATEST)
    if whole is None:
        raise fail(f"Pressmark found no forum posts on {url}", Exit.NOT_FOUND)
    if json:
        show_json(whole_json(whole))
        return
    if edits:
        _show_edits(whole)
        return
    head = ("date", "author", "history", "post")
    show_table(head, [_row(kept) for kept in whole.posts], empty="no posts")
    door_of(context).print_note(
        "complete" if whole.complete else f"these pages of the thread are not archived: {', '.join(whole.missing)}"
    )
    if whole.deleted:
        door_of(context).print_note(
            f"the thread was gone from the site when Pressmark checked it on {whole.deleted:%Y-%m-%d %H:%M:%S}"
        )
    if whole.deleted_why:
        door_of(context).print_note(f"what shows it: {in_one_line(whole.deleted_why)}")


def _show_edits(whole: WholeThread) -> None:
    from archive.retrieval.difference.lines import compare
    from pressmark.cli.diff import show_rows

    for number, kept in enumerate(whole.posts, 1):
        who = in_one_line(f"{number}. {kept.post.author or ''} {kept.post.date or ''}")
        texts = [*(edit.text for edit in kept.edits), kept.post.text]
        for edit, after in zip(kept.edits, texts[1:], strict=True):
            show_styled([(f"@@ {who} edited, found on {edit.until:%Y-%m-%d %H:%M:%S} @@", "soft")])
            show_rows(compare(edit.text, after), lines=False, noise=True)
        if kept.deleted:
            show_styled([(f"@@ {who} deleted, found on {kept.deleted:%Y-%m-%d %H:%M:%S} @@", "soft")])
            for line in kept.post.text.split("\n"):
                show_styled([("  ", None), (line, "delete")])


def _row(kept: KeptPost) -> tuple[str, ...]:
    history = [translate(f"edited {edit.until:%Y-%m-%d}") for edit in kept.edits]
    history += [translate(f"deleted {kept.deleted:%Y-%m-%d}")] if kept.deleted else []
    beginning = " ".join(kept.post.text.split())[:_BEGINNING]
    return (kept.post.date or "", kept.post.author or "", ", ".join(history), beginning)
