"""HTML without scripts, whose references lead into the archive.

What common scripts would only put in place is put there. The policy that the page is sent with would stop everything
that is left out here, too: this rewriting gives the reader a page that works, the policy stops whatever gets past this
parser.
"""

from __future__ import annotations

from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from extractor.html.page import apply_scripts, parse
from extractor.html.srcset import srcset
from extractor.links.links import base_of
from pressmark.http.stage.addresses import Addresses, AddressOf, Modifier
from pressmark.replay.css import rewrite_css

_DROPPED = "script,base,template,portal,fencedframe,applet,bgsound"
_DROPPED_TAGS = frozenset(_DROPPED.split(","))
_KEPT_METAS = frozenset({"viewport", "author", "description", "keywords", "color-scheme", "theme-color"})
_LINKS: dict[str, Modifier] = {"stylesheet": "cs_", "icon": "im_", "apple-touch-icon": "im_"}
"""The `link` elements that stay. The others announce, preload or connect: to live servers, or for scripts."""
_LINK_ATTRIBUTES = frozenset({"rel", "href", "media", "type", "title", "sizes", "disabled"})
_REMOVED = frozenset({
    "action", "formaction", "ping", "target", "formtarget", "download", "manifest", "codebase", "classid", "archive",
    "code", "profile", "longdesc", "cite", "integrity", "nonce", "crossorigin", "referrerpolicy", "attributionsrc",
    "allow", "csp", "sandbox", "credentialless", "fetchpriority", "accesskey", "autofocus", "autoplay", "lowsrc",
    "dynsrc", "shadowrootmode", "is", "http-equiv",
})  # fmt: skip
"""Attributes that would send, open, request permissions or take the keyboard."""
_SOURCES: dict[str, Modifier] = {"iframe": "if_", "frame": "if_", "embed": "if_", "img": "im_", "input": "im_"}
_PLAIN: dict[str, Modifier] = {"poster": "im_", "background": "im_", "data": "if_"}
_SETS = frozenset({"srcset", "imagesrcset"})
_LAZY = ("data-src", "data-original", "data-lazy-src")
_PAINTS = frozenset({
    "style", "fill", "stroke", "filter", "mask", "clip-path", "cursor", "marker", "marker-start", "marker-mid",
    "marker-end",
})  # fmt: skip
_ANIMATIONS = frozenset({"animate", "set", "animatemotion", "animatetransform"})
_DRAWINGS = frozenset({"svg", "math"})
_DEEPEST = 4


def rewrite_html(text: str, url: str, encoding: str, address_of: AddressOf, depth: int = 0) -> str:
    """Rewrite a page archived from `url`, in `encoding` (by its Python name)."""
    encoded = text.encode("utf-8", "ignore")
    tree = parse(encoded)
    apply_scripts(tree, encoded)
    addresses = Addresses(url, base_of(tree.tags("base"), url), address_of, encoding)
    for node in [node for node in tree.css(_DROPPED) if not _is_inside(node, _DROPPED_TAGS)]:
        node.decompose()
    for node in list(tree.root.traverse()) if tree.root else []:
        if node.is_element_node:
            _element(node, addresses, depth)
    return tree.html or ""


def _is_inside(node: LexborNode, tags: frozenset[str]) -> bool:
    """Return whether an element of these is around a node.

    In drawings, dropped elements can contain one another, and a node can't be dropped twice.
    """
    parent = node.parent
    while parent is not None:
        if parent.tag in tags:
            return True
        parent = parent.parent
    return False


def _element(node: LexborNode, addresses: Addresses, depth: int) -> None:
    tag, attributes = str(node.tag), dict(node.attrs)
    if (tag == "meta" and not _stays(attributes)) or (tag in _ANIMATIONS and _animates_links(attributes)):
        _set(node, attributes, {})
    elif tag == "link":
        _link(node, attributes, addresses)
    else:
        if tag == "style":
            node.inner_html = _css(node, rewrite_css(node.text(), addresses))
        if attributes:
            _set(node, attributes, dict(_attributes(tag, attributes, addresses)))
        if srcdoc := attributes.get("srcdoc"):
            _inner(node, srcdoc, addresses, depth)


def _css(style: LexborNode, css: str) -> str:
    """Return CSS that can stand in its element: in a drawing, tags in it would be tags."""
    return css.replace("<", "\\3c ") if _is_inside(style, _DRAWINGS) else css.replace("</", "<\\/")


def _animates_links(attributes: dict[str, str | None]) -> bool:
    return any(name.lower() == "attributename" and "href" in (of or "").lower() for name, of in attributes.items())


def _stays(attributes: dict[str, str | None]) -> bool:
    """Return whether a `meta` only describes: no refresh, no policy, no charset (the page is sent as UTF-8)."""
    return "http-equiv" not in attributes and (attributes.get("name") or "").lower() in _KEPT_METAS


def _link(node: LexborNode, attributes: dict[str, str | None], addresses: Addresses) -> None:
    rels = (attributes.get("rel") or "").lower().split()
    wanted = next((_LINKS[rel] for rel in rels if rel in _LINKS), None)
    address = addresses.resource(attributes.get("href") or "", wanted) if wanted else None
    if address is None:
        _set(node, attributes, {})
        return
    kept = {name: value for name, value in attributes.items() if name in _LINK_ATTRIBUTES}
    _set(node, attributes, {**kept, "href": address, "rel": " ".join(rel for rel in rels if rel != "preload")})


def _inner(node: LexborNode, page: str, addresses: Addresses, depth: int) -> None:
    """Return the page inside an `iframe`. Nesting that is too deep ends in an empty page."""
    deeper = depth + 1
    inner = (
        rewrite_html(page, addresses.base, addresses.encoding, addresses.address_of, deeper)
        if deeper < _DEEPEST
        else ""
    )
    node.attrs["srcdoc"] = inner


def _attributes(tag: str, attributes: dict[str, str | None], addresses: Addresses) -> Iterator[tuple[str, str | None]]:
    """Return the attributes that an element keeps, as they are in the archive."""
    for name, value in attributes.items():
        if name.startswith("on") or name in _REMOVED or name == "srcdoc":
            continue
        new = value if value is None else _value(tag, name, value, addresses)
        if new is not None or value is None:
            yield ("href" if name == "xlink:href" else name), new
    if lazy := _lazy(attributes, addresses):
        yield "src", lazy


def _value(tag: str, name: str, value: str, addresses: Addresses) -> str | None:
    """Return the new value; None when the attribute leads nowhere in the archive."""
    if name in {"href", "xlink:href"}:
        return addresses.of(value, "mp_") if tag in {"a", "area"} else addresses.resource(value, "im_")
    if name == "src":
        wanted = _SOURCES.get(tag, "oe_")
        return addresses.of(value, wanted) if wanted == "if_" else addresses.resource(value, wanted)
    if name in _PLAIN:
        return addresses.resource(value, _PLAIN[name])
    if name in _SETS:
        return candidates(value, addresses)
    return rewrite_css(value, addresses) if name in _PAINTS and "(" in value else value


def candidates(value: str, addresses: Addresses) -> str:
    """Return those pictures of a `srcset` that are in the archive."""
    found = ((addresses.resource(reference, "im_"), size) for reference, size in srcset(value))
    return ", ".join(address + size.rstrip() for address, size in found if address)


def _lazy(attributes: dict[str, str | None], addresses: Addresses) -> str | None:
    """Return the picture that a script would have put in its place."""
    if (attributes.get("src") or "data:").startswith("data:"):
        later = next((value for name in _LAZY if (value := attributes.get(name))), None)
        return addresses.resource(later, "im_") if later else None
    return None


def _set(node: LexborNode, before: dict[str, str | None], after: dict[str, str | None]) -> None:
    """Set the attributes that differ.

    If one has a namespace, set all: the parser identifies those by their local names.
    """
    if before == after:
        return
    afresh = any(":" in name for name in before)
    for name in before:
        if (afresh or name not in after) and name in node.attrs:
            del node.attrs[name]
    for name, value in after.items():
        if afresh or before.get(name) != value or name not in before:
            node.attrs[name] = value
