"""Gather elements that many readers need, at once: a query of a large tree costs as much as reading a part of it."""

from __future__ import annotations

from collections.abc import Sequence

from selectolax.lexbor import LexborHTMLParser, LexborNode

_CONTROLS = ("input", "select", "textarea")
_SILENT = ("iframe", "script", "style", "svg")
_TAGS = (
    *("base", "figure", "h1", "img", "link", "meta", "template", "time", "title", *_CONTROLS, *_SILENT),
    *("shreddit-comment", "shreddit-post"),
)
_ATTRIBUTES = ("aria-controls", "component", "contenteditable", "data-cfemail", "itemprop", "itemtype")
_BRACKETED = {name: f"[{name}]" for name in _ATTRIBUTES}
# selectors outside one `:is` would each return the same element again
_TAGGED = ",".join(_TAGS)
_BEARING = f":is([property^='schema:date'],[role=row],[rel~=next i],[rel~=author i],{','.join(_BRACKETED.values())})"


class TreeIndex:
    """The elements of a tree with certain tags and attributes, and the names of all elements."""

    def __init__(self, tree: LexborHTMLParser) -> None:
        self._found: dict[str, list[LexborNode]] = {selector: [] for selector in (*_TAGS, *_BRACKETED.values())}
        self.properties: list[LexborNode] = []
        """The elements that are properties by microdata, or dates by schema.org in RDFa, in order."""
        self.rows = False
        """Whether there are rows of tables by their role."""
        self.next: list[LexborNode] = []
        """The links to a next page by their relation, in order."""
        self.writers: list[LexborNode] = []
        """The elements whose relation says `author`, in order."""
        self.names = _names_in(tree)
        """The classes and ids of all elements, in lower case. A lookup costs a hundredth of a query."""
        self._see_tags(tree)
        self._see_attributes(tree)

    def _see_tags(self, tree: LexborHTMLParser) -> None:
        for node in tree.css(_TAGGED):
            self._found[node.tag or ""].append(node)

    def _see_attributes(self, tree: LexborHTMLParser) -> None:
        for node in tree.css(_BEARING):
            attributes = node.attributes
            for name in _BRACKETED.keys() & attributes.keys():
                self._found[_BRACKETED[name]].append(node)
            if "itemprop" in attributes or (attributes.get("property") or "").startswith("schema:date"):
                self.properties.append(node)
            if relation := attributes.get("rel"):
                relations = relation.lower().split()
                if "author" in relations:
                    self.writers.append(node)
                if "href" in attributes and "next" in relations:
                    self.next.append(node)
            self.rows = self.rows or (attributes.get("role") or "").lower() == "row"

    def all(self, selector: str) -> Sequence[LexborNode]:
        """Return the elements with a tag or an attribute of the list above, in order: ``time``, ``[itemtype]``."""
        return self._found[selector]

    @property
    def controls(self) -> Sequence[LexborNode]:
        """The form controls, without buttons."""
        written = (node for node in self.all("[contenteditable]") if node.attributes["contenteditable"] == "true")
        return [*(node for tag in _CONTROLS for node in self.all(tag)), *written]

    @property
    def silent(self) -> Sequence[LexborNode]:
        """The elements with text that readers don't see."""
        return [node for tag in _SILENT for node in self.all(tag)]


def _names_in(tree: LexborHTMLParser) -> frozenset[str]:
    values: set[str | None] = {node.attrs["class"] for node in tree.css("[class]")}
    values.update(node.id for node in tree.css("[id]"))
    return frozenset("\n".join(filter(None, values)).lower().split())
