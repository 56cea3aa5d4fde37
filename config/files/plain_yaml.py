"""Read the usual YAML of source files with libyaml, some twenty times faster than ruamel.yaml.

This module reads only what both libraries read alike: mappings with words as keys, lists, words, quoted words, whole
numbers, booleans and nulls, each on one line. It raises `UnusualYaml` for anything else: aliases, tags, block scalars,
octal numbers, times, duplicate keys, and texts with mistakes. The caller then uses ruamel.yaml, which follows YAML 1.2.
"""

from __future__ import annotations

import re
from typing import Any, Final

from yaml import MappingStartEvent, ScalarEvent, SequenceEndEvent, YAMLError
from yaml.events import DocumentStartEvent, Event, MappingEndEvent, StreamEndEvent

try:
    from yaml.cyaml import CParser
except ImportError:  # PyYAML was built without libyaml
    CParser = None

DEEPEST = 50
MOST = 1_000_000
"""Maximum levels and values of a file; the values of an alias count at each use."""

_ODD = re.compile(
    r"[^\n -~\u00a1-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|^(?:%|\.\.\.)", re.M
)
"""Tabs, control characters, rare line ends, and directives: parsers treat these differently."""
_WORDS: Final = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_PERHAPS_A_NUMBER = re.compile(
    r"[-+]?(?:\.?(?:inf|nan)|0[box][0-9a-f_]*|[0-9_.]*(?:e[-+]?[0-9]*)?)|[0-9]{4}-.*|<<|=", re.I
)
"""A superset of what YAML reads as a number, a time or a merge: other words are text."""
_OF_TEXT = frozenset("abcdfghjklmopqrstuvwxyzABCDFGHJKLMOPQRSTUVWXYZ/")
"""What no number, time or merge begins with. Most words do, and these two patterns took a twentieth of a file's CPU."""


class UnusualYaml(Exception):
    """The text contains something that only ruamel.yaml reads."""


def read_plain(text: str) -> Any:
    """Return the value of a YAML text; None for an empty one.

    Raises UnusualYaml for a text with a mistake, with anything that YAML parsers may read differently, with more than
    `DEEPEST` levels, or with more than `MOST` values.
    """
    if CParser is None or _ODD.search(text):
        raise UnusualYaml
    try:
        return _ValueBuilder(text).document()
    except (YAMLError, UnicodeError):
        raise UnusualYaml from None


class _ValueBuilder:
    """Builds values from the parser's events."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._next = CParser(text).get_event
        self._count = 0

    def document(self) -> Any:
        self._next()  # the start of the stream
        start = self._next()
        if isinstance(start, StreamEndEvent):
            return None
        if not isinstance(start, DocumentStartEvent) or start.version or start.tags:
            raise UnusualYaml
        value = self._value(self._next(), 0)
        self._next()  # the end of the document
        if not isinstance(self._next(), StreamEndEvent):
            raise UnusualYaml
        return value

    def _value(self, event: Event, depth: int) -> Any:
        self._count += 1
        if self._count > MOST or depth > DEEPEST or event.anchor is not None or event.tag is not None:
            raise UnusualYaml
        if type(event) is ScalarEvent:
            return _scalar(event)
        if type(event) is not MappingStartEvent:
            return self._list(depth + 1)
        if event.flow_style and self._text[event.start_mark.index] != "{":
            raise UnusualYaml  # a pair in a list, as in [a: b]
        return self._mapping(depth + 1)

    def _mapping(self, depth: int) -> dict[str, Any]:
        found = dict[str, Any]()
        while type(event := self._next()) is not MappingEndEvent:
            if type(event) is not ScalarEvent or event.anchor is not None or event.tag is not None:
                raise UnusualYaml
            key = _scalar(event)
            if type(key) is not str or key in found:
                raise UnusualYaml
            value = self._next()
            if type(value) is ScalarEvent and value.start_mark.line != event.start_mark.line:
                raise UnusualYaml
            found[key] = self._value(value, depth)
        return found

    def _list(self, depth: int) -> list[Any]:
        found = list[Any]()
        while type(event := self._next()) is not SequenceEndEvent:
            found.append(self._value(event, depth))
        return found


def _scalar(event: ScalarEvent) -> Any:
    if event.start_mark.line != event.end_mark.line or event.style in ("|", ">"):
        raise UnusualYaml
    text: str = event.value
    return text if event.style else _word(text)


def _word(text: str) -> Any:
    """Return the value of a word without quotes."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in _OF_TEXT:
        return text
    if _WHOLE.fullmatch(text):
        return int(text)
    if _PERHAPS_A_NUMBER.fullmatch(text):
        raise UnusualYaml
    return text
