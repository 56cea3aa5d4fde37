"""What is no text of the article is taken out of the tree, each part for a cause that its markup gives.

The causes: it is a form, a control or its label; it holds readers' comments; it is a menu, foot, share bar, sign-up,
advertisement or the like by tag, role or class; it is not shown; it is the line that says when and by whom. None of
them looks at what a part says. A part that bears the article (its heading, its body, or a good part of the page's
prose) stays, whatever it is called.
"""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser, LexborNode

from extractor.fields import bears_article, free_fields
from extractor.prose import prose, said
from extractor.regions import DATELINE, FRAME, ancestors, is_apparatus, is_comments, vocabulary, words_of
from extractor.shown import CONTROLS, NEVER_TEXT, is_not_shown

_TELLS_NOTHING = vocabulary("a b blockquote br code dd div dl dt em font h2 h3 h4 i li ol p span strong td tr u ul")
"""Tags that say nothing about what a part is for, unless an attribute does."""
_LONGEST_DATELINE = 160
_MOST_WEIGHED = 300
_MOST_WORK = 10_000_000
_SHARE = 0.3


def prune(tree: LexborHTMLParser, *, thread: bool = False) -> int:
    """Take out of `tree` what is not the article; return how many characters of readers' comments went.

    With `thread`, what readers wrote stays: it is the text.
    """
    tree.strip_tags(NEVER_TEXT)
    return _Pruning(tree.body, thread).run() if tree.body is not None else 0


class _Pruning:
    """One walk over a tree. How much is weighed is bounded, so that no page can make the walk long."""

    def __init__(self, body: LexborNode, thread: bool) -> None:
        self._body = body
        self._thread = thread
        self._share = prose(body) * _SHARE
        self._weighings = min(_MOST_WEIGHED, _MOST_WORK // (1 + sum(1 for _ in body.traverse())))
        self._comments = 0
        self._fields = free_fields(body, self._share)

    def run(self) -> int:
        """Never touches a node below one that is gone: its memory is gone, too."""
        node = self._body.first_child
        while node is not None:
            if node.mem_id in self._fields or (node.is_element_node and self._is_out(node)):
                gone, node = node, _after(node, self._body)
                gone.decompose()
            else:
                node = node.first_child or _after(node, self._body)
        return self._comments

    def _is_out(self, node: LexborNode) -> bool:
        tag = node.tag
        if tag in CONTROLS:
            return True
        if tag in _TELLS_NOTHING and not node.attributes:
            return False
        if is_comments(node):
            return not self._thread and self._is_comments_only(node)
        if is_apparatus(node) or is_not_shown(tag or "", node.attributes):
            return not self._bears_much(node) and not (tag == "footer" and is_quoted(node))
        return is_dateline(node)

    def _is_comments_only(self, node: LexborNode) -> bool:
        if bears_article(node):
            return False
        self._comments += len(node.text())
        return True

    def _bears_much(self, node: LexborNode) -> bool:
        """Whether a part bears the article by what it holds, or by how much of the page's prose it holds."""
        self._weighings -= 1
        return self._weighings < 0 or bears_article(node) or (self._share > 0 and prose(node) > self._share)


def is_dateline(node: LexborNode) -> bool:
    """Whether a part says only when it was published and by whom: metadata, read elsewhere."""
    if node.tag == "time":
        return not (_is_text(node.prev) or _is_text(node.next))
    if words_of(node).isdisjoint(DATELINE) or node.tag in FRAME:
        return False
    return len(said(node)) <= _LONGEST_DATELINE and prose(node) == 0 and not is_quoted(node) and not bears_article(node)


def _is_text(node: LexborNode | None) -> bool:
    return node is not None and node.is_text_node and bool((node.text_content or "").strip())


def is_quoted(node: LexborNode) -> bool:
    """A footer in a quotation names its source."""
    return any(parent.tag == "blockquote" for parent in ancestors(node))


def _after(node: LexborNode, root: LexborNode) -> LexborNode | None:
    """The node that follows in the order of the page, past all that is inside `node`."""
    current: LexborNode | None = node
    while current is not None and current.mem_id != root.mem_id:
        if current.next is not None:
            return current.next
        current = current.parent
    return None
