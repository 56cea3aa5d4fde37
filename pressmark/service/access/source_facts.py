"""What the audit trail keeps of a source: its keys, without values that may be secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from config.source import Source
from pressmark.service.redaction import HIDDEN, redaction

_HIDING = ("headers", "cookies", "fields", "proxy", "arguments")
"""Keys whose values people sometimes write as they are, instead of ``{secret: NAME}``."""


def source_facts(source: Source) -> dict[str, Any]:
    """Return the keys that differ from the defaults, as JSON types."""
    dumped = source.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return {key: _shown(value, key) for key, value in dumped.items()}


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
    return redaction.value(value)
