"""A YAML file, read: plain values, and the line on which each of them stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from config.errors import ConfigError, Problem

Loc = tuple[str | int, ...]
"""Where a value stands: keys, and indexes of lists from 0."""

_LONGEST = 32 << 20
_DEEPEST = 50
_MOST = 1_000_000
"""Octets, levels and values of a file; the values of an alias count wherever it stands."""


class Document:
    """What a YAML text says, and where. An empty text says an empty mapping."""

    def __init__(self, root: Any, file: Path | None) -> None:
        self.file = file
        self._root = CommentedMap() if root is None else root
        self.data: Any = _Plain(file).of(self._root)

    def line(self, loc: Loc) -> int | None:
        """The line of the value at `loc`, counted from 1; of the nearest around it when it is not there."""
        node, line = self._root, 1 if isinstance(self._root, CommentedMap | CommentedSeq) else None
        for step in loc:
            found = _line(node, step)
            if found is None:
                break
            node, line = node[step], found
        return line


def read_document(text: str, file: Path | None = None) -> Document:
    """Raises ConfigError where the text is not YAML."""
    try:
        return Document(YAML(typ="rt").load(text), file)
    except DuplicateKeyError as error:
        raise ConfigError(_duplicate(error, file)) from None
    except MarkedYAMLError as error:
        raise ConfigError(_syntax(error, file)) from None
    except (YAMLError, ValueError) as error:
        raise ConfigError(Problem(f"this is not YAML: {_first_line(str(error))}", file=file)) from None
    except RecursionError:
        raise ConfigError(_too_deep(file)) from None


def read_file(file: Path) -> str:
    """Raises ConfigError for a file that can't be read, is too long, or is not UTF-8."""
    try:
        with file.open("rb") as reading:
            octets = reading.read(_LONGEST + 1)
        if len(octets) > _LONGEST:
            raise ConfigError(Problem(f"the file is longer than {_LONGEST >> 20} MiB", file=file))
        return octets.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except OSError as error:
        raise ConfigError(Problem(f"the file can't be read: {error.strerror}", file=file)) from None
    except UnicodeDecodeError as error:
        hint = "save it as UTF-8"
        raise ConfigError(Problem(f"byte {error.start} is not valid UTF-8", suggestion=hint, file=file)) from None


def _syntax(error: MarkedYAMLError, file: Path | None) -> Problem:
    mark = error.problem_mark or error.context_mark
    told = _first_line(error.problem or str(error))
    hint = None
    if "\\t" in told:
        hint = "indent with spaces, not with a tab"
    elif "mapping values are not allowed" in told:
        hint = "put quotes around a value that has ': ' in it, and check the indentation"
    return Problem(
        f"this is not YAML: {told}", suggestion=hint, file=file, line=mark.line + 1 if mark is not None else None
    )


def _duplicate(error: DuplicateKeyError, file: Path | None) -> Problem:
    told = _first_line(error.problem or str(error))
    key = told.split('"')[1] if told.count('"') > 1 else ""
    line = error.problem_mark.line + 1 if error.problem_mark is not None else None
    return Problem(f"duplicate key {key!r}", key=key, suggestion="remove one of them", file=file, line=line)


def _first_line(text: str) -> str:
    return text.strip().split("\n", 1)[0]


def _line(node: Any, step: str | int) -> int | None:
    in_mapping = isinstance(node, CommentedMap) and step in node
    in_list = isinstance(node, CommentedSeq) and isinstance(step, int) and step < len(node)
    position = node.lc.data.get(step) if (in_mapping or in_list) and node.lc.data else None
    return int(position[0]) + 1 if position else None


def _too_deep(file: Path | None) -> Problem:
    return Problem(f"lists and mappings are nested more than {_DEEPEST} levels deep", file=file)


class _Plain:
    """Values without ruamel's own types, which some validators don't know. Raises ConfigError for too many of them."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._count = 0

    def of(self, node: Any, depth: int = 0) -> Any:
        self._count += 1
        if self._count > _MOST:
            hint = "does an alias (*name) contain another alias?"
            raise ConfigError(Problem(f"the document has more than {_MOST} values", suggestion=hint, file=self._file))
        if depth > _DEEPEST:
            raise ConfigError(_too_deep(self._file))
        if isinstance(node, Mapping):
            return {_key(key): self.of(value, depth + 1) for key, value in node.items()}
        if isinstance(node, Sequence) and not isinstance(node, str | bytes):
            return [self.of(value, depth + 1) for value in node]
        return _scalar(node)


def _scalar(node: Any) -> Any:
    for kind in (bool, int, float, str):
        if isinstance(node, kind):
            return kind(node)
    if isinstance(node, datetime):
        return datetime.combine(node.date(), node.time(), node.tzinfo)
    return date(node.year, node.month, node.day) if isinstance(node, date) else node


def _key(key: Any) -> Any:
    return str(key) if isinstance(key, str) else key
