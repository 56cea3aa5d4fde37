"""A path of each route."""

from __future__ import annotations

import re

_VALUES = {"collection": "news", "timestamp": "20260131120000", "url": "http://news.example/a"}


def example(path: str) -> str:
    """Return a path of a route."""
    return re.sub(r"\{(\w+)(?::path)?\}", lambda found: _VALUES.get(found[1], "news-one"), path)
