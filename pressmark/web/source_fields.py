"""The fields of a form beside the text of a source's file: each can be written from the other."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from config.duration import format_duration
from config.errors import ConfigError, Problem
from config.files.document import Document
from config.files.explain import explain
from config.source import WALKS, Source
from config.source_files.parse import parse_sources
from config.source_files.write import edited
from config.values.timetable import Timetable

RHYTHMS = ("every", "cron", "at", "adaptive", "")
"""The kinds of timetables; empty: no timetable."""
_LINES = ("include", "exclude")
_KEYS = frozenset(
    {"rhythm", "when", "timezone", "seeds", "walk", *_LINES, "depth", "delay", "collection", "tags", "note"}
)


def fields_of(source: Source) -> dict[str, str]:
    """Return the fields that show a source."""
    rhythm, when = _rhythm(source.timetable)
    return {
        "rhythm": rhythm,
        "when": when,
        "timezone": (source.timetable and source.timetable.timezone) or "",
        "seeds": "\n".join(source.seeds),
        "walk": source.walk or "",
        "include": "\n".join(source.scope.include),
        "exclude": "\n".join(source.scope.exclude),
        "depth": "" if source.scope.depth is None else str(source.scope.depth),
        "delay": format_duration(source.politeness.delay),
        "collection": source.keep.collection,
        "tags": ", ".join(source.tags),
        "note": source.note or "",
    }


def with_fields(text: str, name: str, fields: Mapping[str, str]) -> str:
    """Return the text of a file with the fields of a form written into a source; everything else stays, comments too.

    Raises ConfigError for an invalid text or field.
    """
    before = source_in(text, name)
    data = _changed(before, fields)
    try:
        after = Source.model_validate(data)
    except ValidationError as error:
        raise ConfigError(*explain(error, Source, Document(data, None), ())) from None
    return text if after == before else edited(text, before, after)


def digests_of(fields: Mapping[str, str]) -> str:
    """Return what a form notes of the fields that it shows: the digest of each, as JSON."""
    return json.dumps({key: _digest(value) for key, value in fields.items()})


def with_changed_fields(text: str, name: str, sent: Mapping[str, str]) -> str:
    """Return the text with the fields that a person changed since the form was shown; `was` has what it noted of them.

    Raises ConfigError for an invalid text or field, and where a person changed the same setting in the text, too.
    """
    shown = _noted(sent.get("was", ""))
    changed = {key: sent[key] for key, digest in shown.items() if key in sent and _digest(sent[key]) != digest}
    if not changed:
        return text
    now = fields_of(source_in(text, name))
    both = [key for key, value in changed.items() if _digest(now[key]) not in (shown[key], _digest(value))]
    if both:
        told = f"you changed the same setting in a field and in the text below, to different values ({', '.join(both)})"
        undo = "undo one of the two changes, or press “Write the fields into the text below”"
        raise ConfigError(Problem(told, suggestion=undo))
    return with_fields(text, name, now | changed)


def _noted(was: str) -> dict[str, str]:
    """Return the digests that a form noted; none for anything else."""
    try:
        found = json.loads(was)
    except ValueError:
        return {}
    return {key: str(found[key]) for key in _KEYS & found.keys()} if isinstance(found, dict) else {}


def _digest(value: str) -> str:
    """Return the digest of a field without what browsers change: line breaks, and white space at the ends."""
    return hashlib.sha256(value.replace("\r\n", "\n").strip().encode("utf-8", "surrogateescape")).hexdigest()[:16]


def tags_in(text: str) -> list[str]:
    """Return the tags in a text, which commas separate: those of Chinese, too."""
    return [tag for part in text.replace("，", ",").replace("、", ",").split(",") if (tag := part.strip())]


def source_in(text: str, name: str) -> Source:
    """Return a source that a text describes. Raises ConfigError."""
    for source in parse_sources(text):
        if source.name == name:
            return source
    raise ConfigError(Problem(f"the file describes no source {name!r}"))


def _changed(source: Source, fields: Mapping[str, str]) -> dict[str, Any]:
    data: dict[str, Any] = source.model_dump(mode="json", by_alias=True)
    data["timetable"] = timetable_of(data["timetable"], fields)
    data["politeness"]["delay"] = fields.get("delay", "").strip() or data["politeness"]["delay"]
    data["keep"]["collection"] = fields.get("collection", "").strip() or data["keep"]["collection"]
    data["tags"] = tags_in(fields.get("tags", ", ".join(source.tags)))
    data["note"] = fields.get("note", source.note or "").replace("\r\n", "\n").strip() or None
    if not source.seeds:  # a spider, or a mailbox
        return data
    data["seeds"] = _lines(fields.get("seeds", ""))
    walk = fields.get("walk", "")
    data["walk"] = walk if walk in WALKS else None
    data["scope"] |= {key: _lines(fields.get(key, "")) for key in _LINES}
    data["scope"]["depth"] = fields.get("depth", "").strip() or None
    return data


def timetable_of(before: dict[str, Any] | None, fields: Mapping[str, str]) -> dict[str, Any] | None:
    """Return the timetable of the fields, with the keys of the former one that fit it."""
    rhythm, when = fields.get("rhythm", ""), fields.get("when", "").strip()
    if rhythm not in RHYTHMS or not rhythm:
        return None
    kept = {key: value for key, value in (before or {}).items() if key not in RHYTHMS and value is not None}
    if rhythm not in ("every", "adaptive"):
        kept.pop("anchor", None)
    if before and before.get("adaptive") and rhythm != "adaptive":
        kept["adaptive"] = before["adaptive"]
    kept["timezone"] = fields.get("timezone", "").strip() or None
    return kept | {rhythm: _value(rhythm, when)}


def _value(rhythm: str, when: str) -> Any:
    if rhythm == "at":
        return [time for part in when.split(",") if (time := part.strip())]
    if rhythm == "adaptive":
        least, _, most = when.partition("-")
        return {key: value.strip() for key, value in (("min", least), ("max", most)) if value.strip()}
    return when


def _rhythm(table: Timetable | None) -> tuple[str, str]:
    """Return the kind of a timetable, and its times as the form has them."""
    if table is None:
        return "", ""
    if table.cron:
        return "cron", table.cron
    if table.every is not None:
        return "every", format_duration(table.every)
    if table.at:
        return "at", ", ".join(at.strftime("%H:%M:%S" if at.second else "%H:%M") for at in table.at)
    assert table.adaptive is not None, "a timetable has one of the four"
    return "adaptive", f"{format_duration(table.adaptive.min)} - {format_duration(table.adaptive.max)}"


def _lines(text: str) -> list[str]:
    return [line for each in text.splitlines() if (line := each.strip())]
