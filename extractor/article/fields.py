"""Find forms without a form element: loose controls, whose text is not part of the article.

Scripts submit them, or broken nesting has closed their `form` too early. Their controls show them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice

from selectolax.lexbor import LexborNode

from extractor.html.cheap_queries import CheapQuery
from extractor.html.class_words import COMMENTS, class_bits
from extractor.html.page import Page
from extractor.html.prose import LEAST, prose, prose_text
from extractor.html.regions import ENTRY_CONTENT, FRAME, ancestors, vocabulary

_WRITTEN_IN = (
    "textarea",
    'input:not([type]),input[type="text" i],input[type="email" i],input[type="url" i],input[type="tel" i]',
    "[contenteditable=true]",
)
_WRITTEN_TYPES = ("text", "email", "url", "tel")
_WRITTEN = ",".join(_WRITTEN_IN)
_CONTENT = ",".join(f".{name},#{name}" for name in sorted(ENTRY_CONTENT))
_BEARER = f"h1,[itemprop~=articleBody],{_CONTENT}"
_NAMED_CONTENT = CheapQuery(_CONTENT)
_HEADINGS = vocabulary("h2 h3 h4 h5 h6")
_MOST_CONTROLS = 300
_MOST_AREAS = 20
_MOST_CHILDREN = 5_000
_FIELD_LENGTH = 200


Bears = Callable[[LexborNode], bool]
"""Return whether an element contains the page's heading, or the element marked as the article's body."""


def bears_article(node: LexborNode) -> bool:
    """Return whether an element contains the page's heading, or the element marked as the article's body."""
    return node.css_first(_BEARER) is not None


def heading_ancestors(page: Page) -> frozenset[int]:
    """Return the `mem_id` of all such elements: a lookup is cheaper than a check of each.

    Some themes name the content of each comment so, too: it counts only if nothing else has the name.
    """
    found: set[int] = set()
    bodies = (node for node in page.properties if "articleBody" in (node.attributes.get("itemprop") or "").split())
    named = _NAMED_CONTENT.all(page)
    contents = [node for node in named if not class_bits(node.attributes.get("class"), None) & COMMENTS] or named
    for bearer in chain(page.tagged("h1"), bodies, contents):
        node: LexborNode | None = bearer
        while node is not None and node.mem_id not in found:
            found.add(node.mem_id)
            node = node.parent
    return frozenset(found)


def free_fields(page: Page, most: float, bears: Bears) -> frozenset[int]:
    """Return the `mem_id` of elements that belong to controls: the form around them, or the line of each.

    `most` is the maximum of running text in a form; larger elements don't count as forms.
    """
    controls = list(filter(_is_control, page.tree_index.controls))
    says_little = _ShortText(bears)
    found = {_line(control, says_little).mem_id for control in controls[:_MOST_CONTROLS]}
    areas = (control for control in controls if _is_area(control))
    for area in islice(areas, _MOST_AREAS):
        found.update(node.mem_id for node in _form_around(area, most))
    return frozenset(found)


def _is_control(node: LexborNode) -> bool:
    """Return whether it is a text or selection control; buttons, check boxes and hidden inputs don't count."""
    if node.tag != "input":
        return True
    attributes = node.attributes
    kind = attributes.get("type") if "type" in attributes else "text"
    return (kind or "").lower() in _WRITTEN_TYPES or attributes.get("contenteditable") == "true"


def _is_area(control: LexborNode) -> bool:
    """Return whether it is a multi-line text control."""
    return control.tag == "textarea" or control.attributes.get("contenteditable") == "true"


def _line(control: LexborNode, says_little: _ShortText) -> LexborNode:
    """Return the largest element around a control with little more text than a label."""
    line = control
    for parent in ancestors(control):
        if parent.tag in FRAME or parent.tag in ("article", "form") or not says_little(parent):
            break
        line = parent
    return line


class _ShortText:
    """Checks whether elements have little more text than a label. Each is checked once: controls share elements."""

    def __init__(self, bears: Bears) -> None:
        self._bears = bears
        self._known: dict[int, bool] = {}

    def __call__(self, node: LexborNode) -> bool:
        known = self._known.get(node.mem_id)
        if known is None:
            known = self._known[node.mem_id] = self._says_little(node)
        return known

    def _says_little(self, node: LexborNode) -> bool:
        if self._bears(node) or (len(node.text()) > _FIELD_LENGTH and len(prose_text(node)) > _FIELD_LENGTH):
            return False
        return all(len(paragraph.text()) < LEAST for paragraph in node.css("p"))


def _form_around(area: LexborNode, most: float) -> Sequence[LexborNode]:
    """Return the elements of the form around a text area, within the lowest element that also contains another field,
    or else running text."""
    around = list(ancestors(area))
    with_fields = (parent for parent in around if len(parent.css(_WRITTEN)) > 1)
    with_text = (parent for parent in around if prose(parent))
    for container in chain(islice(with_fields, 1), islice(with_text, 1)):
        if container.tag not in FRAME and not bears_article(container) and prose(container) <= most:
            return (container,)
        if parts := _stretch(list(_children(container)), most):
            return parts
    return ()


def _stretch(children: Sequence[LexborNode], most: float) -> Sequence[LexborNode]:
    """Return the children from the first to the last one with a control, with heading before and small print after."""
    held = [index for index, child in enumerate(children) if _holds_control(child)]
    if not held:
        return ()
    first, last = held[0], held[-1]
    if sum(map(_weight, children[first : last + 1])) > most or any(map(_bears, children[first : last + 1])):
        return ()
    if not any(map(_weight, children[last + 1 :])):
        last = len(children) - 1
    while first > 0 and (children[first - 1].tag in _HEADINGS or _is_blank(children[first - 1])):
        first -= 1
    return children[first : last + 1]


def _children(node: LexborNode) -> Iterator[LexborNode]:
    child = node.first_child
    for _ in range(_MOST_CHILDREN):
        if child is None:
            return
        yield child
        child = child.next


def _holds_control(node: LexborNode) -> bool:
    return node.is_element_node and (node.css_matches(_WRITTEN) or node.css_first(_WRITTEN) is not None)


def _bears(node: LexborNode) -> bool:
    return node.is_element_node and (node.tag == "h1" or bears_article(node))


def _weight(node: LexborNode) -> int:
    """Return the amount of running text of an element or a text node."""
    if node.is_element_node:
        return prose(node)
    length = len((node.text_content or "").strip().encode("utf-8", "replace")) if node.is_text_node else 0
    return length if length >= LEAST else 0


def _is_blank(node: LexborNode) -> bool:
    return node.tag == "br" or (not node.is_element_node and not (node.text_content or "").strip())
