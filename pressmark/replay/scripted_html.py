"""HTML whose scripts run: its references lead into the archive, and what no browser policy stops is left out.

Such a page is confined by its own origin, and by the policy that it is sent with (`policy.in_scene`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from extractor.html.page import parse
from extractor.links.links import base_of
from extractor.values.urls import resolve
from pressmark.http.stage.addresses import Addresses, AddressOf, Modifier
from pressmark.replay.css import rewrite_css
from pressmark.replay.html import candidates, rewrite_html
from pressmark.replay.scene_modules import IMPORT_MAP, absolute_addresses, import_map, in_markup

_DROPPED = "portal,fencedframe,applet,bgsound,script[type='speculationrules' i]"
_HINTS = frozenset({
    "preconnect", "dns-prefetch", "prefetch", "prerender", "preload", "modulepreload", "manifest", "import",
    "compression-dictionary",
})  # fmt: skip
"""Kinds of `link` that connect or load in advance."""
_REMOVED = frozenset({
    "ping", "target", "formtarget", "download", "integrity", "referrerpolicy", "attributionsrc", "allow", "csp",
    "credentialless",
})  # fmt: skip
_REFERENCES: dict[str, Modifier] = {
    "script": "js_", "iframe": "if_", "frame": "if_", "embed": "if_", "object": "if_", "a": "mp_", "area": "mp_",
    "form": "mp_", "base": "oe_",
}  # fmt: skip
"""What elements load by their references; all others load images, films and the like."""
_ATTRIBUTES = frozenset({"href", "xlink:href", "src", "poster", "background", "data", "action", "formaction"})
_SETS = frozenset({"srcset", "imagesrcset"})
_ELSEWHERE = re.compile(r"\s*(?:([a-z][a-z0-9+.-]*):|[/\\]{2})", re.IGNORECASE)
_OWN_SCHEMES = frozenset({"javascript", "data", "blob", "about"})
"""Addresses that need no request."""


def rewrite_acting(text: str, url: str, encoding: str, address_of: AddressOf, first: dict[str, str]) -> str:
    """Rewrite a page archived from `url`.

    `first` are the attributes of our own script, which comes before all others.
    """
    tree = parse(text)
    for node in tree.css(_DROPPED):
        node.decompose()
    page = _Page(url, base_of(tree.tags("base"), url), encoding, address_of)
    maps = tree.css(IMPORT_MAP)
    for number, node in enumerate(maps):
        node.inner_html = import_map(node.text(), page.module, {} if number else absolute_addresses(url))
    for node in list(tree.root.traverse()) if tree.root else []:
        if node.is_element_node:
            page.element(node)
    if not maps and ("import(" in text or tree.css_first("script[type='module' i]") is not None):
        _put_first(tree, {"type": "importmap"}, in_markup({"imports": absolute_addresses(url)}))
    _put_first(tree, first)
    return tree.html or ""


@dataclass(frozen=True, slots=True)
class _Page:
    url: str
    base: str
    encoding: str
    address_of: AddressOf

    def element(self, node: LexborNode) -> None:
        tag, attributes = str(node.tag), dict(node.attrs)
        if _is_left_out(tag, attributes):
            for name in attributes:
                del node.attrs[name]
            return
        if tag == "style":
            node.inner_html = rewrite_css(node.text(), self._addresses).replace("</", "<\\/")
        for name, value in attributes.items():
            new = None if name in _REMOVED else self._value(tag, name, value, attributes)
            if new is None and value is not None:
                del node.attrs[name]
            elif new != value:
                node.attrs[name] = new

    def module(self, reference: str) -> str | None:
        """Return the address of a module."""
        return self._reference(reference, "js_")

    @property
    def _addresses(self) -> Addresses:
        return Addresses(self.url, self.base, self.address_of, self.encoding)

    def _value(self, tag: str, name: str, value: str | None, attributes: dict[str, str | None]) -> str | None:
        """Return the new value; None when the attribute leads nowhere in the archive."""
        if value is None:
            return None
        if name in _ATTRIBUTES:
            return self._reference(value, _wanted(tag, attributes))
        if name in _SETS:
            return candidates(value, self._addresses)
        if name == "srcdoc":
            return rewrite_html(value, self.base, self.encoding, self.address_of)
        return rewrite_css(value, self._addresses) if name == "style" and "(" in value else value

    def _reference(self, value: str, wanted: Modifier) -> str | None:
        """Return a reference unchanged, unless a browser would resolve it to another origin, or in another encoding."""
        elsewhere = _ELSEWHERE.match(value)
        if elsewhere and (elsewhere[1] or "").lower() in _OWN_SCHEMES:
            return value
        plain = self.encoding == "utf-8" or value.isascii()
        if not elsewhere and plain and self._is_at_home:
            return value
        return self._addresses.of(value, wanted)

    @property
    def _is_at_home(self) -> bool:
        """Return whether relative references lead to the same place as before."""
        return self.base == self.url or resolve("/", self.base) == resolve("/", self.url)


def _is_left_out(tag: str, attributes: dict[str, str | None]) -> bool:
    """Return whether an element is left out: instructions that our own answer gives, and hints for preloading."""
    if tag == "meta":
        return "http-equiv" in attributes or "charset" in attributes
    return tag == "link" and not _HINTS.isdisjoint((attributes.get("rel") or "").lower().split())


def _wanted(tag: str, attributes: dict[str, str | None]) -> Modifier:
    if tag == "link":
        return "cs_" if "stylesheet" in (attributes.get("rel") or "").lower() else "im_"
    return _REFERENCES.get(tag, "im_")


def _put_first(tree: LexborHTMLParser, attributes: dict[str, str], text: str = "") -> None:
    """Insert a script into the head, which a parser creates if a page has none."""
    script = tree.create_node("script")
    script.inner_html = text
    for name, value in attributes.items():
        script.attrs[name] = value
    head = tree.head
    if head is None:
        return
    if (child := head.child) is not None:
        child.insert_before(script)
    else:
        head.insert_child(script)
