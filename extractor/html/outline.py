"""List the head and all links of an HTML page, in the structure of WAT files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from extractor.html.lines import in_one_line
from extractor.html.page import Page

_LINKS = {
    "a": "href",
    "area": "href",
    "img": "src",
    "iframe": "src",
    "frame": "src",
    "embed": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
    "track": "src",
    "form": "action",
}
_SAID = ("alt", "title", "rel", "target", "method")
_LONGEST_TEXT = 200


def outline(page: Page) -> dict[str, Any]:
    """``{"Head": {…}, "Links": [{"path": "A@/href", "url": …, "text": …}]}``; URLs are unchanged."""
    tree = page.tree
    return {"Head": _head(tree), "Links": list(_links(tree))}


def _head(tree: LexborHTMLParser) -> dict[str, Any]:
    head: dict[str, Any] = {}
    if base := next((node.attrs.get("href") for node in tree.tags("base") if node.attrs.get("href")), None):
        head["Base"] = base
    if titles := tree.tags("title"):
        head["Title"] = " ".join(titles[0].text().split())
    lists = {
        "Metas": [_attributes(node) for node in tree.tags("meta")],
        "Link": [_named(node, "href") | _attributes(node, "rel", "type") for node in _with(tree, "link", "href")],
        "Scripts": [_named(node, "src") | _attributes(node, "type") for node in _with(tree, "script", "src")],
    }
    return head | {name: rows for name, rows in lists.items() if rows}


def _links(tree: LexborHTMLParser) -> Iterator[dict[str, str]]:
    for tag, attribute in _LINKS.items():
        for node in _with(tree, tag, attribute):
            link = _named(node, attribute) | _attributes(node, *_SAID)
            if tag == "a" and (text := in_one_line(node)):
                link["text"] = text[:_LONGEST_TEXT]
            yield link


def _with(tree: LexborHTMLParser, tag: str, attribute: str) -> Iterator[LexborNode]:
    return (node for node in tree.tags(tag) if node.attrs.get(attribute))


def _named(node: LexborNode, attribute: str) -> dict[str, str]:
    return {"path": f"{(node.tag or '').upper()}@/{attribute}", "url": (node.attrs.get(attribute) or "").strip()}


def _attributes(node: LexborNode, *names: str) -> dict[str, str]:
    found = dict(node.attrs.items())
    return {name: found[name] or "" for name in names or found if name in found}
