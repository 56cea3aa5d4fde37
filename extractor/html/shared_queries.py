"""Gather elements that many readers need, in one pass: a query of a large tree costs as much as reading a part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from selectolax.lexbor import LexborHTMLParser, LexborNode

_CONTROLS = ("input", "select", "textarea")
_SILENT = ("iframe", "script", "style", "svg")
_TAGS = (
    *("base", "figure", "h1", "img", "link", "meta", "template", "time", "title", *_CONTROLS, *_SILENT),
    *("shreddit-comment", "shreddit-post"),
)
_ATTRIBUTES = frozenset(("aria-controls", "component", "contenteditable", "data-cfemail", "itemprop", "itemtype"))
_BRACKETED = {name: f"[{name}]" for name in _ATTRIBUTES}
_NOTED = _ATTRIBUTES | {"aria-hidden", "property", "rel", "role", "style"}
_RAISING = ("line-through", "vertical-align", "relative")
"""What is in a style that raises, lowers or strikes words."""


class TreeIndex:
    """The elements of a tree with certain tags and attributes, and the names of all elements."""

    def __init__(self, tree: LexborHTMLParser) -> None:
        self._found: dict[str, list[LexborNode]] = {selector: [] for selector in (*_TAGS, *_BRACKETED.values())}
        self.properties: list[LexborNode] = []
        """The elements that are properties by microdata, or dates by schema.org in RDFa, in order."""
        self.rows = False
        """Whether there are rows of tables by their role."""
        self.panels = False
        """Whether there are panels of tabs by their role."""
        self.next: list[LexborNode] = []
        """The links to a next page by their relation, in order."""
        self.writers: list[LexborNode] = []
        """The elements whose relation says `author`, in order."""
        self.styled: list[LexborNode] = []
        """The elements whose style may raise, lower or strike their words, in order."""
        self.unspoken: list[LexborNode] = []
        """The elements that are hidden from screen readers, in order."""
        self.tags: set[str] = set()
        """The tags of all elements."""
        self.names = self._see(tree)
        """The classes and ids of all elements, in lower case. A lookup costs a hundredth of a query."""

    def _see(self, tree: LexborHTMLParser) -> frozenset[str]:
        """Look at each element once. Four queries for a part of them cost as much."""
        values, found = set[str | None](), self._found
        note_tag, note_value, has_none = self.tags.add, values.add, _NOTED.isdisjoint  # looked up once, not each time
        for node in tree.css("*"):
            tag = node.tag or ""
            note_tag(tag)
            if tag in found:
                found[tag].append(node)
            attributes = node.attributes
            if attributes:
                if "class" in attributes:
                    note_value(attributes["class"])
                if "id" in attributes:
                    note_value(attributes["id"])
                if not has_none(attributes):
                    self._note(node, attributes)
        return frozenset("\n".join(filter(None, values)).lower().split())

    def _note(self, node: LexborNode, attributes: Mapping[str, str | None]) -> None:
        if not _ATTRIBUTES.isdisjoint(attributes):
            for name in _ATTRIBUTES & attributes.keys():
                self._found[_BRACKETED[name]].append(node)
        if "itemprop" in attributes or (
            "property" in attributes and (attributes["property"] or "").startswith("schema:date")
        ):
            self.properties.append(node)
        if relation := attributes.get("rel"):
            relations = relation.lower().split()
            if "author" in relations:
                self.writers.append(node)
            if "href" in attributes and "next" in relations:
                self.next.append(node)
        if role := attributes.get("role"):
            self.rows = self.rows or role.lower() == "row"
            self.panels = self.panels or role == "tabpanel"
        style = attributes.get("style")
        if style and any(map(style.__contains__, _RAISING)):
            self.styled.append(node)
        if attributes.get("aria-hidden") == "true":
            self.unspoken.append(node)

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
