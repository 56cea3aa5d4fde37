"""What is wrong with a configuration: every mistake of a file at once, each with its place and a way out.

ConfigError             one or more problems, reported together
└── SecretNotFound      a `{secret: NAME}` that neither the environment nor a file answers
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

_LONGEST_VALUE = 80


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake, where it stands, and what to write instead."""

    message: str
    """A sentence without its full stop: ``unknown key 'dealy'``."""
    key: str = ""
    """Dotted: ``politeness.delay``, ``seeds.0``; empty when it is about the whole file."""
    value: str | None = None
    """What was written there, shortened; None for what is missing or must not be shown."""
    suggestion: str | None = None
    """What to do: ``did you mean 'delay'?``"""
    file: Path | None = None
    line: int | None = None
    """Counted from 1."""

    def __str__(self) -> str:
        line = "" if self.line is None else f":{self.line}" if self.file else f"line {self.line}"
        place = f"{self.file or ''}{line}"
        key = self.key if self.key and not self.message.startswith(self.key) else ""
        told = ": ".join(part for part in (place, key, self.message) if part)
        if self.value is not None and self.value not in self.message:
            told += f" (found {self.value})"
        return f"{told}; {self.suggestion}" if self.suggestion else told


class ConfigError(Exception):
    """Problems of a configuration, one a line."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems: Sequence[Problem] = problems

    @property
    def file(self) -> Path | None:
        """Of the first problem; the problems of one error are of one file or of none."""
        return self.problems[0].file if self.problems else None


class SecretNotFound(ConfigError):
    def __init__(self, name: str, why: str) -> None:
        super().__init__(Problem(f"the secret {name} is not available: {why}"))
        self.name = name


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """``did you mean 'delay'?`` or None when nothing known is near."""
    near = difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else None


def one_of(known: Iterable[str]) -> str:
    """``it is one of: feed, listing, page``."""
    return f"use one of: {', '.join(known)}"


def shown(value: object) -> str:
    """A value as a message may show it: on one line, shortened."""
    text = repr(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
