"""A page as the readers get it: its address and bytes, and on demand its text and tree."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser, LexborNode

from extractor.html.lines import lines_of
from extractor.html.notation.readable import make_readable
from extractor.html.prose import pieces_of, running
from extractor.html.safe_markup import make_safe
from extractor.html.shared_queries import TreeIndex
from extractor.html.streaming import is_streamed, place_parts
from extractor.values.encoding import decode
from extractor.values.mail_addresses import hides_addresses, show_addresses

_QUICK = int(LexborDocumentOptions.WO_EVENTS)
_PREFIXED = re.compile(rb"(</?)mml:(?=[a-z])")
"""Tags of MathML with the prefix that journals (JATS) use, and that HTML has no names for."""


def parse(html: str | bytes) -> LexborHTMLParser:
    """Parse as browsers do; bytes must be UTF-8. Without the events of a live document, this is twice as fast."""
    octets = html.encode("utf-8", "ignore") if isinstance(html, str) else html
    if b"<mml:math" in octets:
        octets = _PREFIXED.sub(rb"\1", octets)
    return _parsed(octets)


def _parsed(html: bytes) -> LexborHTMLParser:
    return LexborHTMLParser(make_safe(html), options=_QUICK)


def apply_scripts(tree: LexborHTMLParser, html: bytes) -> bool:
    """Apply what common scripts would do to a page in UTF-8: place parts that were sent late, and write mail addresses
    that were hidden from programs. Return whether there was anything to do.
    """
    streamed, hides = is_streamed(html), hides_addresses(html)
    if streamed:
        place_parts(tree, html.decode("utf-8", "replace"))
    if hides:
        show_addresses(tree)
    return streamed or hides


@dataclass(frozen=True)
class Page:
    """A page with a content-decoded body. Costly values are computed once, on demand."""

    url: str
    body: bytes
    content_type: str | None = None
    """The received Content-Type header, e.g. ``text/html; charset=gb2312``."""
    at: datetime | None = None
    """The aware time of capture, the base of "3 hours ago". Without it, relative times are not read."""

    @cached_property
    def _decoded(self) -> tuple[str, str]:
        return decode(self.body, self.content_type)

    @property
    def text(self) -> str:
        """The decoded markup of the page."""
        return self._decoded[0]

    @property
    def encoding(self) -> str:
        """The Python name of the encoding that `text` was decoded from."""
        return self._decoded[1]

    @cached_property
    def octets(self) -> bytes:
        """The markup in UTF-8: the body, unless that has another encoding or is damaged. Scanning bytes is faster than
        text.
        """
        if self.encoding == "utf-8" and "\ufffd" not in self.text:
            return self.body.removeprefix(BOM_UTF8)
        return self.text.encode("utf-8", "ignore")

    @cached_property
    def _pieces(self) -> Sequence[str]:
        body = self.tree.body
        return pieces_of(body, self.tree_index.silent) if body is not None else ()

    @cached_property
    def words(self) -> str:
        """The text of its body: the pieces between markup, each preceded by a line feed."""
        return "\n".join(("", *self._pieces))

    @cached_property
    def lines(self) -> Sequence[tuple[str, LexborNode]]:
        """The visible lines of its body, each with the node of its first word."""
        return list(lines_of(self.tree.body))

    @cached_property
    def running(self) -> int:
        """The bytes of running text in its body."""
        return running(self._pieces)

    def tagged(self, tag: str) -> Sequence[LexborNode]:
        """The elements of a tag in `TreeIndex`, in order."""
        return self.tree_index.all(tag)

    @property
    def items(self) -> Sequence[LexborNode]:
        """The elements with a microdata type, in order."""
        return self.tree_index.all("[itemtype]")

    @property
    def properties(self) -> Sequence[LexborNode]:
        """The elements that are microdata properties, or schema.org dates in RDFa, in order."""
        return self.tree_index.properties

    @cached_property
    def json_ld(self) -> Sequence[str]:
        """Its JSON-LD scripts, unparsed."""
        return [
            node.text() for node in self.tagged("script") if "ld+json" in (node.attributes.get("type") or "").lower()
        ]

    @property
    def names(self) -> frozenset[str]:
        """The names of its elements: see `TreeIndex`."""
        return self.tree_index.names

    @cached_property
    def all_names(self) -> str:
        """All names in one string, for searching parts of names."""
        return "\n".join(self.names)

    @property
    def is_parsed(self) -> bool:
        """Whether its tree is already parsed."""
        return "_seen" in self.__dict__

    @property
    def tree(self) -> LexborHTMLParser:
        """The tree, after `apply_scripts`."""
        return self._seen[0]

    @property
    def tree_index(self) -> TreeIndex:
        """The index of its tree."""
        return self._seen[1]

    @cached_property
    def _seen(self) -> tuple[LexborHTMLParser, TreeIndex]:
        tree = _parsed(self.octets)
        tree_index = TreeIndex(tree)
        if "mml:math" in tree_index.tags:  # to look for it in the page itself takes much longer
            tree = parse(self.octets)
            tree_index = TreeIndex(tree)
        may_be_unsettled = tree_index.all("template") or tree_index.all("[data-cfemail]")
        if may_be_unsettled and apply_scripts(tree, self.octets):
            tree_index = TreeIndex(tree)
        return tree, TreeIndex(tree) if make_readable(tree, self.octets, tree_index) else tree_index
