"""Write sources to files, atomically, and keep comments."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import CommentMark
from ruamel.yaml.scalarstring import DoubleQuotedScalarString
from ruamel.yaml.tokens import CommentToken
from ruamel.yaml.util import load_yaml_guess_indent

from config.errors import ConfigError, Problem
from config.files.atomic_write import sync_directory, write_text
from config.files.document import Loc, read_file
from config.source import Source
from config.source_files.editing import former_of
from config.source_files.list_comments import edit_list, may_edit
from config.source_files.parse import parse_sources

_WIDTH = 110
_PLAIN = re.compile(r"[A-Za-z0-9/][A-Za-z0-9/._:+=~-]*(?<!:)")


def write_source(file: Path, source: Source, remarks: Mapping[str, str] | None = None) -> None:
    """Make a file describe a source: a new file with `remarks`, or the changed keys of one that describes it already.

    Everything else in the file stays, comments too. Raises ConfigError if the file is invalid.
    """
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        write_text(file, new_source_text(source, remarks))
        return
    text = read_file(file)
    before = {known.name: known for known in parse_sources(text, file)}
    if source.name not in before:
        raise ConfigError(Problem(f"the file defines no source {source.name!r}", file=file))
    write_text(file, edited(text, before[source.name], source))


def remove_source(file: Path, name: str) -> None:
    """Remove a source from its file, and the file if it was the only one; its former text, too. Raises ConfigError."""
    write_without(file, without_source(read_file(file), name, file))


def write_without(file: Path, text: str | None) -> None:
    """Write what `without_source` left of a file, or delete it if nothing is left; its former text goes, too."""
    if text is None:
        file.unlink(missing_ok=True)  # what other machines removed is deleted by another thread
        sync_directory(file.parent)
    else:
        write_text(file, text)
    former_of(file).unlink(missing_ok=True)


def without_source(text: str, name: str, file: Path) -> str | None:
    """Return the text of a file without one of its sources; None if that was the only one. Raises ConfigError."""
    names = [source.name for source in parse_sources(text, file)]
    if name not in names:
        raise ConfigError(Problem(f"the file defines no source {name!r}", file=file))
    if len(names) == 1:
        return None
    root, yaml = _round_trip(text)
    del root["sources"][names.index(name)]
    return _dumped(root, yaml)


def new_source_text(source: Source, remarks: Mapping[str, str] | None = None) -> str:
    """Return the YAML of a source, with remarks as comments above their keys; the remark of ``""`` heads the file."""
    told = remarks or {}
    root = CommentedMap()
    for key, value in _plain(source).items():
        root[key] = _in_one_line(value)
        if told.get(key):
            root.yaml_set_comment_before_after_key(key, before=_comment(told[key]))
    heading = "".join(f"# {line}\n" for line in _comment(told.get("", "")).splitlines())
    return heading + _dumped(root, _yaml())


def copied(text: str, source: Source, name: str) -> str:
    """Return the text of a new file for a copy of a source under another name. `text` is that of the source's file.

    Comments stay, unless that file describes several sources. Raises ConfigError if the file is invalid.
    """
    root, yaml = _round_trip(text)
    if "sources" in root:
        return new_source_text(source.model_copy(update={"name": name}))
    root["source" if "source" in root else "name"] = name
    return _dumped(root, yaml)


def edited(text: str, before: Source, after: Source) -> str:
    """Change the text of a file that describes `before`, so that it describes `after`. Raises ConfigError."""
    root, yaml = _round_trip(text)
    described = root
    if "sources" in root:
        described = next(item for item in root["sources"] if item.get("source", item.get("name")) == before.name)
    for loc, old, value in _changes(_whole(before), _whole(after), _plain(after)):
        _set(described, loc, old, value)
    new = _dumped(root, yaml)
    others = [source for source in parse_sources(text) if source.name != before.name]
    found = parse_sources(new)
    if len(found) != len(others) + 1 or any(one not in found for one in (after, *others)):  # anchors join sources
        raise ConfigError(Problem("this file can't be edited automatically", suggestion="edit it in a text editor"))
    return new


def _changes(
    before: Mapping[str, Any], after: Mapping[str, Any], short: Mapping[str, Any], at: Loc = ()
) -> Iterator[tuple[Loc, Any, Any]]:
    """Yield the places, former values and values to set that turn `before` into `after`.

    `short` is `after` without its defaults.
    """
    for key, new in after.items():
        old = before[key]
        if isinstance(old, Mapping) and isinstance(new, Mapping) and old.keys() == new.keys():
            yield from _changes(old, new, short.get(key, {}), (*at, key))
        elif old != new:
            yield (*at, key), old, short.get(key, {}) if isinstance(new, Mapping) else new


def _set(node: Any, loc: Loc, old: Any, value: Any) -> None:
    for step in loc[:-1]:
        if node.get(step) is None:
            node[step] = CommentedMap()
        node = node[step]
    key = loc[-1]
    if isinstance(value, list) and value and may_edit(node.get(key), old or ()):
        edit_list(node[key], old, [_in_one_line(item) for item in value])
        return
    comment = _comment_after(node.get(key)) or _token(node, key)
    before = _key_before(node, key)
    if value in (None, [], {}) and (before is not None or comment is None):
        node.pop(key, None)
        if before is not None:
            _hang(node, before, _lines_after(comment))
        return
    node[key] = _in_one_line(value)
    if comment is not None:
        node.ca.items[key] = [None, None, comment, None]


def _key_before(node: CommentedMap, key: Any) -> Any:
    keys = list(node)
    return keys[keys.index(key) - 1] if key in node and keys[0] != key else None


def _hang(node: CommentedMap, key: Any, lines: str) -> None:
    """Add comment lines after the value of a key."""
    if not lines:
        return
    last = _comment_after(node[key]) or _token(node, key)
    if last is not None:
        last.value += lines
    else:
        node.ca.items[key] = [None, None, CommentToken("\n" + lines, CommentMark(0), None), None]


def _lines_after(comment: Any) -> str:
    """Return the lines of a comment below the line of the value that it follows."""
    return "" if comment is None else str(comment.value.partition("\n")[2])


def _token(node: CommentedMap, key: Any) -> Any:
    tokens = node.ca.items.get(key)
    return tokens[2] if tokens else None


def _comment_after(node: Any) -> Any:
    """Return the comment that ruamel attaches to the end of a value of several lines: it is about what follows."""
    if not isinstance(node, CommentedMap | CommentedSeq) or not node or node.fa.flow_style():
        return None
    last, place = (next(reversed(node)), 2) if isinstance(node, CommentedMap) else (len(node) - 1, 0)
    tokens = node.ca.items.get(last)
    return tokens[place] if tokens and tokens[place] is not None else _comment_after(node[last])


def _whole(source: Source) -> dict[str, Any]:
    """Return all keys, those with their default too."""
    told: dict[str, Any] = source.model_dump(mode="json", by_alias=True)
    return told


def _plain(source: Source) -> dict[str, Any]:
    told: dict[str, Any] = source.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return told


def _in_one_line(value: Any) -> Any:
    """Write short values as ``{depth: 3}`` and ``[/news/]``; a long list has one line per item."""
    node: CommentedMap | CommentedSeq
    if isinstance(value, str):
        # Quoted if in doubt: ruamel writes some plain words, such as ?0, that it can't read inside braces.
        return value if _PLAIN.fullmatch(value) else DoubleQuotedScalarString(value)
    if isinstance(value, Mapping):
        node = CommentedMap((_in_one_line(key), _in_one_line(inner)) for key, inner in value.items())
    elif isinstance(value, list):
        node = CommentedSeq(_in_one_line(inner) for inner in value)
    else:
        return value
    if len(str(value)) < _WIDTH - 20:
        node.fa.set_flow_style()
    return node


def _comment(remark: str) -> str:
    """Return a remark as comment lines, without characters that end a comment or are invisible."""
    lines = (" ".join(line.split()) for line in remark.split("\n"))
    visible = ("".join(letter for letter in line if letter.isprintable()) for line in lines)
    return "\n".join(part for line in visible for part in _wrapped(line))


def _wrapped(line: str) -> list[str]:
    """Wrap a line. A URL stays whole, so that it can be copied."""
    return textwrap.wrap(line, _WIDTH, break_long_words=False, break_on_hyphens=False)


def _yaml(sequence: int = 2, offset: int = 0) -> YAML:
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = _WIDTH
    yaml.allow_unicode = True
    yaml.indent(mapping=2, sequence=sequence, offset=offset)
    return yaml


def _round_trip(text: str) -> tuple[Any, YAML]:
    """Return the tree of a valid text, and a writer that indents as its author does."""
    root, sequence, offset = load_yaml_guess_indent(text, yaml=_yaml())
    return root, _yaml(sequence or 2, offset or 0)


def _dumped(root: Any, yaml: YAML) -> str:
    writing = StringIO()
    yaml.dump(root, writing)
    return writing.getvalue()
