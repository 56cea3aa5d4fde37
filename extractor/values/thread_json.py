"""Convert threads to JSON and back. Empty fields are left out, and forms of a body that equal its text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from extractor.values.thread import Attachment, Post, Quote, Thread

_Part = Thread | Post | Quote | Attachment
_FORMS = ("markdown", "own")
_KINDS = {
    **dict.fromkeys(("posts", "tags", "folded", "quotes", "attachments"), tuple),
    **dict.fromkeys(("page", "pages", "score"), int),
}
_LISTS = ("tags", "folded")
_NEEDED = ("posts", "tags", "folded", "quotes", "attachments", "text", "markdown", "own")


def thread_json(thread: Thread) -> dict[str, Any]:
    """Return the thread as JSON objects, which `thread_of` reads."""
    said = asdict(thread)
    posts = [_lean(post) for post in said.pop("posts")]
    return {name: value for name, value in said.items() if value not in (None, ())} | {"posts": posts}


def post_json(post: Post) -> dict[str, Any]:
    """Return a post as in the JSON of its thread."""
    return _lean(asdict(post))


def _lean(said: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in said.items() if value not in (None, ())}
    kept = {name: value for name, value in kept.items() if name not in _FORMS or value != said["text"]}
    for name in ("quotes", "attachments"):
        if name in kept:
            kept[name] = [{key: value for key, value in item.items() if value is not None} for item in kept[name]]
    return kept


def thread_of(said: Mapping[str, Any]) -> Thread:
    """Return the thread in JSON objects. Raises ValueError if they are invalid."""
    try:
        lists = {name: tuple(said.get(name, ())) for name in _LISTS}
        inner = {**lists, "posts": tuple(map(_post_of, said["posts"]))}
        thread = Thread(**{"title": None, **said, **inner})
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"this is not a thread: {type(error).__name__}: {error}") from None
    parts: list[_Part] = [thread, *thread.posts]
    for post in thread.posts:
        parts += [*post.quotes, *post.attachments]
    if not all(map(_is_sound, parts)):
        raise ValueError("this is not a thread: a field has an invalid value")
    return thread


def _post_of(said: Mapping[str, Any]) -> Post:
    blank = {"id": None, "author": None, "date": None, **dict.fromkeys(_FORMS, said["text"])}
    quotes = tuple(Quote(**quote) for quote in said.get("quotes", ()))
    attachments = tuple(Attachment(**one) for one in said.get("attachments", ()))
    return Post(**{**blank, **said, "quotes": quotes, "attachments": attachments})


def _is_sound(part: _Part) -> bool:
    """Return whether each field has a valid type: a text, a number or nothing."""
    return all(
        isinstance(value, _KINDS.get(name, str)) or (value is None and name not in _NEEDED)
        for name, value in ((field.name, getattr(part, field.name)) for field in fields(part))
    ) and all(isinstance(tag, str) for name in _LISTS for tag in getattr(part, name, ()))
