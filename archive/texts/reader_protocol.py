"""Check and parse the responses of the child process, which has read untrusted pages."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import Any, Literal

from extractor.values.text import About, Text
from extractor.values.thread_json import thread_of
from extractor.values.verdict import KINDS, Verdict

_STATES = ("done", "none", "failed")


@dataclass(frozen=True, slots=True)
class TextResult:
    """The result of reading a page."""

    state: Literal["done", "none", "failed"]
    reason: str | None = None
    """Why there is no text, or what was wrong with the page nevertheless."""
    text: Text | None = None
    """For a page without a main text, its metadata with an empty `text`."""
    verdict: Verdict | None = None
    """What the response is, if it is not the page."""
    reservations: tuple[tuple[str, str], ...] = ()
    """What the page says of its use in `<meta>` elements."""


def result_of(answer: bytes) -> TextResult:
    """Parse a response."""
    try:
        said: dict[str, Any] = json.loads(answer)
        text = _text_of(said["text"]) if said["text"] is not None else None
        if said["state"] in _STATES and _is_sound(text) and _fits(said["state"], text):
            reason = said["reason"] and str(said["reason"])
            return TextResult(said["state"], reason, text, _verdict_of(said), _reservations_of(said))
    except (ValueError, TypeError, KeyError):
        pass
    return TextResult("failed", "the extractor process sent an invalid response")


def _fits(state: str, text: Text | None) -> bool:
    """Return whether the text fits the state: a text, none, or fields alone."""
    if state == "done":
        return text is not None and bool(text.text)
    return text is None or (state == "none" and not text.text and text.thread is None and not text.markdown)


def _verdict_of(said: dict[str, Any]) -> Verdict | None:
    """Parse a verdict. Raises KeyError or ValueError if it is invalid."""
    found = said.get("verdict")
    if found is None:
        return None
    if found["kind"] not in KINDS:
        raise ValueError(f"{found['kind']!r} is not a verdict")
    return Verdict(found["kind"], str(found["why"]))


def _reservations_of(said: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Parse what a page says of its use. Raises ValueError if it is invalid."""
    return tuple((str(name), str(value)) for name, value in said.get("reservations") or ())


def _text_of(said: dict[str, Any]) -> Text:
    about = About(**{**said["about"], "tags": tuple(said["about"]["tags"])})
    thread = thread_of(said["thread"]) if said["thread"] is not None else None
    return Text(**{**said, "authors": tuple(said["authors"]), "about": about, "thread": thread})


def _is_sound(text: Text | None) -> bool:
    if text is None:
        return True
    about = text.about
    of_about = (getattr(about, field.name) for field in fields(about) if field.name not in ("tags", "free"))
    optional = (text.title, text.date, text.modified, text.language, text.markdown, *of_about)
    needed = (text.text, text.extractor, text.version, *text.authors, *about.tags)
    named = isinstance(text.origins, dict) and all(isinstance(origin, str) for origin in text.origins.values())
    strings = all(isinstance(value, str) for value in needed) and all(isinstance(v, str | None) for v in optional)
    return strings and named and isinstance(about.free, bool | None)
