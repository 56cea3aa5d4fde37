"""Limit nesting before parsing: a parser may walk over all open elements for each tag."""

from __future__ import annotations

import re

from extractor.html.attributes import ATTRIBUTE, GONE, SPACE
from extractor.html.open_elements import EMPTY, FORMATTING, IN_TABLES, POINTS, RAW, OpenElements

DEEPEST = 1_000
_MOST_REOPENED = 1 << 20
"""Maximum number of formatting elements created by reopening: all open ones, at each tag."""
_FORMATTING_AT_LEAST = 16
_TAG_OR_COMMENT = re.compile(
    rb"<(?:(/?)([a-zA-Z][^%b/>]*+)(?:%b)*+([%b/]*+)>?|!--(?:-?>|(?s:.*?)(?:--!?>|\Z))|[!?/][^>]*+>?)"
    % (SPACE, ATTRIBUTE, SPACE)
)
_RAW_END = {name: re.compile(rb"</%b(?=[%b/>])|\Z" % (name, SPACE), re.IGNORECASE) for name in RAW}
_IN_SCRIPT = re.compile(rb"<!(?=--)|-->|<(/?)script(?=[%b/>])" % SPACE, re.IGNORECASE)
_NO_FOREIGN = frozenset(
    b"b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta"
    b" nobr ol p pre ruby s small span strong strike sub sup table tt u ul var".split()
)
"""Elements that end the drawing or formula around them."""
_NEAR = 64
_CELLS = re.compile(
    rb"(?:[%b]*+<(t[dh])(?=[%b/>])(?:%b)*+[%b/]*+>[^<]*+</\1>)++" % (SPACE, SPACE, ATTRIBUTE, SPACE), re.IGNORECASE
)
"""Cells that hold only text and have an end tag. Directly in a table, they change nothing that is open."""


def limit_nesting(html: bytes) -> bytes:
    """Remove the tags of elements nested deeper than 1,000, and of formatting that would be reopened repeatedly."""
    return _NestingCutter(html).result()


class _NestingCutter:
    def __init__(self, html: bytes) -> None:
        self._html = html
        self._elements = OpenElements()
        self._began = b""
        """The name of the tag, if it begins an HTML element."""
        self._most_formatting = max(_FORMATTING_AT_LEAST, _MOST_REOPENED // (html.count(b"<") + 1))

    def result(self) -> bytes:
        html = self._html
        kept: list[bytes] = []
        done = at = 0
        while found := _TAG_OR_COMMENT.search(html, self._after_cells(at)):
            at = found.end()
            if not self._stays(found):
                kept += html[done : found.start()], GONE
                done = at
            elif found[2] is None:
                at = self._comment_end(found)
            elif self._began in RAW:
                at = self._raw_end(self._began, at)
        return b"".join(kept) + html[done:] if kept else html

    def _after_cells(self, at: int) -> int:
        """Skip the plain cells of a table: large tables consist of them."""
        plain = _CELLS.match(self._html, at) if self._elements.top == b"table" else None
        return plain.end() if plain else at

    @property
    def _is_foreign(self) -> bool:
        return self._elements.top.startswith(b"<") and self._elements.top not in POINTS

    def _stays(self, found: re.Match[bytes]) -> bool:
        """Return whether a tag stays, after applying its effect.

        In drawings and formulae, a doubtful end tag is removed: their ends must be certain, since other rules for tags
        hold inside them.
        """
        elements = self._elements
        self._began = b""
        if found[2] is None:
            return not elements.foreign or self._is_foreign or not found[0].startswith(b"<![CDATA[")
        name = found[2].lower()
        elements.doubted = False
        if not found[1]:
            return self._start(name, found)
        return self._end(name) and not (elements.doubted and elements.foreign)

    def _start(self, name: bytes, tag: re.Match[bytes]) -> bool:
        elements = self._elements
        if name in (b"frameset", b"plaintext") or (elements.points and name in IN_TABLES):
            return False  # in a drawing, table elements may close all of it
        if name in FORMATTING and elements.formatting >= self._most_formatting:
            return False
        if elements.top.startswith(b"<") and not self._is_html(name):
            return self._start_foreign(name, tag)
        if len(elements.names) >= DEEPEST and name not in EMPTY and name not in RAW:
            return self._start_beyond(name)
        self._began = name
        if name not in (b"svg", b"math"):
            elements.start(name)
        elif not tag[3].endswith(b"/"):
            elements.push((b"<" if name == b"svg" else b"<<") + name)
        return True

    def _start_beyond(self, name: bytes) -> bool:
        """Handle a start tag beyond the limit: only paragraphs begin there; each closes the one before."""
        if name == b"p" == self._elements.top:
            self._elements.end(name)
        self._elements.push(name)
        self._elements.doubt()
        return name == b"p"

    def _is_html(self, name: bytes) -> bool:
        """Return whether a tag in a drawing or formula is HTML; close what it closes."""
        elements = self._elements
        if self._is_foreign and name in _NO_FOREIGN:
            self._leave()
            return True
        if elements.top == b"<<annotation-xml":
            return name == b"svg"
        return not self._is_foreign and not (elements.top.startswith(b"<<") and name in (b"mglyph", b"malignmark"))

    def _leave(self) -> None:
        while self._is_foreign:
            self._elements.cut(len(self._elements.names) - 1)

    def _start_foreign(self, name: bytes, tag: re.Match[bytes]) -> bool:
        """Handle a foreign element. Remove those whose attributes decide whether they are HTML."""
        elements = self._elements
        if name == b"font" or (name == b"annotation-xml" and (b"&" in tag[0] or b"html" in tag[0].lower())):
            return False
        if tag[3].endswith(b"/"):
            return True
        if len(elements.names) >= DEEPEST:
            return False
        elements.push((b"<<" if elements.top.startswith(b"<<") else b"<") + name)
        return True

    def _end(self, name: bytes) -> bool:
        elements = self._elements
        before = len(elements.names)
        if elements.top.startswith(b"<"):
            if name in (b"p", b"br"):
                self._leave()
                elements.end(name)
                elements.doubted = False
                return True
            at = before - 1
            while at >= 0 and elements.names[at].startswith(b"<") and elements.names[at].lstrip(b"<") != name:
                at -= 1
                if before - at > _NEAR:
                    return False
            if at >= 0 and elements.names[at].startswith(b"<"):
                elements.cut(at)
                return at < DEEPEST
        elements.end(name)
        return not DEEPEST <= len(elements.names) < before or name == b"p"

    def _comment_end(self, found: re.Match[bytes]) -> int:
        if self._is_foreign and found[0].startswith(b"<![CDATA["):
            end = self._html.find(b"]]>", found.start())
            return end + 3 if end >= 0 else len(self._html)
        return found.end()

    def _raw_end(self, name: bytes, at: int) -> int:
        """Return the end of the text in an element that contains no tags."""
        if name == b"script":
            return self._script_end(at)
        end = _RAW_END[name].search(self._html, at)
        return end.end() if end else at

    def _script_end(self, at: int) -> int:
        """Return the end of a script. In a comment of a script, another script may begin and end."""
        in_comment = in_script = False
        while found := _IN_SCRIPT.search(self._html, at):
            at = found.end()
            if found[1] is None:
                in_comment, in_script = found[0] != b"-->", in_script and found[0] != b"-->"
            elif not found[1]:
                in_script = in_comment
            elif in_script:
                in_script = False
            else:
                return found.start()
        return len(self._html)
