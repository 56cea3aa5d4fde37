"""The names of segments that purges have rewritten: that of the first segment, and the number of the purge."""

from __future__ import annotations

import re

_NAME = re.compile(r"(.*)-purge(\d+)", re.DOTALL)
_WORKER = "purge-"
LATER = "-purge"
"""What follows the name of the first segment in those of all later ones."""


def first_name(segment: str) -> str:
    """Return the name that a segment had before its first purge."""
    return _parts(segment)[0]


def next_name(segment: str) -> str:
    """Return the name of a segment after one more purge."""
    base, times = _parts(segment)
    return f"{base}{LATER}{times + 1}"


def next_worker(segment: str) -> str:
    """Return the worker of a rewritten segment: all purges of one segment are a chain of manifests."""
    return _WORKER + _parts(segment)[0]


def _parts(segment: str) -> tuple[str, int]:
    found = _NAME.fullmatch(segment)
    return (found[1], int(found[2])) if found else (segment, 0)
