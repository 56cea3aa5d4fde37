"""pressmark thread: a forum's thread over all its pages, with the history of its posts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from pressmark.cli.door import door_of, fail, reported
from pressmark.cli.kept import Url, When
from pressmark.cli.options import Json
from pressmark.cli.output import show_json, show_table
from pressmark.exits import Exit

if TYPE_CHECKING:
    from archive.thread_history import KeptPost

_BEGINNING = 60


@reported
def thread(context: typer.Context, url: Url, *, at: When = None, json: Json = False) -> None:
    """Join a thread of a forum over all its pages that are kept.

    With the history of its posts: when each was first seen, edited, deleted; and with the pages that are missing.

    \b
    pressmark thread https://forum.example.org/t/7
    pressmark thread https://forum.example.org/t/7 --at 20260131 --json
    """
    from archive.timestamps import parse_timestamp
    from pressmark.threads import whole_json

    with door_of(context).opened() as service:
        whole = service.archive.thread(url, parse_timestamp(at, end=True) if at else None)
    if whole is None:
        raise fail(f"no posts were read from {url}", Exit.NOT_FOUND)
    if json:
        show_json(whole_json(whole))
        return
    show_table(("date", "author", "history", "post"), [_row(kept) for kept in whole.posts], empty="no posts")
    door_of(context).tell("complete" if whole.complete else f"not kept: {', '.join(whole.missing)}")


def _row(kept: KeptPost) -> tuple[str, ...]:
    history = [f"edited {edit.until:%Y-%m-%d}" for edit in kept.edits]
    history += [f"deleted {kept.deleted:%Y-%m-%d}"] if kept.deleted else []
    beginning = " ".join(kept.post.text.split())[:_BEGINNING]
    return (kept.post.date or "", kept.post.author or "", ", ".join(history), beginning)
