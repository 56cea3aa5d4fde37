"""Split a page into blocks (unbroken text in one block-level element) and their containers.

This is one walk over the tree. It skips what is never text: scripts, controls and their labels, hidden elements,
comment forms, and (unless the page is a discussion) comments.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from selectolax.lexbor import LexborNode

from extractor.article.boilerplate import SHARE, Boilerplate, has_heading, may_show_purpose
from extractor.article.fields import free_fields
from extractor.article.scores import ArticleScores
from extractor.html.class_words import class_bits
from extractor.html.data_tables import is_data_table, is_not_in_table
from extractor.html.hidden_elements import CONTROLS, NEVER_TEXT
from extractor.html.page import Page
from extractor.html.regions import is_sign_of_heading, vocabulary


def _in_order(listed: str) -> list[str]:
    return listed.split()


BLOCKS = _in_order(
    "body p div li td th h1 h2 h3 h4 h5 h6 pre blockquote section article main aside nav header footer ul ol dl dt dd"
    " table tr tbody thead tfoot form fieldset figure figcaption details summary address center hr caption dialog menu"
)
"""Block-level elements; the index in this list is the kind in `Blocks.kind`."""
KIND = {tag: kind for kind, tag in enumerate(BLOCKS)}
LANDMARKS = {
    tag: 1 << place
    for place, tag in enumerate(
        _in_order("article main nav aside footer header form ul table figure blockquote heading pre dl")
    )
}
"""Bits of `Blocks.landmarks`: the kinds of elements around a block."""
_TAGS = {
    "article": "article", "main": "main", "nav": "nav", "menu": "nav", "aside": "aside", "dialog": "aside",
    "footer": "footer", "header": "header", "form": "form", "fieldset": "form", "ul": "ul", "ol": "ul",
    "table": "table", "figure": "figure", "figcaption": "figure", "blockquote": "blockquote", "pre": "pre", "dl": "dl",
    "h1": "heading", "h2": "heading", "h3": "heading", "h4": "heading", "h5": "heading", "h6": "heading",
}  # fmt: skip
_PREFORMATTED = LANDMARKS["pre"]
_OF_TAG = {tag: LANDMARKS[name] for tag, name in _TAGS.items()}
_OF_ROLE = {
    "main": LANDMARKS["main"], "article": LANDMARKS["article"], "navigation": LANDMARKS["nav"],
    "menu": LANDMARKS["nav"], "menubar": LANDMARKS["nav"], "complementary": LANDMARKS["aside"],
    "dialog": LANDMARKS["aside"], "alertdialog": LANDMARKS["aside"], "contentinfo": LANDMARKS["footer"],
    "banner": LANDMARKS["header"], "search": LANDMARKS["form"], "form": LANDMARKS["form"],
}  # fmt: skip
_BODY_PROPERTIES = vocabulary("articleBody text")
_SKIPPED = (
    CONTROLS
    | frozenset(NEVER_TEXT)
    | vocabulary("img source wbr link meta head svg map -comment !doctype -document-type rp rt")
)
_SAYING = vocabulary("button label")
"""Controls that may be text."""
_CELLS = frozenset((KIND["td"], KIND["th"]))
_LONGEST_PICTURE = 40
"""Letters of the text for a picture that is a value in a table, and no description."""
_IN_TABLES = frozenset(KIND[tag] for tag in ("td", "th", "caption", "table"))
_TITLES = frozenset(KIND[tag] for tag in ("h1", "h2", "h3", "h4", "h5", "h6", "dt", "caption", "figcaption"))
_NO_ATTRIBUTES: dict[str, str | None] = {}
"""The attributes of links, whose content is always examined."""


@dataclass(slots=True)
class Blocks:
    """The blocks of a page in order, and the containers (block-level elements) around them, outermost first.

    All lists of a group are parallel. A container holds the blocks from `first` to `end`, exclusive.
    """

    texts: list[str] = field(default_factory=list)
    """The texts, with white space folded to single spaces except in preformatted text."""
    linked: list[int] = field(default_factory=list)
    """Characters of the text that are the text of links."""
    holder: list[int] = field(default_factory=list)
    """The innermost container of the block."""

    nodes: list[LexborNode] = field(default_factory=list)
    parent: list[int] = field(default_factory=list)
    kind: list[int] = field(default_factory=list)
    """The tag, as an index of `BLOCKS`."""
    landmarks: list[int] = field(default_factory=list)
    """`LANDMARKS` of the container and of those around it."""
    named: list[int] = field(default_factory=list)
    """Bits of `extractor.html.class_words` for its classes and id."""
    style: list[int] = field(default_factory=list)
    """Equal for containers of the same tag and first class."""
    first: list[int] = field(default_factory=list)
    end: list[int] = field(default_factory=list)
    alike: list[int] = field(default_factory=list)
    """The number of siblings with the same tag and first class."""
    table: list[int] = field(default_factory=list)
    """The outermost table of data that the container is or is in, as a container; -1 if none."""

    comments: int = 0
    """Characters of comments that were left out."""
    pieces: list[list[LexborNode]] = field(default_factory=list)
    """The text nodes of each block."""
    tables: dict[int, Any] = field(default_factory=dict)
    """What `table_cells` found in each table of data, which several readers ask for."""
    references: dict[int, list[Any]] = field(default_factory=dict)
    """What `footnotes` found in each block."""


def blocks_of(page: Page, *, thread: bool = False, lenient: bool = False, dated: bool = False) -> Blocks:
    """Return the blocks of a page; `thread` includes comments, `lenient` also menus and the like, `dated` by-lines."""
    body = page.tree.body
    if body is None:
        return Blocks()
    outside = Boilerplate(page, thread, ArticleScores(page), lenient=lenient, dated=dated)
    blocks = _Walk(page, body, outside).run()
    only_headings = all(blocks.kind[holder] in _TITLES for holder in blocks.holder)
    spared = outside.names_of_most(blocks.texts) or (outside.names_beside_heading() if only_headings else frozenset())
    if spared:
        outside = Boilerplate(page, thread, ArticleScores(page), lenient=lenient, dated=dated, spared=spared)
        return _Walk(page, body, outside).run()
    return blocks


class _Walk:
    """A walk over a tree that gathers its blocks."""

    def __init__(self, page: Page, body: LexborNode, outside: Boilerplate) -> None:
        self.blocks = Blocks()
        self._body = body
        self.outside = outside
        self._fields = free_fields(page, page.running * SHARE, outside.bears)
        self._headings: dict[int, str] = {}
        """The texts of headings that contain buttons."""
        self._pieces: list[str] = []
        self._nodes: list[LexborNode] = []
        self._linked = 0
        self._styles: dict[tuple[str, str], int] = {}

    def run(self) -> Blocks:
        """Walk without recursion: trees may be deep. What is asked at each node is looked up once."""
        fields, landmarks, tables = self._fields, self.blocks.landmarks, self.blocks.table
        is_outside = self.outside.holds
        container = self._open(self._body, "body", self._body.attributes, 0, -1)
        node, link = self._body.first_child, False
        waiting: list[tuple[LexborNode | None, int, bool]] = []
        while True:
            if node is None:
                if not waiting:
                    break
                node, outer, link = waiting.pop()
                if outer != container:
                    self._close(container)
                    container = outer
                continue
            if node.is_text_node:
                if not (fields and node.mem_id in fields):
                    self._add(node, link, container)
                node = node.next
                continue
            tag = node.tag or ""
            if tag == "br":
                self._flush(container)
            elif (tag not in _SKIPPED or (tag in _SAYING and self._says_heading(node, tag, container))) and not (
                fields and node.mem_id in fields
            ):
                attributes = node.attributes if tag != "a" else _NO_ATTRIBUTES
                # class names in code are for colours: `token comment`
                named = attributes and not landmarks[container] & _PREFORMATTED
                bits = class_bits(attributes.get("class"), attributes.get("id")) if named else 0
                outside = (
                    self._is_outside(node, tag, attributes, container)
                    if tag == "a" or tables[container] >= 0
                    else may_show_purpose(tag, attributes, bits) and is_outside(node, tag, attributes, bits)
                )
                if not outside:
                    waiting.append((node.next, container, link))
                    if tag in KIND:
                        self._flush(container)
                        container = self._open(node, tag, attributes, bits, container)
                    elif tag == "a":
                        link = True
                    node = node.first_child
                    continue
            node = node.next
        self._close(container)
        self.blocks.comments = self.outside.comments
        self._count_alike()
        return self.blocks

    def _is_outside(self, node: LexborNode, tag: str, attributes: dict[str, str | None], container: int) -> bool:
        """Return whether a link or an element in a table of data is not text: of links, only the sign of a heading, and
        in a table, only what is hidden. Without a cell, the next ones would stand under other heads.
        """
        if tag == "a":
            return self.blocks.kind[container] in _TITLES and is_sign_of_heading(node)
        return bool(attributes) and is_not_in_table(tag, attributes)

    def _open(self, node: LexborNode, tag: str, attributes: dict[str, str | None], bits: int, parent: int) -> int:
        blocks = self.blocks
        classes = attributes.get("class")
        marks = _OF_TAG.get(tag, 0) | (blocks.landmarks[parent] if parent >= 0 else 0)
        if attributes:
            if "role" in attributes:
                marks |= _OF_ROLE.get((attributes["role"] or "").lower(), 0)
            if "itemprop" in attributes and attributes["itemprop"] in _BODY_PROPERTIES:
                marks |= LANDMARKS["article"]
        if tag == "h1":
            self.outside.begin(node)
        style = self._styles.setdefault((tag, classes.partition(" ")[0] if classes else ""), len(self._styles))
        number = len(blocks.nodes)
        table = blocks.table[parent] if parent >= 0 else -1
        blocks.table.append(number if table < 0 and tag == "table" and is_data_table(node) else table)
        blocks.nodes.append(node)
        blocks.parent.append(parent)
        blocks.kind.append(KIND[tag])
        blocks.landmarks.append(marks)
        blocks.named.append(bits)
        blocks.first.append(len(blocks.texts))
        blocks.end.append(0)
        blocks.style.append(style)
        return number

    def _close(self, container: int) -> None:
        self._flush(container)
        blocks = self.blocks
        if blocks.first[container] == len(blocks.texts) and blocks.kind[container] in _CELLS:
            self._say_picture(container)
        blocks.end[container] = len(blocks.texts)

    def _say_picture(self, container: int) -> None:
        """Write what the picture in a cell without text stands for: "yes", the name of a country."""
        node = self.blocks.nodes[container]
        if self.blocks.table[container] < 0 or node.first_child is None:
            return
        picture = node.css_first("img[alt]")
        said = " ".join((picture.attributes.get("alt") or "").split()) if picture is not None else ""
        if picture is None or not 0 < len(said) <= _LONGEST_PICTURE:
            return
        before = picture.parent
        picture.replace_with(said)
        if before is not None and (text := next(before.iter(include_text=True), None)) is not None:
            self._add(text, False, container)
            self._flush(container)

    def _count_alike(self) -> None:
        looks = list(zip(self.blocks.parent, self.blocks.style, strict=True))
        alike = Counter(looks)
        self.blocks.alike = [alike[look] for look in looks]

    def _add(self, node: LexborNode, link: bool, container: int) -> None:
        """Add text to the block. White space before a block is dropped, except in preformatted text."""
        text = node.text_content or ""
        if not self._pieces and text.isspace() and not self.blocks.landmarks[container] & _PREFORMATTED:
            return
        self._pieces.append(text)
        self._nodes.append(node)
        if link:
            self._linked += len(text.strip())

    def _flush(self, container: int) -> None:
        """End the current block."""
        if not self._pieces:
            return
        blocks, pieces, nodes, linked = self.blocks, self._pieces, self._nodes, self._linked
        self._pieces, self._nodes, self._linked = [], [], 0
        text = pieces[0] if len(pieces) == 1 else "".join(pieces)
        text = text.strip("\r\n") if blocks.landmarks[container] & _PREFORMATTED else " ".join(text.split())
        if text and not text.isspace():
            blocks.texts.append(text)
            blocks.linked.append(min(linked, len(text)))
            blocks.holder.append(container)
            blocks.pieces.append(nodes)

    def _says_heading(self, button: LexborNode, tag: str, container: int) -> bool:
        """Return whether a button opens a section: it contains the heading, or is all of it. In a table, return whether
        it is a label, or in a head cell.
        """
        if self.blocks.table[container] >= 0:
            return tag == "label" or self._is_in_head(container)
        if tag != "button":
            return False
        if not self.blocks.landmarks[container] & LANDMARKS["heading"]:
            return has_heading(button)
        if container not in self._headings:
            self._headings[container] = self.blocks.nodes[container].text().strip()
        return self._headings[container] == button.text().strip()

    def _is_in_head(self, container: int) -> bool:
        """Return whether a container in a table is in a head cell."""
        blocks = self.blocks
        while container >= 0 and blocks.kind[container] not in _IN_TABLES:
            container = blocks.parent[container]
        return container >= 0 and blocks.kind[container] == KIND["th"]
