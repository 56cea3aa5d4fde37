"""Flat rows for tables: one for each post of a forum, or comment under an article, on each captured page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archive.export.plan import Item
from archive.export.rows import Row, Table
from archive.texts.texts import TextRow
from archive.values.timestamps import timestamp14

_COLUMNS: dict[str, str] = {
    "thread": "string",
    "url": "string",
    "timestamp": "string",
    "captured_at": "moment",
    "position": "integer",
    "page": "integer",
    "pages": "integer",
    "title": "string",
    "board": "string",
    "engine": "string",
    "post_id": "string",
    "post_url": "string",
    "author": "string",
    "date": "string",
    "text": "string",
    "own_text": "string",
    "markdown": "string",
    "answers": "string",
    "score": "integer",
    "language": "string",
    "collection": "string",
    "source": "string",
    "run": "string",
    "record_id": "string",
    "original_record_id": "string",
    "tags": "string",
}


def _rows_of(item: Item, text: TextRow | None, tags: Sequence[str]) -> Iterator[Row]:
    capture, thread = item.capture, text.thread if text else None
    if text is None or thread is None:
        return
    page: Row = {
        "thread": thread.home or thread.url,
        "url": capture.url,
        "timestamp": timestamp14(capture.at),
        "captured_at": capture.at,
        "page": thread.page,
        "pages": thread.pages,
        "title": thread.title,
        "board": thread.board,
        "engine": thread.engine,
        "language": text.language,
        "collection": capture.collection,
        "source": capture.source,
        "run": capture.run,
        "record_id": capture.record_id,
        "original_record_id": item.original,
        "tags": ", ".join(tags) or None,
    }
    for position, post in enumerate(thread.posts, 1):
        said: Row = {
            "position": position,
            "post_id": post.id,
            "post_url": post.url,
            "author": post.author,
            "date": post.date,
            "text": post.text,
            "own_text": post.own,
            "markdown": post.markdown,
            "answers": post.answers,
            "score": post.score,
        }
        row = page | said
        yield {name: row[name] for name in _COLUMNS}


POSTS = Table("post", _COLUMNS, _rows_of, frozenset(("tags",)))
