"""A page as blocks: what stands in one block-level element, unbroken, is one; and the elements that hold them.

One walk over the tree. What is never the text, whatever it says, is not walked into: scripts, controls and their
labels, what is not shown, the forms in which readers write, and (unless the page is a discussion) what they wrote.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from extractor.classwords import APPARATUS, COMMENTS, CONSENT, OTHERS, READ_ALOUD, WHEN, class_bits
from extractor.fields import free_fields
from extractor.prose import letters
from extractor.pruning import is_dateline, is_quoted
from extractor.regions import APPARATUS_ROLES, APPARATUS_TAGS, FRAME, heads_page, vocabulary
from extractor.shown import CONTROLS, NEVER_TEXT, is_not_shown
from extractor.weighing import Weighing


def _in_order(listed: str) -> list[str]:
    return listed.split()


BLOCKS = _in_order(
    "body p div li td th h1 h2 h3 h4 h5 h6 pre blockquote section article main aside nav header footer ul ol dl dt dd"
    " table tr tbody thead tfoot form fieldset figure figcaption details summary address center hr caption dialog menu"
)
"""Block-level elements; where one stands in this list is its kind in `Blocks.kind`."""
KIND = {tag: kind for kind, tag in enumerate(BLOCKS)}
LANDMARKS = {
    tag: 1 << place
    for place, tag in enumerate(
        _in_order("article main nav aside footer header form ul table figure blockquote heading pre dl")
    )
}
"""Bits of `Blocks.landmarks`: the elements of this meaning that are around a block."""
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
_TELLING = APPARATUS_TAGS | {"header", "time", "noscript"}
"""Elements that say what they are for without any attribute."""
_TELLING_WORDS = APPARATUS | COMMENTS | WHEN | READ_ALOUD
_OF_A_COMMENT = APPARATUS | COMMENTS
_TELLING_ATTRIBUTES = vocabulary("hidden aria-hidden style role itemprop itemtype")
_NO_ATTRIBUTES: dict[str, str | None] = {}
"""Of links: whatever is linked is looked at."""
_BESIDE_COMMENTS = "form,h2,h3,h4"
"""What stands among readers' comments, and nobody wrote; a form that says much is around them."""
_LONGEST_BESIDE, _MOST_BESIDE = 400, 20
_SHARE, _MOST_OF_IT, _NEARLY_ALL = 0.3, 0.5, 0.8
"""Of the page's prose, what a part must have to stay: when it is not shown, or would make a form; when its class says
that it is apparatus, as those of frames around all may; when its very tag or role says so, or it is a list of
other pages or asks for consent."""


@dataclass(slots=True)
class Blocks:
    """The blocks of a page in order, and the containers (block-level elements) around them, outermost first.

    All lists of one group are parallel. A container holds the blocks from its `first` up to, not including, its `end`.
    """

    texts: list[str] = field(default_factory=list)
    """White space folded to single spaces, but for preformatted text."""
    linked: list[int] = field(default_factory=list)
    """Characters of the text that are the text of links."""
    holder: list[int] = field(default_factory=list)
    """The container that the block stands in directly."""

    nodes: list[LexborNode] = field(default_factory=list)
    parent: list[int] = field(default_factory=list)
    kind: list[int] = field(default_factory=list)
    """The tag, as its place in `BLOCKS`."""
    landmarks: list[int] = field(default_factory=list)
    """`LANDMARKS` of the container and of those around it."""
    named: list[int] = field(default_factory=list)
    """Bits of `extractor.classwords` for its own classes and id."""
    style: list[int] = field(default_factory=list)
    """Equal for containers of the same tag and first class."""
    first: list[int] = field(default_factory=list)
    end: list[int] = field(default_factory=list)
    alike: list[int] = field(default_factory=list)
    """How many children of the same parent have the same tag and first class."""

    comments: int = 0
    """Characters of what readers wrote that were left out."""
    pieces: list[list[LexborNode]] = field(default_factory=list)
    """Of each block the nodes of text that it was put together from."""


def blocks_of(tree: LexborHTMLParser, *, thread: bool = False, running: int | None = None) -> Blocks:
    """The blocks of a page; with `thread`, with what its readers wrote. `running` is `Page.running`, if known."""
    if tree.body is None:
        return Blocks()
    walk = _Walk(tree.body, thread, running)
    walk.run()
    return walk.blocks


class _Walk:
    """One walk over a tree: its blocks, as they are come by."""

    def __init__(self, body: LexborNode, thread: bool, running: int | None) -> None:
        self.blocks = Blocks()
        self._body = body
        self._thread = thread
        self._weighing = Weighing(body, running)
        self._fields = free_fields(body, self._weighing.prose * _SHARE)
        self._pieces: list[str] = []
        self._nodes: list[LexborNode] = []
        self._linked = 0
        self._styles: dict[tuple[str, str], int] = {}
        self._siblings: dict[tuple[int, int], list[int]] = {}

    def run(self) -> None:
        """Without recursion: trees may be deep."""
        fields = self._fields
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
            elif tag not in _SKIPPED and not (fields and node.mem_id in fields):
                attributes = node.attributes if tag != "a" else _NO_ATTRIBUTES
                bits = class_bits(attributes.get("class"), attributes.get("id")) if attributes else 0
                if not _tells(tag, attributes, bits) or not self._is_out(node, tag, attributes, bits):
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
        self._count_alike()

    def _open(self, node: LexborNode, tag: str, attributes: dict[str, str | None], bits: int, parent: int) -> int:
        blocks = self.blocks
        classes = attributes.get("class")
        marks = _OF_TAG.get(tag, 0) | (blocks.landmarks[parent] if parent >= 0 else 0)
        if "role" in attributes:
            marks |= _OF_ROLE.get((attributes["role"] or "").lower(), 0)
        if "itemprop" in attributes and attributes["itemprop"] in _BODY_PROPERTIES:
            marks |= LANDMARKS["article"]
        number = len(blocks.nodes)
        blocks.nodes.append(node)
        blocks.parent.append(parent)
        blocks.kind.append(KIND[tag])
        blocks.landmarks.append(marks)
        blocks.named.append(bits)
        blocks.first.append(len(blocks.texts))
        blocks.end.append(0)
        blocks.alike.append(1)
        style = self._styles.setdefault((tag, classes.split(" ", 1)[0] if classes else ""), len(self._styles))
        blocks.style.append(style)
        self._siblings.setdefault((parent, style), []).append(number)
        return number

    def _close(self, container: int) -> None:
        self._flush(container)
        self.blocks.end[container] = len(self.blocks.texts)

    def _count_alike(self) -> None:
        for group in self._siblings.values():
            for sibling in group:
                self.blocks.alike[sibling] = len(group)

    def _add(self, node: LexborNode, link: bool, container: int) -> None:
        """White space before a block is none of it, but in preformatted text."""
        text = node.text_content or ""
        if not self._pieces and text.isspace() and not self.blocks.landmarks[container] & _PREFORMATTED:
            return
        self._pieces.append(text)
        self._nodes.append(node)
        if link:
            self._linked += len(text.strip())

    def _flush(self, container: int) -> None:
        """End the block that is being gathered."""
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

    def _is_out(self, node: LexborNode, tag: str, attributes: dict[str, str | None], bits: int) -> bool:
        """Whether an element is never the text. A part that bears the article is, whatever it is called; the page's
        source, kept out of sight, only says it once more.
        """
        if tag in FRAME or tag == "a":
            return False
        if not self._thread and _is_comments(attributes, bits):
            return self._is_comments_only(node)
        if self._is_apparatus(node, tag, attributes, bits):
            share = _NEARLY_ALL if _is_apparatus_itself(tag, attributes, bits) else _MOST_OF_IT
            return not self._bears_much(node, share)
        if tag == "noscript" or is_not_shown(attributes):
            return tag == "pre" or not self._weighing.says_much(node, _SHARE)
        return not self._thread and (tag == "time" or bits & WHEN > 0) and is_dateline(node)

    def _is_comments_only(self, node: LexborNode) -> bool:
        if self._weighing.bears(node):
            return False
        lengths = map(letters, node.css(_BESIDE_COMMENTS)[:_MOST_BESIDE])
        beside = sum(length for length in lengths if length < _LONGEST_BESIDE)
        self.blocks.comments += max(letters(node) - beside, 0)
        return True

    def _is_apparatus(self, node: LexborNode, tag: str, attributes: dict[str, str | None], bits: int) -> bool:
        """As `extractor.regions.is_apparatus`; of a discussion, only the form in which one answers, and how one should:
        engines call everything by the names of apparatus.
        """
        if self._thread:
            asks = tag == "form" and node.css_first("textarea") is not None
            return asks or bits & _OF_A_COMMENT == _OF_A_COMMENT
        if tag in APPARATUS_TAGS or _has_apparatus_role(attributes):
            return not (tag == "footer" and is_quoted(node))
        return heads_page(node) if tag == "header" else bits & APPARATUS > 0

    def _bears_much(self, node: LexborNode, share: float) -> bool:
        return self._weighing.bears(node) or self._weighing.says_much(node, share)


def _tells(tag: str, attributes: dict[str, str | None], bits: int) -> bool:
    """Whether an element may say what it is for."""
    return bits & _TELLING_WORDS > 0 or tag in _TELLING or not _TELLING_ATTRIBUTES.isdisjoint(attributes)


def _has_apparatus_role(attributes: dict[str, str | None]) -> bool:
    return "role" in attributes and (attributes["role"] or "").lower() in APPARATUS_ROLES


def _is_apparatus_itself(tag: str, attributes: dict[str, str | None], bits: int) -> bool:
    """Whether it is by its tag or role, as a list of other pages or as what asks for consent, often in more words than
    the article has; not a form: those of old engines hold the page.
    """
    if tag == "header" or (tag in APPARATUS_TAGS and tag != "form"):
        return True
    return bits & (OTHERS | CONSENT) > 0 or _has_apparatus_role(attributes)


def _is_comments(attributes: dict[str, str | None], bits: int) -> bool:
    """As `extractor.regions.is_comments`."""
    if bits & COMMENTS or attributes.get("role") == "comment":
        return True
    if "itemprop" in attributes and "comment" in (attributes["itemprop"] or "").split():
        return True
    return "itemtype" in attributes and (attributes["itemtype"] or "").endswith(("/Comment", "/UserComments"))
