"""Users' regular expressions: size is limited when they are compiled, time when they are matched."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from functools import cached_property
from typing import Any

LONGEST = 1000
"""Maximum characters of a pattern."""
_PATIENCE = 0.1
"""Maximum seconds of CPU time of one match."""
_MOST_ITEMS = 10_000
"""Maximum items of a pattern with its repeats expanded: compiling takes about 8 microseconds per item."""
_MATCHING = 30.0
"""Maximum seconds of CPU time of all matches of one request: some ten million rows with a filter that is not slow."""
_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{(\d*)(?:,(\d*))?\}|[()]|.", re.DOTALL)
_PROBE_LENGTH = 200
_PROBED = "a0/-"


class SlowPattern(ValueError):
    """A regular expression takes too long to match."""


class PatternBudget:
    """What all patterns of one request may cost together. Not for several threads at once."""

    def __init__(self, *, items: int = _MOST_ITEMS, seconds: float = _MATCHING) -> None:
        """`seconds` are CPU time of the thread."""
        self._items, self._seconds = items, seconds

    def compile(self, text: str, items: int) -> None:
        """Take the items of an expression. Raises ValueError when too many are taken."""
        self._items -= items
        if self._items < 0:
            raise ValueError(f"the regular expression {text[:80]!r} and those before it are too large together")

    def spend(self, seconds: float) -> None:
        """Take the CPU time of a match. Raises SlowPattern when all of it is taken."""
        self._seconds -= seconds
        if self._seconds < 0:
            raise SlowPattern("the regular expressions of this request take too long; select fewer rows")


class Pattern:
    """A regular expression in the syntax of Python and of the package `regex`."""

    def __init__(self, text: str, budget: PatternBudget | None = None) -> None:
        """Compile an expression. Raises ValueError if it is invalid or too large, also for what is left of a budget."""
        self.text = text
        self._budget = budget
        if len(text) > LONGEST:
            raise ValueError(f"a pattern of {len(text)} characters is too long; the limit is {LONGEST}")
        if (items := _items(text)) > _MOST_ITEMS:
            why = f"its repeats expand to {items} items; the limit is {_MOST_ITEMS}"
            raise ValueError(f"the regular expression {text[:80]!r} is too large: {why}")
        if budget is not None:
            budget.compile(text, items)
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

    def _matches(self, ask: Any, text: str) -> bool:
        begun = time.thread_time() if self._budget else 0.0
        try:
            found = ask(text, timeout=_PATIENCE) is not None
        except TimeoutError:
            why = "the regular expression takes too long; rewrite it so that it can't backtrack"
            raise SlowPattern(why) from None
        if self._budget:
            self._budget.spend(time.thread_time() - begun)
        return found


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
