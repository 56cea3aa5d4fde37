"""What the audit trail keeps of a source: its keys, without values that may be secret."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from config.files.document import Loc
from config.groups.permissions import secrets_of
from config.source import Source
from pressmark.service.redaction import HIDDEN, redaction, without_parameters

_HIDING = ("headers", "cookies", "fields", "proxy", "arguments")
"""Keys whose values people sometimes write as they are, instead of ``{secret: NAME}``."""
_OF_SCRAPY = re.compile(r"pass|pwd|secret|token|key|auth|cookie|credential|header", re.IGNORECASE)
"""Names of settings of Scrapy whose values may be secret. Scrapy knows no references."""
_ORDERED = re.compile(r"_(MIDDLEWARES|PIPELINES)(_BASE)?$|^EXTENSIONS(_BASE)?$")
"""Settings of Scrapy that give names of classes a number."""
_COUNT = 3
"""Longer numbers may be secret: shorter ones count something."""


def source_facts(source: Source) -> dict[str, Any]:
    """Return the keys that differ from the defaults, as JSON types."""
    dumped = source.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    references = {loc for loc, _ in secrets_of(source)}
    return {key: _shown(value, (key,), references) for key, value in dumped.items()}


def may_be_secret(source: Source) -> Iterator[Loc]:
    """Yield the places of values that may be secret and are written as they are, not as ``{secret: NAME}``."""
    yield from _hidden(source_facts(source), ())


def takes_reference(at: Loc) -> bool:
    """Return whether ``{secret: NAME}`` can stand in a place. In a URL it can't."""
    return at[0] == "scrapy" or any(step in _HIDING for step in at)


def _hidden(value: Any, at: Loc) -> Iterator[Loc]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if HIDDEN in str(key):
                yield (*at, key)
            yield from _hidden(inner, (*at, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _hidden(inner, (*at, index))
    elif isinstance(value, str) and HIDDEN in value:
        yield at


def _shown(value: Any, at: Loc, references: set[Loc], *, hiding: bool = False) -> Any:
    """Return a value without what may be secret. Only a value that the schema reads as a reference is one."""
    if at in references:
        return value
    hiding = hiding or at[-1] in _HIDING or _is_guarded(at)
    if isinstance(value, Mapping):
        return {
            in_text(str(name)): _shown(inner, (*at, str(name)), references, hiding=hiding)
            for name, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [_shown(inner, (*at, index), references, hiding=hiding) for index, inner in enumerate(value)]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return HIDDEN if hiding and (_is_guarded(at) or len(str(value)) > _COUNT) and not _is_order(at) else value
    return HIDDEN if hiding else in_text(redaction.value(value, str(at[-1])))


def in_text(value: str) -> str:
    """Return a text without what looks like a secret, also in its URLs. Pages of sources show start URLs so."""
    return without_parameters(redaction.text(value))


def in_facts(kind: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of an event without what looks like a secret in what is said of a run or a source, such as its
    reason. The address of a single page, which a person gave, and what was captured stay as they are.
    """
    if not kind.startswith(("run.", "source.")):
        return dict(facts)
    return {key: value if key == "url" else in_value(value) for key, value in facts.items()}


def in_value(value: Any) -> Any:
    """Return what JSON has without what looks like a secret in its texts."""
    if isinstance(value, Mapping):
        return {key: in_value(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [in_value(inner) for inner in value]
    return in_text(value) if isinstance(value, str) else value


def _is_guarded(at: Loc) -> bool:
    return at[0] == "scrapy" and any(_OF_SCRAPY.search(str(step)) for step in at[1:])


def _is_order(at: Loc) -> bool:
    return at[0] == "scrapy" and len(at) == 3 and _ORDERED.search(str(at[1])) is not None
