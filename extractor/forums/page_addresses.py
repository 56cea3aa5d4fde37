"""The absolute URLs of the links of a page, with or without fragments."""

from __future__ import annotations

from collections.abc import Iterable

from selectolax.lexbor import LexborNode

from extractor.values.urls import Resolver


def hrefs(nodes: Iterable[LexborNode], resolver: Resolver) -> tuple[str, ...]:
    """Return the absolute URLs of links, each once."""
    urls = (resolver(node.attrs.get("href") or "") for node in nodes)
    return tuple(dict.fromkeys(filter(None, urls)))


def with_fragment(reference: str | None, resolver: Resolver) -> str | None:
    """Return an absolute URL with its fragment, which identifies a post on its page."""
    if not reference:
        return None
    url = resolver(reference)
    _, mark, fragment = reference.partition("#")
    return f"{url}{mark}{fragment}" if url else None
