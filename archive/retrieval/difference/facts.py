"""Compare metadata: title, author, date and the like, and header fields of the response."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from archive.texts.texts import TextRow

_OWN = ("title", "author", "date", "language")
_SAID = (
    "modified",
    "section",
    "tags",
    "description",
    "image",
    "caption",
    "site",
    "source",
    "canonical",
    "next",
    "free",
)
_EACH_TIME = frozenset(
    {
        "date",
        "age",
        "expires",
        "etag",
        "last-modified",
        "set-cookie",
        "content-length",
        "x-archive-orig-content-length",
        "x-archive-orig-transfer-encoding",
        "x-cache",
        "x-cache-hits",
        "x-served-by",
        "x-timer",
        "x-runtime",
        "x-response-time",
        "server-timing",
        "cf-ray",
        "cf-cache-status",
        "x-amz-cf-id",
        "x-amz-cf-pop",
        "x-amz-request-id",
        "x-amz-id-2",
        "x-request-id",
        "x-correlation-id",
        "x-trace-id",
        "traceparent",
        "x-github-request-id",
        "x-vercel-id",
        "nel",
        "report-to",
        "via",
        "keep-alive",
        "x-ratelimit-remaining",
        "x-ratelimit-reset",
        "ratelimit-remaining",
        "ratelimit-reset",
    }
)
"""Fields that are another with each answer, and say nothing of the page."""


@dataclass(frozen=True, slots=True)
class FactChange:
    """A changed fact; None if there was none before, or is none now."""

    name: str
    old: str | None
    new: str | None
    noise: bool = False
    """Whether it is another with each answer."""


def compare_texts(old: TextRow | None, new: TextRow | None) -> tuple[FactChange, ...]:
    """Compare the metadata of two texts."""
    one, other = _facts(old), _facts(new)
    return tuple(
        FactChange(name, one.get(name), other.get(name)) for name in (*_OWN, *_SAID) if one.get(name) != other.get(name)
    )


def compare_heads(old: Sequence[tuple[str, str]], new: Sequence[tuple[str, str]]) -> tuple[FactChange, ...]:
    """Return the header fields that differ, by lower-case name; repeated fields have all values in order."""
    one, other = _fields(old), _fields(new)
    names = dict.fromkeys((*one, *other))
    return tuple(
        FactChange(name, one.get(name), other.get(name), name in _EACH_TIME)
        for name in names
        if one.get(name) != other.get(name)
    )


def _facts(text: TextRow | None) -> Mapping[str, str]:
    if text is None:
        return {}
    said = {name: (text.fields or {}).get(name) for name in _SAID}
    values = {**{name: getattr(text, name) for name in _OWN}, **said}
    return {name: _written(value) for name, value in values.items() if value not in (None, "", [])}


def _written(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _fields(head: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for name, value in head:
        found.setdefault(name.lower(), []).append(value)
    return {name: "\n".join(values) for name, values in found.items()}
