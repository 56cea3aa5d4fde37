"""Translate pydantic's errors into sentences with file, line, key and the way out."""

from __future__ import annotations

import re
import types
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Union, get_args, get_origin

from pydantic import AliasChoices, BaseModel, ValidationError

from config.errors import Problem, did_you_mean, one_of, shown
from config.files.document import Document, Loc

_SYNONYMS = {
    "url": "seeds",
    "urls": "seeds",
    "start_urls": "seeds",
    "schedule": "timetable",
    "interval": "every",
    "tz": "timezone",
    "zone": "timezone",
    "respect_robots": "politeness.robots",
    "allow": "scope.include",
    "deny": "scope.exclude",
}
_MOST_TOLD = 100
"""Mistakes of a source that are explained: each costs a search for its line."""
_EMPTY = "at least one is required"
_SECRET = re.compile(r"pass|pwd|secret|token|key|auth|cookie", re.IGNORECASE)
_KINDS = {
    "string_type": "this should be text",
    "tuple_type": "this should be a list",
    "list_type": "this should be a list",
    "model_type": "this should be a mapping of keys",
    "mapping_type": "this should be a mapping of keys",
    "int_type": "this should be a whole number",
    "int_parsing": "this should be a whole number",
    "int_from_float": "this should be a whole number",
    "bool_type": "this should be true or false",
    "bool_parsing": "this should be true or false",
    "time_delta_type": "this should be a duration, e.g. 6h",
    "time_delta_parsing": "this should be a duration, e.g. 6h",
    "too_short": _EMPTY,
}
_HIDDEN = {"headers", "cookies", "login", "proxy", "database"}
_TOLD = {"notify", "webhooks", "assistant"}
"""Groups whose URLs may be secrets: anyone with such a URL can post there, or a key is in its query."""


def explain(error: ValidationError, model: type[BaseModel], document: Document, at: Loc = ()) -> list[Problem]:
    """Return the mistakes in the order of their lines. `at` is the place of the model's data in the document."""
    data = document.data
    for step in at:
        data = data[step]
    errors = error.errors(include_url=False)
    problems = [_problem(dict(one), model, data) for one in errors[:_MOST_TOLD]]
    placed = [_placed(problem, loc, document, at) for problem, loc in problems if not _follows(problem, loc, problems)]
    told = sorted(placed, key=lambda problem: problem.line or 0)
    if (more := len(errors) - _MOST_TOLD) > 0:
        told.append(Problem(f"there are {more} more mistakes", file=document.file))
    return told


def _follows(problem: Problem, loc: Loc, problems: Sequence[tuple[Problem, Loc]]) -> bool:
    """Return whether an empty list is only the consequence of mistakes in its items."""
    return problem.message == _EMPTY and any(other[: len(loc)] == loc and other != loc for _, other in problems)


def _placed(problem: Problem, loc: Loc, document: Document, at: Loc) -> Problem:
    return Problem(
        problem.message,
        key=".".join(str(step) for step in (*at, *loc)),
        value=problem.value,
        suggestion=problem.suggestion,
        file=document.file,
        line=document.line((*at, *loc)),
    )


def _problem(error: Mapping[str, Any], model: type[BaseModel], data: Any) -> tuple[Problem, Loc]:
    loc = _true_loc(error["loc"], data, error["type"])
    value = _value(error["input"], loc)
    match error["type"]:
        case "extra_forbidden":
            known = _known(str(loc[-1]), model, loc)
            return Problem(f"unknown key {loc[-1]!r}", value=value, suggestion=known), loc
        case "missing":
            return Problem(f"the key {loc[-1]!r} is missing", suggestion=f"add a line {loc[-1]}: …"), loc
        case "value_error":
            message, _, hint = str(error["ctx"]["error"]).partition("; ")
            return Problem(message, value=value, suggestion=hint or None), loc
        case "literal_error":
            return _choice(error, value), loc
        case kind:
            return Problem(_KINDS.get(kind) or _lower(str(error["msg"])), value=value), loc


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _choice(error: Mapping[str, Any], value: str | None) -> Problem:
    known = [word.strip("' ") for word in str(error["ctx"]["expected"]).replace(" or ", ", ").split(",")]
    near = did_you_mean(str(error["input"]), known)
    return Problem(f"unknown value {error['input']!r}", value=value, suggestion=near or one_of(known))


def _value(value: Any, loc: Loc) -> str | None:
    secret = _HIDDEN.intersection(loc) or "@" in str(value) or any(_SECRET.search(str(step)) for step in loc)
    secret = secret or bool(loc and loc[0] in _TOLD and str(loc[-1]).startswith("url"))
    return None if secret or isinstance(value, Mapping | BaseModel) else shown(value)


def _true_loc(loc: Loc, data: Any, kind: str) -> Loc:
    """Remove the names of union members, which pydantic adds and which are not keys of the file."""
    true: list[str | int] = []
    for position, step in enumerate(loc):
        last = position == len(loc) - 1
        inside = (isinstance(data, Mapping) and step in data) or (
            isinstance(data, list | tuple) and isinstance(step, int) and step < len(data)
        )
        if inside:
            true.append(step)
            data = data[step]
        elif last and kind == "missing":
            true.append(step)
    return tuple(true)


def _known(word: str, model: type[BaseModel], loc: Loc) -> str:
    """Suggest a known key for an unknown one: a key of this level, or one of another level with its path."""
    here = {name: name for name in _keys(_model_at(model, loc[:-1]) or model)}
    everywhere = dict(_paths(model))
    plain = word.lower().replace("-", "_")
    if "." in plain and plain in {path for _, path in _paths(model)}:
        return f"write it as '{plain.replace('.', ': {')}: …{'}' * plain.count('.')}'"
    if plain in here:
        return f"did you mean {plain!r}?"
    other = _SYNONYMS.get(plain) or everywhere.get(plain)
    if other and (near := other.rsplit(".", 1)[-1]) in here:
        return f"did you mean {near!r}?"
    if near_here := did_you_mean(plain, here):
        return near_here
    if other or (other := everywhere.get(next(iter(get_close_matches(plain, everywhere, n=1)), ""))):
        return f"did you mean {other!r}?"
    return f"known keys are {', '.join(here)}"


def _keys(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        choices = field.validation_alias
        yield str(choices.choices[0]) if isinstance(choices, AliasChoices) else name


def _paths(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, field in zip(_keys(model), model.model_fields.values(), strict=True):
        inner = _model_of(field.annotation)
        yield key, prefix + key
        if inner:
            yield from _paths(inner, f"{prefix}{key}.")


def _model_at(model: type[BaseModel] | None, loc: Loc) -> type[BaseModel] | None:
    for step in loc:
        if model is None:
            return None
        if isinstance(step, str):
            fields = dict(zip(_keys(model), model.model_fields.values(), strict=True))
            model = _model_of(fields[step].annotation) if step in fields else None
    return model


def _model_of(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (Union, types.UnionType):
        return next(filter(None, map(_model_of, get_args(annotation))), None)
    return None
