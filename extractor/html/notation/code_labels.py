"""Remove the labels beside a code block: "Copy", "Code:", the name of its language.

Buttons are no text anyway; these are other elements that scripts or themes put around the code.
"""

from __future__ import annotations

import re
from itertools import islice

from selectolax.lexbor import LexborNode

from extractor.html.regions import vocabulary

SILENT_IN_CODE = vocabulary("style script button svg template noscript select input textarea title")
BOXES = vocabulary("div figure td tr tbody table span section dl dd details")
_SURE_WORDS = vocabulary(
    "copy copied copying code clipboard 复制 复制代码 代码 代码块 全选 复制成功 已复制 kopieren copier copiar copia"
    " kopiëren コピー 复制到剪贴板 複製 複製代碼 копировать код скопировать"
)
"""Words of buttons that say nothing else beside code."""
_LABEL_WORDS = _SURE_WORDS | vocabulary(
    "to select all view raw download expand collapse toggle wrap edit run open in new window plain text show hide line"
    " numbers snippet source 展开 收起 print ? save as"
)
_LANGUAGES = vocabulary(
    "bash sh shell zsh console terminal python python3 py ipython javascript js typescript ts jsx tsx java kotlin scala"
    " swift c c++ cpp c# csharp cs go golang rust ruby php perl lua r julia matlab sql mysql pgsql html xml css scss"
    " sass less json yaml yml toml ini diff makefile dockerfile docker nginx powershell ps1 batch haskell elixir erlang"
    " clojure lisp dart objective-c objectivec fortran cobol pascal vb vbnet assembly asm latex tex markdown md graphql"
    " protobuf plaintext text vue svelte http apache cmake groovy solidity zig nim ocaml f# fsharp"
)
_TITLES = re.compile(r"code|highlight|snippet|lang|title|toolbar|header|copy|clipboard|caption|filename", re.IGNORECASE)
_TO_COPY = ":is(span,div,a,i,p)[class*='copy' i]"
_BETWEEN = re.compile(r"[\s:：\[\](){}|/·•,，.!!]+")
_SAYING = vocabulary("b strong em i dt p")
"""Elements of what authors write: "Run", and the command to run."""
_LABELS = vocabulary("div span a p em strong b i dt small header figcaption ul li nav label summary")
_LONGEST_LABEL = 60
_LEVELS = 4
_MOST_BESIDE = 8
_FEW = 24


def without_labels(code: LexborNode) -> bool:
    """Remove labels and names of buttons beside a code block: "Copy", "Code:", the name of its language.

    Return whether there were any.
    """
    node, found = code, False
    for level in range(_LEVELS):
        for beside in (*_beside(node, after=False), *_beside(node, after=True)):
            if _is_label(beside, level):
                beside.decompose()
                found = True
        if node.parent is None or node.parent.tag not in BOXES:
            break
        node = node.parent
        if level and not _holds_little_else(node):
            break
    return found


def without_copy_labels(code: LexborNode) -> bool:
    """Remove the labels for copying that a page writes into the code itself; return whether there were any."""
    found = False
    for node in code.css(_TO_COPY)[:_FEW]:
        words = {word for word in _BETWEEN.split(_said(node).lower()) if word}
        if words and words <= _SURE_WORDS:
            node.decompose()
            found = True
    return found


def _holds_little_else(node: LexborNode) -> bool:
    """Return whether an element has few others in it, and no part of the text."""
    child, count = node.first_child, 0
    while child is not None and count <= _MOST_BESIDE:
        if child.tag in ("p", "h1", "h2", "h3", "h4"):
            return False
        count += 1
        child = child.next
    return count <= _MOST_BESIDE


def _beside(node: LexborNode, *, after: bool) -> list[LexborNode]:
    """Return the elements right before or after a code block that may be labels."""
    found: list[LexborNode] = []
    part = node.next if after else node.prev
    for _ in range(_MOST_BESIDE):
        if part is None or (part.is_element_node and part.tag not in _LABELS):
            break
        if part.is_element_node:
            found.append(part)
        elif part.is_text_node and (part.text_content or "").strip():
            break
        part = part.next if after else part.prev
    return found


def _is_label(node: LexborNode, level: int) -> bool:
    if node.tag == "p" and level == 0 and not _is_box(node.parent):
        return False
    words = [word for word in _BETWEEN.split(_said(node).lower()) if word]
    if not words or any(word not in _LANGUAGES for word in words if word not in _LABEL_WORDS):
        return False
    if _TITLES.search(node.attributes.get("class") or "") or _is_box(node.parent) or _is_button(node):
        return True
    return node.tag not in _SAYING and not _SURE_WORDS.isdisjoint(words)


def _said(node: LexborNode) -> str:
    """Return the text of an element without its buttons; empty if it is too long for a label, or holds code."""
    text = ""
    for number, part in enumerate(islice(node.traverse(include_text=True), _FEW + 1)):
        if number == _FEW or part.tag in ("pre", "code") or len(text) > _LONGEST_LABEL:
            return ""
        if part.is_text_node and not (part.parent is not None and part.parent.tag in SILENT_IN_CODE):
            text += f"{part.text_content or ''} "
    return text if len(text) <= _LONGEST_LABEL else ""


def _is_button(node: LexborNode) -> bool:
    """Return whether an element is there to be pressed: it says so, or is a link that leads nowhere."""
    attributes = node.attributes
    if attributes.get("role") == "button" or "onclick" in attributes:
        return True
    return node.tag == "a" and (attributes.get("href") or "#").startswith(("#", "javascript:"))


def _is_box(node: LexborNode | None) -> bool:
    said = (node.attributes.get("class") or "").lower() if node is not None else ""
    return "code" in said or "highlight" in said or "snippet" in said or "language-" in said
