"""Users' regular expressions: size is limited when they are compiled, time when they are matched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

LONGEST = 1000
"""Maximum characters of a pattern."""
_PATIENCE = 0.1
"""Maximum seconds of CPU time of one match."""
_MOST_ITEMS = 10_000
"""Maximum items of a pattern with its repeats expanded: compiling takes about 8 microseconds per item."""
_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{(\d*)(?:,(\d*))?\}|[()]|.", re.DOTALL)
_PROBE_LENGTH = 200
_PROBED = "a0/-"


class SlowPattern(ValueError):
    """A regular expression takes too long to match."""


class Pattern:
    """A regular expression in the syntax of Python and of the package `regex`."""

    def __init__(self, text: str) -> None:
        """Compile an expression. Raises ValueError if it is invalid or too large."""
        self.text = text
        if len(text) > LONGEST:
            raise ValueError(f"a pattern of {len(text)} characters is too long; the limit is {LONGEST}")
        if (items := _items(text)) > _MOST_ITEMS:
            why = f"its repeats expand to {items} items; the limit is {_MOST_ITEMS}"
            raise ValueError(f"the regular expression {text[:80]!r} is too large: {why}")
        self._compiled  # noqa: B018 - raises

    def search(self, text: str) -> bool:
        """Return whether the pattern matches anywhere in the text. Raises SlowPattern."""
        return self._matches(self._compiled.search, text)

    def match(self, text: str) -> bool:
        """Return whether the pattern matches at the beginning of the text. Raises SlowPattern."""
        return self._matches(self._compiled.match, text)

    def fullmatch(self, text: str) -> bool:
        """Return whether the pattern matches the whole text. Raises SlowPattern."""
        return self._matches(self._compiled.fullmatch, text)

    def slow_on(self) -> str | None:
        """Return a text for which `search` takes too long, out of some that expose backtracking patterns; or None."""
        for probe in self._probes():
            try:
                self.search(probe)
            except SlowPattern:
                return probe
        return None

    def _probes(self) -> Iterator[str]:
        letters = dict.fromkeys([*_PROBED, *(letter for letter in self.text if letter.isalnum())][:32])
        for begin in ("", "https://example.org/", "http://example.org/"):
            for letter in letters:
                yield f"{begin}{letter * _PROBE_LENGTH}!"

    @cached_property
    def _compiled(self) -> Any:
        import regex

        try:
            return regex.compile(self.text)
        except (regex.error, RecursionError, OverflowError) as error:
            raise ValueError(f"{self.text[:80]!r} is not a regular expression: {error}") from None

    @staticmethod
    def _matches(ask: Any, text: str) -> bool:
        try:
            return ask(text, timeout=_PATIENCE) is not None
        except TimeoutError:
            why = "the regular expression takes too long; rewrite it so that it can't backtrack"
            raise SlowPattern(why) from None


def _items(text: str) -> int:
    """Count the items of a pattern with its repeats expanded. A group counts as its content."""
    stack: list[list[int]] = [[]]
    for token in _TOKEN.finditer(text):
        here = stack[-1]
        if token[0] == "(":
            stack.append([])
        elif token[0] == ")" and len(stack) > 1:
            stack.pop()
            stack[-1].append(sum(here) + 1)
        elif (token[1] or token[2]) and here:
            here[-1] *= max(int(token[1] or 1), int(token[2] or 1), 1)
        else:
            here.append(1)
    return sum(map(sum, stack))
