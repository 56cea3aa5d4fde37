"""Errors of a configuration: all mistakes of a file at once, each with its place and the way out.

ConfigError             one or more problems, reported together
├── NotPermitted        a source asks for a secret, network, port or proxy that the operator does not permit
├── SecretNotFound      a `{secret: NAME}` that neither the environment nor a file provides
└── SourcesUnreadable   the directory of sources can't be listed
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

_LONGEST_VALUE = 80


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake, its place, and what to write instead."""

    message: str
    """A sentence without its full stop: ``unknown key 'dealy'``."""
    key: str = ""
    """Dotted: ``politeness.delay``, ``seeds.0``; empty if it concerns the whole file."""
    value: str | None = None
    """The written value, shortened; None if it is missing or must not be shown."""
    suggestion: str | None = None
    """What to do: ``did you mean 'delay'?``"""
    file: Path | None = None
    line: int | None = None
    """Counted from 1."""

    def __str__(self) -> str:
        line = "" if self.line is None else f":{self.line}" if self.file else f"line {self.line}"
        place = f"{self.file or ''}{line}"
        key = self.key if self.key and not self.message.startswith(self.key) else ""
        text = ": ".join(part for part in (place, key, self.message) if part)
        if self.value is not None and self.value not in self.message:
            text += f" (found {self.value})"
        return f"{text}; {self.suggestion}" if self.suggestion else text


class ConfigError(Exception):
    """The problems of a configuration, one per line."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems: Sequence[Problem] = problems

    @property
    def file(self) -> Path | None:
        """The file of the first problem; all problems of an error are in one file, or in none."""
        return self.problems[0].file if self.problems else None


class NotPermitted(ConfigError):
    """A source asks for something that the operator does not permit."""


class SecretNotFound(ConfigError):
    def __init__(self, name: str, why: str) -> None:
        super().__init__(Problem(f"the secret {name} is not available: {why}"))
        self.name = name


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """Return ``did you mean 'delay'?``, or None if no known word is similar."""
    near = difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else None


def one_of(known: Iterable[str]) -> str:
    """Return ``it is one of: feed, listing, page``."""
    return f"use one of: {', '.join(known)}"


def shown(value: object) -> str:
    """Return a value for a message: on one line, shortened."""
    text = repr(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"


class SourcesUnreadable(ConfigError):
    """The directory of sources can't be listed. What was read before still counts."""

    def __init__(self, directory: Path, error: OSError) -> None:
        super().__init__(Problem(f"the directory of sources {directory} can't be read: {error.strerror}"))
        self.directory = directory
        self.error = error
