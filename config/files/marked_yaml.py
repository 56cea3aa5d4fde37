"""Read YAML 1.2 with ruamel.yaml, which knows the line of every value. `config.files.plain_yaml` is faster."""

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
from config.files.plain_yaml import DEEPEST, MOST


def load_marked(text: str, file: Path | None) -> Any:
    """Return the root of a YAML text in ruamel's types; an empty mapping for an empty text.

    Raises ConfigError if the text is not YAML.
    """
    try:
        root = YAML(typ="rt").load(text)
    except DuplicateKeyError as error:
        raise ConfigError(_duplicate(error, file)) from None
    except MarkedYAMLError as error:
        raise ConfigError(_syntax(error, file)) from None
    except NotImplementedError:
        hint = "move the comment above the key"
        raise ConfigError(
            Problem("a comment between a key and its value can't be read", suggestion=hint, file=file)
        ) from None
    except (YAMLError, ValueError) as error:
        raise ConfigError(Problem(f"this is not YAML: {_first_line(str(error))}", file=file)) from None
    except RecursionError:
        raise ConfigError(_too_deep(file)) from None
    return CommentedMap() if root is None else root


def line_of(root: Any, loc: Sequence[str | int]) -> int | None:
    """Return the line of the value at `loc`, from 1; if it is missing, that of the nearest value around it."""
    node, line = root, 1 if isinstance(root, CommentedMap | CommentedSeq) else None
    for step in loc:
        found = _line(node, step)
        if found is None:
            break
        node, line = node[step], found
    return line


def most_values(text: str) -> int:
    """Return how many values a text may have: only aliases make more of them than it has characters."""
    return min(MOST, 1000 + 10 * len(text))


def unmarked(root: Any, file: Path | None, *, most: int = MOST) -> Any:
    """Convert ruamel's own types to plain values, since some validators don't know them.

    Raises ConfigError for more than `most` values or `DEEPEST` levels.
    """
    return _Plain(file, most).of(root)


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
    return Problem(f"lists and mappings are nested more than {DEEPEST} levels deep", file=file)


class _Plain:
    def __init__(self, file: Path | None, most: int) -> None:
        self._file, self._most = file, most
        self._count = 0

    def of(self, node: Any, depth: int = 0) -> Any:
        self._count += 1
        if self._count > self._most:
            hint = "does an alias (*name) contain another alias?"
            raise ConfigError(
                Problem(f"the document has more than {self._most} values", suggestion=hint, file=self._file)
            )
        if depth > DEEPEST:
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
