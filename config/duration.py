"""Durations and sizes as people write them: ``2s``, ``1h30m``, ``7d``; ``32MiB``, ``20 GB``."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

_SECOND = timedelta(seconds=1)
_DURATIONS = {
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": _SECOND,
    "ms": timedelta(milliseconds=1),
    "us": timedelta(microseconds=1),
}
_LONGEST = timedelta(days=36525)
_SIZES = {
    "b": 1,
    "kb": 10**3,
    "mb": 10**6,
    "gb": 10**9,
    "tb": 10**12,
    "kib": 1 << 10,
    "mib": 1 << 20,
    "gib": 1 << 30,
    "tib": 1 << 40,
}
_LARGEST = 1 << 63
_PART = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(d|h|ms|us|m|s)(?![a-z])", re.IGNORECASE)
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]i?b|b)?\s*", re.IGNORECASE)
DURATION_PATTERN = r"^(\s*\d+(\.\d+)?\s*(d|h|ms|us|m|s))+\s*$"
SIZE_PATTERN = r"^\s*\d+(\.\d+)?\s*([kKmMgGtT][iI]?[bB]|[bB])?\s*$"


def parse_duration(text: str) -> timedelta:
    """Parse ``"2s"``, ``"1h30m"``, ``"1.5h"``, ``"500ms"`` or ``"0"``. Raises ValueError with a sentence."""
    if text.strip() == "0":
        return timedelta(0)
    total, position = timedelta(0), 0
    while part := _PART.match(text, position):
        total += _within(float(part[1]) * (_DURATIONS[part[2].lower()] / _SECOND), text)
        position = part.end()
    if position == 0 or text[position:].strip():
        raise ValueError(f"invalid duration {text!r}: use a number and a unit, e.g. 30s, 15m, 6h or 1d")
    if total > _LONGEST:
        raise ValueError(f"the duration {text!r} is longer than a hundred years")
    return total


def _within(seconds: float, text: str) -> timedelta:
    if seconds > _LONGEST / _SECOND:
        raise ValueError(f"the duration {text!r} is longer than a hundred years")
    return timedelta(seconds=seconds)


def format_duration(duration: timedelta) -> str:
    """Return the shortest spelling that `parse_duration` parses back: ``1h30m``."""
    text, rest = "", duration
    for unit, length in _DURATIONS.items():
        count, rest = divmod(rest, length)
        text += f"{count}{unit}" if count else ""
    return text or "0s"


_WORDS = {"day": timedelta(days=1), "hour": timedelta(hours=1), "minute": timedelta(minutes=1), "second": _SECOND}


def duration_in_words(duration: timedelta) -> str:
    """Return a duration as a sentence has it, in whole seconds: ``1 hour 30 minutes``."""
    parts, rest = [], timedelta(seconds=round(duration / _SECOND))
    for unit, length in _WORDS.items():
        count, rest = divmod(rest, length)
        if count:
            parts.append(f"{count} {unit}" if count == 1 else f"{count} {unit}s")
    return " ".join(parts) or "0 seconds"


def parse_size(text: str) -> int:
    """Parse a number of bytes: ``"32MiB"`` (powers of 1024), ``"20 GB"`` (of 1000), ``"512"``. Raises ValueError."""
    whole = _SIZE.fullmatch(text)
    if not whole:
        raise ValueError(f"invalid size {text!r}: use a number and a unit, e.g. 512KiB, 32MiB or 20GB")
    size = float(whole[1]) * _SIZES[(whole[2] or "b").lower()]
    if size >= _LARGEST:
        raise ValueError(f"the size {text[:80]!r} is larger than any disk")
    return int(size)


def format_size(count: int) -> str:
    """Return the shortest spelling that `parse_size` parses back exactly: ``32MiB``."""
    for unit in ("TiB", "GiB", "MiB", "KiB"):
        size = _SIZES[unit.lower()]
        if count >= size and count % size == 0:
            return f"{count // size}{unit}"
    return f"{count}B"


def _duration(value: Any) -> Any:
    if isinstance(value, str):
        return parse_duration(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and value != 0:
        raise ValueError(f"{value} has no unit: write e.g. {value}s or {value}m")
    return timedelta(0) if value == 0 else value


def _size(value: Any) -> Any:
    return parse_size(value) if isinstance(value, str) else value


Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    PlainSerializer(format_duration, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": DURATION_PATTERN, "examples": ["2s", "15m", "6h", "1d"]}),
]
"""A field that is written ``6h`` and is a timedelta."""

Size = Annotated[
    int,
    BeforeValidator(_size),
    PlainSerializer(format_size, when_used="json"),
    WithJsonSchema(
        {
            "anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": SIZE_PATTERN}],
            "examples": ["32MiB"],
        }
    ),
]
"""A field that is written ``32MiB`` and is a number of bytes."""
