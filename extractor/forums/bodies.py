"""Read the body of a post as text, as Markdown, and as text without quotations, in one walk over its subtree."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from extractor.article.markdown import code, escape, escape_start, formula, image, link, longest_ticks
from extractor.forums.post_tables import read_table
from extractor.html.data_tables import is_data_table
from extractor.html.lines import storable
from extractor.html.notation.tex import DELETED, FORMULA, STRUCK
from extractor.html.regions import vocabulary
from extractor.values.urls import Resolver

_BLOCKS = vocabulary(
    "address article aside blockquote body br caption center dd details div dl dt fieldset figcaption figure footer"
    " form h1 h2 h3 h4 h5 h6 header hr li main ol p pre section summary table tbody td tfoot th thead tr ul"
)
_SILENT = vocabulary(
    "script style template noscript head title textarea select button svg iframe object audio video option input"
    " tex-formula"
)
_HEADINGS = {f"h{level}": "#" * level + " " for level in range(1, 7)}
_MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*"}
_LINK, _CODE = "\x02", "\x03"
"""Markers of open links and code. No text has such characters."""
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Body:
    """The three forms of a body."""

    text: str
    markdown: str
    own: str
    """The text without quotations."""


NO_BODY = Body("", "", "")


def read_body(
    root: LexborNode,
    resolver: Resolver,
    quotes: Collection[int] = (),
    dropped: Collection[int] = (),
    *,
    tables: bool = True,
) -> Body:
    """Read a body. `quotes` and `dropped` are the `mem_id` of quotations, and of elements that are not part of it.

    With `tables`, tables of data keep their rows and columns, and a table of data in one of their cells is its own.
    """

    def cell(node: LexborNode, inner: Collection[int]) -> tuple[str, str]:
        body = read_body(node, resolver, quotes, {*dropped, *inner} if inner else dropped, tables=False)
        return body.text, body.markdown

    writer = _Writer(root.mem_id, resolver, quotes)
    node: LexborNode | None = root
    leaving = False
    while node is not None:
        if not leaving:
            writer.enter(node)
        inner = None if leaving or node.tag in _SILENT or node.mem_id in dropped else node.first_child
        if inner is not None and node.tag == "table" and tables and is_data_table(node):
            writer.table(*read_table(node, cell, dropped))
            inner = None
        if inner is not None:
            node = inner
            continue
        writer.leave(node)
        if node.mem_id == root.mem_id:
            break
        node, leaving = (node.next, False) if node.next is not None else (node.parent, True)
    return writer.finish()


class _Writer:
    """Receives starts and ends of elements, and writes lines."""

    def __init__(self, root: int, resolver: Resolver, quotes: Collection[int]) -> None:
        self._root, self._resolver, self._quotes = root, resolver, quotes
        self._quoted: list[int] = []
        self._lists: list[int | None] = []
        self._pre = self._code = 0
        self._fences: list[int] = []
        self._lead = ""
        self._plain: list[str] = []
        self._marked: list[str] = []
        self._text: list[str] = []
        self._own: list[str] = []
        self._markdown: list[str] = []

    def enter(self, node: LexborNode) -> None:
        if node.is_text_node:
            said = storable(node.text_content or "")
            if said == STRUCK and node.parent is not None and node.parent.tag in DELETED:
                self._say_written(said)
            else:
                self._say(said)
            return
        tag = node.tag or ""
        if tag in _BLOCKS:
            self._block(node, tag)
        elif tag in _MARKS:
            self._mark(tag)
        elif tag == "code":
            self._code += 1
            self._begin_code()
        elif tag == "a":
            self._marked.append(_LINK)
        elif tag == "img":
            self._image(node)
        elif tag == FORMULA:
            self._say_written(storable(node.text()))
        elif tag == "cite" and self._quoted and _is_first(node):
            self._break()

    def leave(self, node: LexborNode) -> None:
        tag = node.tag or ""
        if tag in _BLOCKS:
            self._end_block(node, tag)
        elif tag in _MARKS:
            self._mark(tag, closing=True)
        elif tag == "code":
            self._end_code()
            self._code -= 1
        elif tag == "a":
            self._link(node)
        elif tag == "cite" and self._quoted and _is_first(node):
            self._break()  # the quoted author on a separate line, as styles show it

    def table(self, text: Sequence[str], marked: Sequence[str]) -> None:
        self._break()
        self._text += text
        if not self._quoted:
            self._own += text
        self._line("")
        for line in marked:
            self._line(line)

    def finish(self) -> Body:
        self._break()
        markdown = re.sub(r"\n{3,}", "\n\n", "\n".join(self._markdown)).strip("\n")
        return Body("\n".join(self._text), markdown, "\n".join(self._own))

    def _block(self, node: LexborNode, tag: str) -> None:
        self._break()
        if node.mem_id != self._root and (tag == "blockquote" or node.mem_id in self._quotes):
            self._quoted.append(node.mem_id)
        if tag in _HEADINGS:
            self._lead = _HEADINGS[tag]
        elif tag in ("ul", "ol"):
            self._lists.append(0 if tag == "ol" else None)
        elif tag == "li":
            self._lead = self._bullet()
        elif tag == "pre":
            self._pre += 1
            self._fences.append(len(self._markdown))
            self._line("```")
        elif tag == "hr":
            self._line("---")

    def _end_block(self, node: LexborNode, tag: str) -> None:
        self._break()
        if tag in ("ul", "ol") and self._lists:
            self._lists.pop()
        elif tag == "pre":
            self._pre -= 1
            self._end_fence(self._fences.pop())
        if self._quoted and self._quoted[-1] == node.mem_id:
            while self._markdown and self._markdown[-1].startswith(">") and not self._markdown[-1].strip("> "):
                self._markdown.pop()
            self._quoted.pop()
        if tag not in ("br", "li", "td", "tr"):
            self._line("")

    def _bullet(self) -> str:
        depth = "  " * min(len(self._lists) - 1, _DEEPEST) if self._lists else ""
        if not self._lists or self._lists[-1] is None:
            return depth + "- "
        self._lists[-1] += 1
        return f"{depth}{self._lists[-1]}. "

    def _say(self, written: str) -> None:
        if self._pre:
            for number, line in enumerate(written.split("\n")):
                if number:
                    self._break()
                self._plain.append(line)
                self._marked.append(line)
            return
        self._plain.append(written)
        self._marked.append(written if self._code else escape(written))

    def _say_written(self, said: str) -> None:
        """Say what is Markdown already: a formula, or the signs around struck words."""
        self._plain.append(said)
        self._marked.append(said if self._pre or self._code else formula(said))

    def _mark(self, tag: str, *, closing: bool = False) -> None:
        if self._pre:
            return
        if closing and self._marked and self._marked[-1] == _MARKS[tag]:
            self._marked.pop()  # nothing in between
        else:
            self._marked.append(_MARKS[tag])

    def _image(self, node: LexborNode) -> None:
        url = self._resolver(node.attrs.get("src") or "")
        if url and not self._pre:
            self._marked.append(image(node.attrs.get("alt") or "", url))

    def _link(self, node: LexborNode) -> None:
        """End a link; the text since its start is its label."""
        if _LINK not in self._marked:
            return  # a block inside the link has ended its line
        start = len(self._marked) - 1 - self._marked[::-1].index(_LINK)
        label = "".join(self._marked[start + 1 :]).strip()
        url = self._resolver(node.attrs.get("href") or "")
        del self._marked[start:]
        self._marked.append(label if self._pre or not url or not label else link(label, url))

    def _begin_code(self) -> None:
        if not self._pre:
            self._marked.append(_CODE)

    def _end_code(self) -> None:
        """End inline code: put the text since its start into enough backticks."""
        if _CODE in self._marked:
            start = len(self._marked) - 1 - self._marked[::-1].index(_CODE)
            said = "".join(part for part in self._marked[start + 1 :] if part != _LINK)
            del self._marked[start:]
            beside = bool(self._marked) and self._marked[-1].endswith("`")  # adjacent backticks would merge
            self._marked.append(escape(said) if beside else code(said))

    def _end_fence(self, start: int) -> None:
        """End a code block: put the lines since `start` between long enough fences."""
        ticks = "`" * max(3, longest_ticks("\n".join(self._markdown[start + 1 :])) + 1)
        self._markdown[start] = self._markdown[start].replace("```", ticks)
        self._line(ticks)

    def _break(self) -> None:
        """End the current line, if any."""
        if not (self._plain or self._marked or self._pre or self._code):
            return
        plain = "".join(self._plain)
        self._end_code()
        marked = "".join(part for part in self._marked if part != _LINK)
        self._plain.clear()
        self._marked.clear()
        if not self._pre:
            plain, marked = " ".join(plain.split()), " ".join(marked.split())
        if plain.strip():
            self._text.append(plain.rstrip())
            if not self._quoted:
                self._own.append(plain.rstrip())
        if self._code:
            self._begin_code()
        if marked.strip() or self._pre:
            self._line(self._lead + (marked if self._pre else escape_start(marked)))
            self._lead = ""

    def _line(self, line: str) -> None:
        self._markdown.append(("> " * min(len(self._quoted), _DEEPEST) + line).rstrip())


def _is_first(node: LexborNode) -> bool:
    """Return whether an element is the first in its parent."""
    before = node.prev
    while before is not None and before.is_text_node and not (before.text_content or "").strip():
        before = before.prev
    return before is None
