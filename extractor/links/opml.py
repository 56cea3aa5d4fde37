"""Read and write OPML 2.0, the lists of subscriptions of feed readers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml import etree

LIMIT = 10 << 20
MOST_OUTLINES = 10_000
OURS = "urn:pressmark:source"
"""The namespace of our own attributes of a source, which feed readers ignore."""


@dataclass(frozen=True, slots=True)
class Outline:
    """One subscription."""

    title: str | None
    feed: str | None
    """xmlUrl."""
    page: str | None
    """htmlUrl, or the url of a link."""
    ours: Mapping[str, str]
    """Our own attributes: source, seeds, walk, every, cron, at, timezone, collection."""


def read_opml(body: bytes) -> tuple[Outline, ...]:
    """Return the subscriptions of a list in all groups; none if it is not OPML. Never raises."""
    from lxml import etree

    # Only the five entities of XML are expanded, and nothing is fetched.
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body[:LIMIT].lstrip(b"\xef\xbb\xbf \t\r\n"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return ()
    if root is None:
        return ()
    found = [outline for element in root.iter("outline") if (outline := _outline(element)) is not None]
    return tuple(found[:MOST_OUTLINES])


def write_opml(title: str, outlines: list[Outline]) -> bytes:
    """Write a list of subscriptions with a title."""
    from lxml import etree

    root = etree.Element("opml", {"version": "2.0"}, nsmap={"pressmark": OURS})
    etree.SubElement(etree.SubElement(root, "head"), "title").text = title
    body = etree.SubElement(root, "body")
    for outline in outlines:
        facts = {"text": outline.title or "", "title": outline.title or ""}
        if outline.feed:
            facts |= {"type": "rss", "xmlUrl": outline.feed}
        elif outline.page:
            facts |= {"type": "link", "url": outline.page}
        etree.SubElement(body, "outline", facts | {f"{{{OURS}}}{key}": value for key, value in outline.ours.items()})
    content: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return content


def _outline(element: etree._Element) -> Outline | None:
    """Read a subscription; None for a group."""
    said = {name.lower(): value.strip() for name, value in element.attrib.items() if isinstance(name, str)}
    ours = {name.partition("}")[2]: value for name, value in said.items() if name.startswith(f"{{{OURS}}}")}
    feed, page = said.get("xmlurl") or None, said.get("htmlurl") or said.get("url") or None
    if not (feed or page or ours):
        return None
    return Outline(said.get("text") or said.get("title") or None, feed, page, ours)
