"""Track the elements that are open at a place in markup: never fewer than in a browser.

It follows the tree construction of HTML. Complicated cases cause doubt: from then on, only the innermost of the open
elements can be closed, by its own end tag. So it is harmless if they were closed already.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Set
from dataclasses import dataclass, field


def _names(names: str) -> frozenset[bytes]:
    return frozenset(names.encode().split())


RAW = _names("style script xmp iframe noembed noframes textarea title")
"""In them, there are no tags."""
EMPTY = _names(
    "area base basefont bgsound body br embed frame head hr html image img input keygen link meta param source track"
    " wbr"
)
"""They have no inside, or, as the body, are open in any case."""
POINTS = _names("<desc <title <foreignobject <<mi <<mo <<mn <<ms <<mtext")
"""Parts of drawings and formulae in which there is HTML again."""
FORMATTING = _names("a b big code em font i nobr s small strike strong tt u")
"""What is opened again when what it was in has closed."""
_HEADINGS = _names("h1 h2 h3 h4 h5 h6")
IN_TABLES = _names("table tr td th tbody thead tfoot caption colgroup col")
_ROWS = _names("tr tbody thead tfoot colgroup col")
_CELLS = _names("td th caption")
_MARKERS = _CELLS | _names("applet marquee object template")
_SCOPES = _MARKERS | POINTS | _names("table select")
_BLOCKS = _names(
    "?form ?heading address article aside blockquote center dd details dialog dir div dl dt fieldset figcaption figure"
    " footer header hgroup li listing main menu nav ol p pre search section summary ul"
)
_AFTER_PARAGRAPHS = _BLOCKS | _names("xmp hr")
"""What closes a paragraph."""
_SPECIAL = (_AFTER_PARAGRAPHS | _SCOPES | EMPTY | RAW | _ROWS | _names("button noscript")) - _names(
    "dialog search image"
)
_RUBY = _names("rb rt rp rtc")
_OPTIONS = _names("option optgroup")
_IMPLIED = _RUBY | _OPTIONS | _names("p li dd dt")
_STOPS: dict[bytes, Set[bytes]] = {
    b"template": _names(""),
    b"table": _names("template"),
    **dict.fromkeys(_CELLS, _names("template table")),
    **dict.fromkeys(_BLOCKS | _names("button select applet marquee object"), _SCOPES),
    b"p": _SCOPES | _names("button"),
    b"li": _SCOPES | _names("ol ul"),
}
"""Beyond which an end tag of that name closes nothing; those of other names close nothing beyond a special element."""
_NEAR = 16


@dataclass(slots=True)
class _Scope:
    begin: int
    open: Counter[bytes] = field(default_factory=Counter)
    inline: int = 0
    """How many of those are neither blocks nor formatting."""
    again: Counter[bytes] = field(default_factory=Counter)
    """Formatting that closed only because what it was in did."""


class OpenElements:
    """The names of open elements, outermost first.

    Those in a drawing have the prefix "<", those in a formula "<<". "?" stands for an element that is unimportant or
    uncertain.
    """

    def __init__(self) -> None:
        self.names: list[bytes] = []
        self.foreign = 0
        """How many are in drawings and formulae."""
        self.formatting = 0
        """How many are open, or may be opened again, that are for formatting."""
        self.doubted = False
        """Whether there was doubt; whoever wants to know of a tag takes it back before."""
        self._sure = 0
        """From there on, just these are open."""
        self.points = 0
        """How many are parts of those with HTML in them."""
        self._form: bool | None = None
        """Whether the form that the next end tag of one closes is the last that began; None if it closes none."""
        self._open = Counter[bytes]()
        self._scopes = [_Scope(0)]

    @property
    def top(self) -> bytes:
        return self.names[-1] if self.names else b""

    def doubt(self) -> None:
        self._sure = len(self.names)
        self.doubted = True

    def push(self, name: bytes) -> None:
        if name in _SCOPES:
            self._scopes.append(_Scope(len(self.names)))
        self.names.append(name)
        self._scopes[-1].inline += name not in _SPECIAL and name not in FORMATTING
        self._open[name] += 1
        self._scopes[-1].open[name] += 1
        self.foreign += name.startswith(b"<")
        self.points += name in POINTS
        if name == b"?form":
            self._form = self._form is None
        self.formatting += name in FORMATTING

    def cut(self, at: int, ended: bytes = b"") -> None:
        """Close all elements from there on, the outermost by its own end tag if named."""
        while len(self.names) > at:
            name = self.names.pop()
            self._open[name] -= 1
            self._scopes[-1].open[name] -= 1
            self._scopes[-1].inline -= name not in _SPECIAL and name not in FORMATTING
            self.foreign -= name.startswith(b"<")
            self.points -= name in POINTS
            if name == b"?form":
                self._form = False
            if name in _SCOPES:
                again = self._scopes.pop().again
                if name in _MARKERS:
                    self.formatting -= again.total()
                else:
                    self._scopes[-1].again.update(again)
            elif name in FORMATTING and name == ended and len(self.names) == at:
                self.formatting -= 1
            elif name in FORMATTING:
                self._scopes[-1].again[name] += 1
        self._sure = min(self._sure, at)

    def start(self, tag: bytes) -> None:
        """Apply a start tag: close and open elements."""
        name = _known_as(tag)
        if name in _ROWS or name in _CELLS:
            self._start_in_table(name)
        elif name != b"select" or not self._close({name}, _SCOPES):  # a nested one only ends the outer one
            self._close_before(name)
            if name in _AFTER_PARAGRAPHS and self._open[b"p"]:
                self._end(b"p")
            if name not in EMPTY and name not in RAW:
                self.push(name)

    def _start_in_table(self, name: bytes) -> None:
        if not self._open[b"table"] and not self._open[b"template"]:
            return
        at = self._find({b"table"}, {b"template"})
        if at is not None:
            self.cut(at + 1)
        elif self.top in _CELLS:
            self.cut(len(self.names) - 1)
        if name in _CELLS:
            self.push(name)
        if at is None:
            self.doubt()

    def _close_before(self, name: bytes) -> None:
        """Close what an element of that name closes at its start, except paragraphs."""
        if name == b"li":
            self._close({b"li"}, _SPECIAL - {b"address", b"div", b"p"})
        elif name in (b"dd", b"dt"):
            self._close({b"dd", b"dt"}, _SPECIAL - {b"address", b"div", b"p"})
        elif name in (b"a", b"nobr"):
            self._close_link(name)
        elif name == b"button":
            self._close({name}, _SCOPES)
        elif name == b"table":
            self._close({name}, _CELLS | {b"template"})
            if self._open[b"p"]:
                self.doubt()  # whether a paragraph closes depends on the document type
        elif name in _IMPLIED or name == b"?heading":
            self._close_top(name)
        elif self._open[b"select"] and name in (b"input", b"keygen", b"textarea", b"hr"):
            self.doubt()

    def _close_link(self, name: bytes) -> None:
        scope = self._scopes[-1]
        if scope.again[name]:
            scope.again[name] -= 1
            self.formatting -= 1
            if scope.inline:
                self.doubt()
        if self._open[name] and not self._close({name}, _SPECIAL, name):
            self.doubt()

    def _close_top(self, name: bytes) -> None:
        """Close what closes only if it is the innermost element."""
        scope = self._scopes[-1]
        if scope.again.total():
            self.doubt()
        elif self.top == (b"option" if name == b"optgroup" else name) and name in _OPTIONS | {b"?heading"}:
            self.cut(len(self.names) - 1)
        elif self._open[around := b"ruby" if name in _RUBY else b"select"]:
            closed = _RUBY if name in _RUBY else _OPTIONS if name == b"optgroup" else ()
            if self.top in closed and scope.open[around] and scope.begin >= self._sure:
                self.cut(len(self.names) - 1)
            if self.top in _IMPLIED and (name, self.top) != (b"option", b"optgroup"):
                self.doubt()

    def end(self, tag: bytes) -> None:
        """Apply an end tag."""
        name = _known_as(tag)
        if name in _ROWS:
            self._end_in_table(name)
        elif name == b"?form":
            self._end_form()
        elif not self._open[name]:
            return
        elif self._scopes[-1].again[name]:
            self.doubt()
            if not self.foreign:
                self._scopes[-1].again[name] -= 1
                self.formatting -= 1
        else:
            self._end(name)

    def _end_form(self) -> None:
        at = len(self.names) - 1
        while at > self._sure and self.names[at] in _IMPLIED:
            at -= 1
        if self._form and at >= 0 and self.names[at] == b"?form":
            self.cut(at)
        self._form = None

    def _end(self, name: bytes) -> None:
        at = self._find({name}, _STOPS.get(name, _SPECIAL))
        if at is not None:
            self.cut(at, name)
        elif self.top == name:
            self.cut(len(self.names) - 1, name)
        elif self._scopes[-1].open[name] or self._scopes[-1].begin < self._sure:
            self.doubt()

    def _end_in_table(self, name: bytes) -> None:
        if self.top == b"table" or not (self._open[b"table"] or self._open[b"template"]):
            return
        at = self._find({b"table"}, {b"template"})
        if name == b"tr" and at is not None and self.names[at + 1] in (b"td", b"th"):
            self.cut(at + 1)
        else:
            self.doubt()

    def _close(self, names: Set[bytes], stops: Set[bytes], ended: bytes = b"") -> bool:
        at = self._find(names, stops) if any(self._open[name] for name in names) else None
        if at is not None:
            self.cut(at, ended)
        return at is not None

    def _find(self, names: Set[bytes], stops: Set[bytes]) -> int | None:
        """Return the index of the innermost of these.

        The search is only long if the element then closes, or causes doubt.
        """
        at = len(self.names) - 1
        while at >= self._sure and self.names[at] not in names and self.names[at] not in stops:
            at -= 1
        if at >= self._sure and self.names[at] in names:
            return at
        unsure = 0 < self._sure > at or (at >= 0 and self.names[at] == b"?form")
        if unsure or len(self.names) - at > _NEAR:
            self.doubt()
        return None


def _known_as(name: bytes) -> bytes:
    return b"?heading" if name in _HEADINGS else b"?form" if name == b"form" else name
