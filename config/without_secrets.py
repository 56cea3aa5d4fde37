"""The settings of a file without its secrets, for a copy that may be read by others."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from config.errors import ConfigError
from config.files.document import Loc, read_document
from config.groups.replicas import secrets_of_replicas
from config.groups.webhooks import secrets_in
from config.settings import SECRETS


def without_secrets(text: str) -> tuple[str, list[str]] | None:
    """Return the text of a settings file without secrets, and the keys that were left out.

    A text without secrets is unchanged; any other is written as JSON, which is YAML, and loses its comments. None if
    the text is not valid: it may have secrets anywhere.
    """
    try:
        data = read_document(text).data
    except ConfigError:
        return None
    if not isinstance(data, Mapping):
        return None
    kept, left = _without(data, {*SECRETS, *secrets_in(data), *secrets_of_replicas(data)})
    if not left:
        return text, []
    return f"# without secrets: {', '.join(left)}\n{json.dumps(kept, indent=2, ensure_ascii=False)}\n", left


def _without(data: Mapping[str, Any], secrets: set[Loc], at: Loc = ()) -> tuple[dict[str, Any], list[str]]:
    kept, left = dict[str, Any](), list[str]()
    for key, value in data.items():
        place = (*at, key)
        if place in secrets:
            left.append(".".join(map(str, place)))
        elif isinstance(value, Mapping):
            kept[key], inner = _without(value, secrets, place)
            left += inner
        else:
            kept[key] = value
    return kept, left
