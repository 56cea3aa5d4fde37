"""Read a YAML file into plain values and their line numbers."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from config.errors import ConfigError, Problem

Loc = tuple[str | int, ...]
"""The place of a value: keys, and list indexes from 0."""

_LONGEST = 32 << 20
"""Maximum bytes of a file."""
_FIRST = 1 << 16
"""Bytes that are read first, then as many as there are so far. Python gets memory for all that it may read, and the
longest took a fifth of the CPU that a source file takes."""


class Document:
    """The value of a YAML text. `lines` returns the line of a value; it is only called when a line is needed."""

    def __init__(self, data: Any, file: Path | None, lines: Callable[[Loc], int | None] = lambda _: None) -> None:
        self.file = file
        self.data = data
        self._lines = lines

    def line(self, loc: Loc) -> int | None:
        """Return the line of the value at `loc`, from 1; if it is missing, that of the nearest value around it."""
        return self._lines(loc)


def read_document(text: str, file: Path | None = None) -> Document:
    """Read a YAML text; an empty one is an empty mapping. Raises ConfigError if the text is not YAML."""
    from config.files.plain_yaml import UnusualYaml, read_plain  # PyYAML: most commands read no YAML

    try:
        data = read_plain(text)
    except UnusualYaml:
        return _read_marked(text, file)
    return Document({} if data is None else data, file, _Lines(text, file))


def _read_marked(text: str, file: Path | None) -> Document:
    from config.files.marked_yaml import (  # slow to import, and rarely needed
        line_of,
        load_marked,
        most_values,
        unmarked,
    )

    root = load_marked(text, file)
    return Document(unmarked(root, file, most=most_values(text)), file, partial(line_of, root))


class _Lines:
    """Parses a text a second time, with line numbers, when the first of them is needed."""

    def __init__(self, text: str, file: Path | None) -> None:
        self._text, self._file = text, file
        self._marked: Document | None = None

    def __call__(self, loc: Loc) -> int | None:
        self._marked = self._marked or _read_marked(self._text, self._file)
        return self._marked.line(loc)


def read_file(file: Path) -> str:
    """Read a file. Raises ConfigError if it can't be read, is too long, or is not UTF-8."""
    try:
        content = _content(file)
        if len(content) > _LONGEST:
            raise ConfigError(Problem(f"the file is longer than {_LONGEST >> 20} MiB", file=file))
        return as_read(content.decode())
    except OSError as error:
        raise ConfigError(Problem(f"the file can't be read: {error.strerror}", file=file)) from None
    except UnicodeDecodeError as error:
        hint = "save it as UTF-8"
        raise ConfigError(Problem(f"byte {error.start} is not valid UTF-8", suggestion=hint, file=file)) from None


def _content(file: Path) -> bytes:
    """Return the bytes of a file, at most one more than the longest may have: a file object takes twice the CPU."""
    descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    try:
        content = piece = os.read(descriptor, _FIRST)
        while piece and len(content) <= _LONGEST:
            piece = os.read(descriptor, min(len(content), _LONGEST + 1 - len(content)))
            content += piece
        return content
    finally:
        os.close(descriptor)


def as_read(text: str) -> str:
    """Return a text as `read_file` returns it from a file: without a byte order mark, and with plain line ends."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def read_if_there(file: Path) -> str | None:
    """Read a file; None if there is none. Raises ConfigError as `read_file` does."""
    return read_file(file) if file.exists() else None
