"""Find missing secrets: not a mistake of the source file, but no run can start without them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from config.document import Document, Loc, read_document, read_file
from config.errors import ConfigError, Problem, SecretNotFound
from config.parse import descriptions, parse_sources
from config.secret import Secret
from config.source import Source


def missing_secrets(described: Iterable[tuple[Path, Source]]) -> list[ConfigError]:
    """Return one error per file with a source that names missing secrets. Only these files are read, for the lines.

    Files with other mistakes are skipped.
    """
    files = {file for file, source in described if any(not _is_there(secret) for _, secret in _secrets(source))}
    found = (tuple(_of(file)) for file in sorted(files))
    return [ConfigError(*problems) for problems in found if problems]


def _of(file: Path) -> Iterator[Problem]:
    try:
        text = read_file(file)
        document, sources = read_document(text, file), parse_sources(text, file)
    except ConfigError:
        return
    for (at, _), source in zip(descriptions(document), sources, strict=True):
        yield from _missing(source, document, at)


def _missing(source: Source, document: Document, at: Loc) -> Iterator[Problem]:
    for loc, secret in _secrets(source):
        try:
            secret.reveal()
        except SecretNotFound as error:
            key, line = ".".join(map(str, (*at, *loc))), document.line((*at, *loc))
            hint = f"set {secret.secret} in the environment, or {secret.secret}_FILE to a file that contains it"
            yield Problem(error.problems[0].message, key, suggestion=hint, file=document.file, line=line)


def _is_there(secret: Secret) -> bool:
    try:
        secret.reveal()
    except SecretNotFound:
        return False
    return True


def _secrets(source: Source) -> Iterator[tuple[Loc, Secret]]:
    groups: dict[Loc, Mapping[str, str | Secret]] = {("headers",): source.headers, ("cookies",): source.cookies}
    groups["arguments",] = {name: value for name, value in source.arguments.items() if isinstance(value, Secret)}
    if source.login:
        groups["login", "fields"] = source.login.fields
    for at, values in groups.items():
        yield from (((*at, name), value) for name, value in values.items() if isinstance(value, Secret))
    if isinstance(source.proxy, Secret):
        yield ("proxy",), source.proxy
