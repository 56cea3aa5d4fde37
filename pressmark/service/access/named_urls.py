"""Find URLs in what is shown of runs: a URL that was taken down is not named, either."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from archive.database.closed_collections import TakenDown, taken_down
from archive.values.urlkey import urlkey

_URL = re.compile(r"""https?://[^\s"'<>]+""")
_PUNCTUATION = ".,;:!?)]"
"""What may follow a URL in a sentence."""


def names_taken_down(value: Any) -> bool:
    """Return whether a JSON value names a URL that is taken down in this context."""
    taken = taken_down()
    return bool(taken.ranges) and _names(value, taken)


def _names(value: Any, taken: TakenDown) -> bool:
    if isinstance(value, str):
        return any(_is_taken_down(url, taken) for url in _URL.findall(value))
    if isinstance(value, Mapping):
        return any(_names(each, taken) for each in value.values())
    return isinstance(value, list | tuple) and any(_names(each, taken) for each in value)


def _is_taken_down(url: str, taken: TakenDown) -> bool:
    return any(taken.has(urlkey(each)) for each in {url, url.rstrip(_PUNCTUATION)})


def shown(value: Any) -> Any:
    """Return a JSON value without what names a URL that is taken down in this context: None in the place of a text."""
    if not names_taken_down(value):
        return value
    if isinstance(value, Mapping):
        return {name: shown(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [each for each in value if not names_taken_down(each)]
    return None
