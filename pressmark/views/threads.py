"""A thread over all its pages, with the history of its posts, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from extractor.values.thread_json import post_json

if TYPE_CHECKING:
    from archive.retrieval.thread_history import KeptPost, WholeThread


def whole_json(thread: WholeThread) -> dict[str, Any]:
    """Return the JSON that docs/formats/threads.md describes."""
    return {
        "url": thread.url,
        "engine": thread.engine,
        "title": thread.title,
        "board": thread.board,
        "tags": list(thread.tags),
        "complete": thread.complete,
        "missing": list(thread.missing),
        "deleted": thread.deleted.isoformat() if thread.deleted else None,
        "deleted_why": thread.deleted_why,
        "posts": [_post_json(kept) for kept in thread.posts],
    }


def _post_json(kept: KeptPost) -> dict[str, Any]:
    edits = [{"until": edit.until.isoformat(), "text": edit.text} for edit in kept.edits]
    return {
        **post_json(kept.post),
        "added": kept.added.isoformat(),
        "seen": kept.seen.isoformat(),
        "edits": edits,
        "deleted": kept.deleted.isoformat() if kept.deleted else None,
        "captures": {at.isoformat(): url for at, url in sorted(kept.captures.items())},
    }
