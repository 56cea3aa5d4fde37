"""Read JSON inside pages, without trusting its structure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from extractor.forums.bodies import read_body
from extractor.forums.times import ShownTime, read_times
from extractor.html.page import parse
from extractor.values.thread import Post, Quote
from extractor.values.urls import Resolver

_MOST = 2**63 - 1
"""The largest count: tables of exports have 64 bits for it."""
_LONE = re.compile("[\ud800-\udfff]")
"""Halves of characters: JSON can name one alone, and no address or file can have it."""


def loads(written: str | None) -> Any:
    """Parse a JSON text; None if it is invalid."""
    try:
        return json.loads(written or "", strict=False)
    except (ValueError, RecursionError):
        return None


def mapping(value: Any) -> Mapping[str, Any]:
    """Return the value if it is an object; otherwise an empty one."""
    return value if isinstance(value, dict) else {}


def objects(value: Any) -> Sequence[Mapping[str, Any]]:
    """Return the objects of a list; nothing if it is not a list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else ()


def text(value: Any) -> str | None:
    """Return a text or a number as a text; None for anything else, and for an empty text."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return " ".join(_LONE.sub("\ufffd", str(value)).split()) or None


def identifier(value: Any) -> str | None:
    """Return a text or a number that can be part of an address; None for anything else."""
    return None if isinstance(value, str) and _LONE.search(value) else text(value)


def count(value: Any) -> int | None:
    """Return a whole number; None for anything else, and for one that no count can be."""
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _MOST else None


def moment(value: Any) -> str | None:
    """Convert a time in JSON to ISO 8601."""
    return read_times([ShownTime(machine=text(value))], None)[0]


def post_of(html: Any, resolver: Resolver, **facts: Any) -> Post:
    """Return a post without an engine, with an HTML body from the payload."""
    root = parse(html if isinstance(html, str) else "").body
    if root is None:
        return Post(text="", **facts)
    quotes = root.css("blockquote")
    read = read_body(root, resolver, {node.mem_id for node in quotes})
    quoted = tuple(Quote(read_body(node, resolver).text) for node in quotes)
    return Post(text=read.text, markdown=read.markdown, own=read.own, quotes=quoted, **facts)
