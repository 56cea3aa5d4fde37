"""Parse a YAML text or file into sources, and report all its mistakes at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from config.errors import ConfigError, Problem
from config.files.document import Document, Loc, read_document, read_file
from config.files.explain import explain
from config.source import Source


def parse_sources(text: str, file: Path | None = None) -> tuple[Source, ...]:
    """Parse the sources of a YAML text: one, or several under ``sources:``. Raises ConfigError with all mistakes."""
    return sources_in(read_document(text, file))


def sources_in(document: Document) -> tuple[Source, ...]:
    """Parse the sources of a document. Raises ConfigError with all mistakes."""
    found, problems = [], list[Problem]()
    for at, data in descriptions(document):
        try:
            found.append((at, Source.model_validate(data)))
        except ValidationError as error:
            problems += explain(error, Source, document, at)
    problems += _twice(found, document)
    if problems:
        raise ConfigError(*problems)
    return tuple(source for _, source in found)


def load_file(file: Path) -> tuple[Source, ...]:
    """Load all sources of a file. Raises ConfigError with all mistakes."""
    return parse_sources(read_file(file), file)


def load_source(file: Path) -> Source:
    """Load a file that has exactly one source. Raises ConfigError."""
    sources = load_file(file)
    if len(sources) != 1:
        raise ConfigError(Problem(f"the file defines {len(sources)} sources, not one", file=file))
    return sources[0]


def line_of(file: Path, name: str) -> int | None:
    """Return the line of a source's name in a file."""
    document = read_document(read_file(file), file)
    for at, data in descriptions(document):
        key = next((key for key in ("source", "name") if isinstance(data, dict) and data.get(key) == name), None)
        if key:
            return document.line((*at, key))
    return None


def descriptions(document: Document) -> list[tuple[Loc, object]]:
    """Return the description of each source in a document, with its place. Raises ConfigError."""
    data = document.data
    if not isinstance(data, dict):
        raise ConfigError(Problem("write a source as keys and values, e.g. source: example", file=document.file))
    if "sources" not in data:
        return [((), data)]
    for key in data:
        if key != "sources":
            hint = "in a file with a list of sources, put all keys inside the list"
            line = document.line((key,))
            raise ConfigError(Problem(f"unknown key {key!r}", str(key), suggestion=hint, file=document.file, line=line))
    if not isinstance(data["sources"], list):
        raise ConfigError(
            Problem("this should be a list", "sources", file=document.file, line=document.line(("sources",)))
        )
    return [(("sources", index), item) for index, item in enumerate(data["sources"])]


def _twice(found: list[tuple[Loc, Source]], document: Document) -> Iterator[Problem]:
    seen = set[str]()
    for at, source in found:
        if source.name in seen:
            key = ".".join(str(step) for step in (*at, "source"))
            line = document.line((*at, "source"))
            yield Problem(
                f"an earlier source in this file is also named {source.name!r}", key, file=document.file, line=line
            )
        seen.add(source.name)
