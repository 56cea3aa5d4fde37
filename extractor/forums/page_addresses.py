"""The absolute URLs of the links of a page, with or without fragments."""

from __future__ import annotations

from collections.abc import Iterable

from selectolax.lexbor import LexborNode

from extractor.values.urls import Resolver

_MOST_AROUND = 3
"""Elements between a name and the link that it stands in, the name included."""


def hrefs(nodes: Iterable[LexborNode], resolver: Resolver) -> tuple[str, ...]:
    """Return the absolute URLs of links, or of the links around elements, each once."""
    urls = (resolver(_href(node) or "") for node in nodes)
    return tuple(dict.fromkeys(filter(None, urls)))


def _href(node: LexborNode) -> str | None:
    around: LexborNode | None = node
    for _ in range(_MOST_AROUND):
        if around is None or not around.is_element_node:
            return None
        if href := around.attrs.get("href"):
            return href
        around = around.parent
    return None


def with_fragment(reference: str | None, resolver: Resolver) -> str | None:
    """Return an absolute URL with its fragment, which identifies a post on its page."""
    if not reference:
        return None
    url = resolver(reference)
    _, mark, fragment = reference.partition("#")
    return f"{url}{mark}{fragment}" if url else None
