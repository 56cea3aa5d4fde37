"""SVG documents without scripts, whose references lead into the archive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pressmark.http.stage.addresses import Addresses, AddressOf
from pressmark.replay.css import rewrite_css

if TYPE_CHECKING:
    from lxml import etree

_DROPPED = frozenset({"script", "foreignobject", "handler", "listener"})
_ANIMATIONS = frozenset({"animate", "set"})


def rewrite_svg(body: bytes, url: str, address_of: AddressOf) -> bytes | None:
    """Rewrite an SVG document; None for invalid XML. Entities are not resolved, and nothing is fetched."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True, remove_pis=True)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    if root is None:
        return None
    addresses = Addresses(url, url, address_of)
    for element in list(root.iter()):
        if isinstance(element.tag, str):
            _element(element, addresses)
        elif isinstance(element, etree._Entity) and element.getparent() is not None:
            element.getparent().remove(element)
    written: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _element(element: etree._Element, addresses: Addresses) -> None:
    name = _local(element.tag)
    animated = name in _ANIMATIONS and element.get("attributeName", "").lower().endswith("href")
    parent = element.getparent()
    if (name in _DROPPED or animated) and parent is not None:
        parent.remove(element)
        return
    if name == "style":
        element.text = rewrite_css("".join(element.itertext()), addresses)
    for attribute, value in element.items():
        local = _local(attribute)
        if local.startswith("on") or local in {"base", "ping", "target"}:
            del element.attrib[attribute]
        elif local in {"href", "src"}:
            _lead(element, attribute, addresses.of(value, "mp_") if name == "a" else addresses.resource(value, "im_"))
        elif "(" in value:
            element.set(attribute, rewrite_css(value, addresses))


def _lead(element: etree._Element, attribute: str, address: str | None) -> None:
    if address is None:
        del element.attrib[attribute]
    else:
        element.set(attribute, address)


def _local(name: str) -> str:
    return name.rpartition("}")[2].lower()
