"""Merge layers of settings, and record where each value comes from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, NamedTuple

from config.errors import ConfigError, Problem
from config.files.document import Document, Loc
from config.values.secret import read_secret

Kind = Literal["option", "environment", ".env", "file", "default"]


class Origin(NamedTuple):
    """Where a value comes from: ``environment PRESSMARK_PORT``, ``file pressmark.yaml:3``."""

    kind: Kind
    name: str = ""
    """The option, the variable, or the key."""
    file: Path | None = None
    line: int | None = None

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.file and self.line else ""
        return " ".join(part for part in (self.kind, self.name if self.kind != "file" else "", where) if part)


@dataclass(frozen=True, slots=True)
class Layer:
    """The settings of one kind of origin, as they are written there."""

    kind: Kind
    data: dict[str, Any]
    document: Document | None = None
    prefix: str = ""
    """The prefix of variables, for a layer of the environment."""
    read_from: dict[Loc, Path] = field(default_factory=dict)
    """Secrets from files that this layer names."""

    def origin(self, loc: Loc) -> Origin:
        key = _file_key(loc) if loc in self.read_from else loc
        if self.kind == "option":
            return Origin("option", "--" + ".".join(map(str, key)).replace("_", "-"))
        if self.document is not None:
            return Origin(self.kind, ".".join(map(str, key)), self.document.file, self.document.line(key))
        return Origin(self.kind, self.prefix + "__".join(map(str, key)).upper())


def flags_layer(flags: Mapping[str, Any]) -> Layer:
    """Return the layer of flags, which have dotted keys; a flag that is None is not set."""
    layer = Layer("option", {})
    for key, value in flags.items():
        if value is not None:
            _put(layer.data, tuple(key.split(".")), value)
    return layer


def merged(layers: Iterable[Layer]) -> tuple[dict[str, Any], dict[Loc, Origin]]:
    """Merge layers: the first one that has a value wins. Return the values and the origin of each."""
    data, origins = dict[str, Any](), dict[Loc, Origin]()
    for layer in layers:
        for loc, value in leaves(layer.data):
            if not any(loc[:length] in origins for length in range(1, len(loc) + 1)):
                _put(data, loc, value)
                origins[loc] = layer.origin(loc)
    return data, origins


def leaves(data: Mapping[str, Any], at: Loc = ()) -> Iterator[tuple[Loc, Any]]:
    for key, value in data.items():
        if isinstance(value, Mapping) and value:
            yield from leaves(value, (*at, key))
        else:
            yield (*at, key), value


def reveal_files(layer: Layer, secrets: Iterable[Loc]) -> None:
    """Add the secrets whose files the layer names (``token_file``). Raises ConfigError."""
    written = dict(leaves(layer.data))
    for secret in secrets:
        file = written.get(_file_key(secret))
        if file is None:
            continue
        if secret in written:
            origin = layer.origin(secret)
            told = f"both {origin.name} and {layer.origin(_file_key(secret)).name} are set"
            raise ConfigError(Problem(told, suggestion="keep one of them", file=origin.file, line=origin.line))
        _put(layer.data, secret, read_secret(".".join(map(str, secret)), Path(str(file))))
        layer.read_from[secret] = Path(str(file))


def _file_key(loc: Loc) -> Loc:
    return (*loc[:-1], f"{loc[-1]}_file")


def _put(data: dict[str, Any], loc: Loc, value: Any) -> None:
    for step in loc[:-1]:
        inner = data.setdefault(str(step), {})
        if not isinstance(inner, dict):
            return
        data = inner
    data.setdefault(str(loc[-1]), value)


def strange_variable(kind: Kind, name: str, known: list[str], prefix: str) -> str:
    """Return a sentence about a variable that begins like a setting and is none; `known` are the names of settings."""
    near = get_close_matches(name.removeprefix(prefix), [each.removeprefix(prefix) for each in known], n=1)
    hint = f"; did you mean {prefix}{near[0]}?" if near else ""
    return f"{name} in the {'environment' if kind == 'environment' else '.env file'} is not a setting{hint}"
