"""Threads that pages carry as JSON for their scripts: reading it without trusting its shape."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from extractor.forums.bodies import read_body
from extractor.forums.times import Shown, read_times
from extractor.html.page import parse
from extractor.values.thread import Post, Quote
from extractor.values.urls import Resolver


def loads(written: str | None) -> Any:
    """What a JSON text says; None when it is none."""
    try:
        return json.loads(written or "", strict=False)
    except (ValueError, RecursionError):
        return None


def mapping(value: Any) -> Mapping[str, Any]:
    """The value, if it is an object; else an empty one."""
    return value if isinstance(value, dict) else {}


def objects(value: Any) -> Sequence[Mapping[str, Any]]:
    """The objects of a list; none, if it is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else ()


def text(value: Any) -> str | None:
    """A text or a number as a text; None for anything else, and for what is empty."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return " ".join(str(value).split()) or None


def count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def moment(value: Any) -> str | None:
    """A time as JSON writes it, in ISO 8601."""
    return read_times([Shown(machine=text(value))], None)[0]


def post_of(html: Any, resolver: Resolver, **facts: Any) -> Post:
    """A post of no engine, whose body is HTML in the payload."""
    root = parse(html if isinstance(html, str) else "").body
    if root is None:
        return Post(text="", **facts)
    quotes = root.css("blockquote")
    read = read_body(root, resolver, {node.mem_id for node in quotes})
    quoted = tuple(Quote(read_body(node, resolver).text) for node in quotes)
    return Post(text=read.text, markdown=read.markdown, own=read.own, quotes=quoted, **facts)
