"""What the audit trail keeps of a source: its keys, without values that may be secret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from config.files.document import Loc
from config.source import Source
from pressmark.service.redaction import HIDDEN, redaction

_HIDING = ("headers", "cookies", "fields", "proxy", "arguments")
"""Keys whose values people sometimes write as they are, instead of ``{secret: NAME}``."""


def source_facts(source: Source) -> dict[str, Any]:
    """Return the keys that differ from the defaults, as JSON types."""
    dumped = source.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return {key: _shown(value, key) for key, value in dumped.items()}


def may_be_secret(source: Source) -> Iterator[Loc]:
    """Yield the places of values that may be secret and are written as they are, not as ``{secret: NAME}``."""
    yield from _hidden(source_facts(source), ())


def _hidden(value: Any, at: Loc) -> Iterator[Loc]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _hidden(inner, (*at, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _hidden(inner, (*at, index))
    elif isinstance(value, str) and HIDDEN in value:
        yield at


def _shown(value: Any, key: str, *, hiding: bool = False) -> Any:
    hiding = hiding or key in _HIDING
    if isinstance(value, Mapping):
        if set(value) == {"secret"}:
            return dict(value)
        return {str(name): _shown(inner, str(name), hiding=hiding) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(inner, "", hiding=hiding) for inner in value]
    if hiding and isinstance(value, str):
        return HIDDEN
    return redaction.value(value, key if isinstance(value, str) else "")
