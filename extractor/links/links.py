"""Extract the links of a page: to other pages, and to its requisites.

`hrefs` runs for every crawled page: it parses the bytes once, and touches each link once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from selectolax.lexbor import LexborHTMLParser, LexborNode

from extractor.html.css import css_urls
from extractor.html.page import Page, parse
from extractor.html.srcset import srcset
from extractor.links.import_maps import MOST_MAPS, ImportMap
from extractor.links.modules import module_urls
from extractor.values.encoding import decode
from extractor.values.urls import Resolver, resolve

_REFRESH = re.compile(r"""^\s*[\d.]*\s*[;,]?\s*(?:url\s*=\s*)?["']?([^"']+)""", re.IGNORECASE)
_SOURCES = (
    "img,source,video,audio,track,script,embed,input[type=image],iframe,object,link,[style],style,[background],"
    "use,image"
)
_NEEDED_RELS = {"stylesheet", "icon", "preload", "modulepreload", "apple-touch-icon", "mask-icon", "manifest"}
_SINGLE = ("src", "poster", "data-src", "data-original", "data-lazy-src", "background")
_DRAWN = ("href", "xlink:href")
"""The attributes of SVG elements with references."""
_INNER_DEPTH = 3
"""Maximum nesting of srcdoc documents."""
_SETS = ("srcset", "data-srcset", "imagesrcset")


@dataclass(frozen=True, slots=True)
class Links:
    """All links of a page, absolute and without fragments, each once, in page order."""

    pages: tuple[str, ...]
    requisites: tuple[str, ...]
    next: str | None = None
    """The next page of a series, by rel=next."""
    canonical: str | None = None


def links(page: Page) -> Links:
    base = base_of(page.tree.tags("base"), page.url)
    return Links(
        pages=tuple(_hrefs(page.tree, base, page.encoding)),
        requisites=tuple(_requisites(page.tree, base)),
        next=_related(page.tree, "next", base),
        canonical=_related(page.tree, "canonical", base),
    )


def hrefs(body: bytes, base: str) -> list[str]:
    """Return the absolute http(s) URLs of a page's links, without fragments, each once.

    `base` is the page's own URL.
    """
    tree, encoding = _parse(body)
    return _hrefs(tree, base_of(tree.tags("base"), base), encoding)


def requisites(body: bytes, base: str) -> list[str]:
    """Return the absolute http(s) URLs of a page's requisites: images, styles, scripts, media, frames."""
    tree, _ = _parse(body)
    return _requisites(tree, base_of(tree.tags("base"), base))


def _parse(body: bytes) -> tuple[LexborHTMLParser, str]:
    """Parse a page; other encodings than UTF-8 are decoded first."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        text, encoding = decode(body)
        return parse(text), encoding
    return parse(body), "utf-8"


def base_of(bases: Iterable[LexborNode], url: str) -> str:
    """Return the base URL of a page: that of the first `base` element with an address, or its own URL."""
    for element in bases:
        if reference := element.attrs.get("href"):
            return resolve(reference, url) or url
    return url


def _hrefs(tree: LexborHTMLParser, base: str, encoding: str) -> list[str]:
    """Collect links by tag names: the first selector on a tree would cost as much as a quarter of the page."""
    references = [reference for node in tree.tags("a") if (reference := node.attrs.get("href"))]
    references += [reference for node in tree.tags("area") if (reference := node.attrs.get("href"))]
    references += [reference for node in tree.tags("frame") if (reference := node.attrs.get("src"))]
    references += filter(None, map(_refresh, tree.tags("meta")))
    return _resolve_all(dict.fromkeys(references), base, encoding)


def _refresh(node: LexborNode) -> str | None:
    """Return the target of a `meta http-equiv=refresh`."""
    if (node.attrs.get("http-equiv") or "").lower() != "refresh":
        return None
    match = _REFRESH.match(node.attrs.get("content") or "")
    return match[1] if match else None


def _resolve_all(references: Iterable[str], base: str, encoding: str) -> list[str]:
    if encoding != "utf-8":
        references = (encode_query(reference, encoding) for reference in references)
    return list(dict.fromkeys(filter(None, Resolver(base).all(list(references)))))


def encode_query(reference: str, encoding: str) -> str:
    """Encode the query in the page's own encoding; the path is always UTF-8 (WHATWG URL, query state)."""
    path, mark, query = reference.partition("?")
    if not mark or query.isascii():
        return reference
    query, hash_mark, fragment = query.partition("#")
    raw = query.encode(encoding, "xmlcharrefreplace")
    return path + mark + quote(raw, safe="!\"#$%&'()*+,/:;<=>?@[]^_`{|}~ \\-.") + hash_mark + fragment


def _requisites(tree: LexborHTMLParser, base: str, depth: int = 0) -> list[str]:
    found: dict[str, None] = {}
    names = ImportMap()
    """Those of the import maps so far: a map stands before the modules that need it."""
    maps = 0
    for node in tree.css(_SOURCES):
        if node.tag == "script" and (node.attrs.get("type") or "").lower() == "importmap":
            found |= dict.fromkeys((new := ImportMap.parse(node.text(), base)).addresses())
            if (maps := maps + 1) <= MOST_MAPS:
                names = names.joined(new)
        for reference in _needed(node, base, names):
            url = resolve(reference, base)
            if url:
                found[url] = None
        if depth < _INNER_DEPTH and (inner := node.attrs.get("srcdoc")):
            found |= dict.fromkeys(_inner(inner, base, depth + 1))
    return list(found)


def _inner(document: str, base: str, depth: int) -> list[str]:
    """Return the requisites of a `srcdoc` document; its references are relative to the outer page."""
    tree = parse(document)
    return _requisites(tree, base_of(tree.tags("base"), base), depth)


def _needed(node: LexborNode, base: str, names: ImportMap) -> Iterator[str]:
    """Yield the references of one element."""
    attributes = dict(node.attrs.items())
    tag = node.tag
    if tag == "link":
        if _NEEDED_RELS.isdisjoint((attributes.get("rel") or "").lower().split()):
            return
        yield attributes.get("href") or ""
    elif tag == "style":
        yield from css_urls(node.text(), base)
    elif tag == "script" and (attributes.get("type") or "").lower() == "module":
        yield from module_urls(node.text().encode(), base, names)
    elif tag == "object":
        yield attributes.get("data") or ""
    elif tag in ("use", "image"):
        yield from (attributes.get(name) or "" for name in _DRAWN)
    yield from (attributes.get(name) or "" for name in _SINGLE)
    for name in _SETS:
        if value := attributes.get(name):
            yield from (reference for reference, _ in srcset(value))
    if style := attributes.get("style"):
        yield from css_urls(style, base)


def _related(tree: LexborHTMLParser, relation: str, base: str) -> str | None:
    for node in tree.css(f"link[rel~={relation} i][href],a[rel~={relation} i][href]"):
        url = resolve(node.attrs.get("href") or "", base)
        if url:
            return url
    return None
