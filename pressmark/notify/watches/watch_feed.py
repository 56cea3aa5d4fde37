"""The hits of a watch as an Atom feed (RFC 4287, paged as in RFC 5005)."""

from __future__ import annotations

from urllib.parse import quote
from xml.etree import ElementTree as Tree

import pressmark
from pressmark.notify.assistant.marking import MARK, MARK_ZH
from pressmark.notify.watches.watch_shapes import HitShape, hit_shapes
from pressmark.service.service import Service
from pressmark.views.feeds import ATOM, MEDIA_TYPE, NEVER, TAG, add_element, atom_time
from pressmark.views.links import link


def watch_feed(service: Service, name: str, home: str, *, before: int | None = None, limit: int = 50) -> bytes:
    """Return a page of the feed of a watch as XML; `home` is our own origin. Raises UnknownWatch."""
    found = hit_shapes(service, name, before=before, limit=limit + 1)
    hits = found[:limit]
    root = Tree.Element("feed", {"xmlns": ATOM})
    here = f"{home}/api/v1/feeds/watches/{quote(name)}"
    add_element(root, "id", f"{TAG}:feed/watches/{name}")
    add_element(root, "title", f"Pressmark: {name}")
    add_element(root, "updated", atom_time(max((hit.found_at for hit in hits), default=NEVER)))
    add_element(root, "link", rel="self", type=MEDIA_TYPE, href=f"{here}?before={before}" if before else here)
    if len(found) > limit:
        add_element(root, "link", rel="next", type=MEDIA_TYPE, href=f"{here}?before={hits[-1].id}")
    add_element(root, "link", rel="alternate", type="text/html", href=f"{home}/watches/{quote(name)}")
    add_element(root, "generator", "Pressmark", version=pressmark.__version__)
    add_element(add_element(root, "author"), "name", "Pressmark")
    for hit in hits:
        _entry(root, hit, home)
    document: bytes = Tree.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _entry(root: Tree.Element, hit: HitShape, home: str) -> None:
    entry = Tree.SubElement(root, "entry", {"xml:lang": hit.language} if hit.language else {})
    add_element(entry, "id", f"{TAG}:watch/{hit.watch}/{hit.id}")
    add_element(entry, "title", f"{hit.phrase}: {hit.title or hit.url}")
    add_element(entry, "updated", atom_time(hit.found_at))
    add_element(entry, "category", term="changed" if hit.changed else "new")
    add_element(entry, "link", rel="alternate", type="text/html", href=home + hit.page)
    if hit.diff:
        add_element(entry, "link", rel="related", type="text/html", href=home + hit.diff)
    add_element(entry, "link", rel="via", href=link(hit.url))
    add_element(entry, "summary", hit.sentence)
    if written := [one for one in hit.machine if one.text]:
        marks = (f"[{MARK % {'model': one.model}} · {MARK_ZH % {'model': one.model}}]" for one in written)
        texts = (f"{mark} {one.text}" for mark, one in zip(marks, written, strict=True))
        add_element(entry, "content", "\n\n".join((f"“{hit.sentence}”", *texts)), type="text")
