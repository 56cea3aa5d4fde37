"""Find what keeps a source from running although its file is valid: a missing secret, or what is not permitted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from config.errors import ConfigError, NotPermitted, Problem, SecretNotFound
from config.files.document import Document, Loc, read_document, read_file
from config.groups.permissions import Permissions, secrets_of
from config.source import Source
from config.source_files.parse import descriptions, parse_sources


def run_problems(described: Iterable[tuple[Path, Source]], permissions: Permissions) -> list[ConfigError]:
    """Return one error per file with a source that can't run. Only these files are read, for the lines.

    Files with other mistakes are skipped.
    """
    files = {file for file, source in described if any(_problems(source, permissions))}
    found = (tuple(_of(file, permissions)) for file in sorted(files))
    return [ConfigError(*problems) for problems in found if problems]


def check_permitted(source: Source, permissions: Permissions, document: Document) -> None:
    """Raise NotPermitted, with keys and lines, if the source of a document asks for what is not permitted."""
    at = next((at for at, data in descriptions(document) if _names(data, source.name)), ())
    if problems := tuple(_placed(loc, problem, document, at) for loc, problem in permissions.problems(source)):
        raise NotPermitted(*problems)


def _names(data: object, name: str) -> bool:
    return isinstance(data, dict) and data.get("source", data.get("name")) == name


def _of(file: Path, permissions: Permissions) -> Iterator[Problem]:
    try:
        text = read_file(file)
        document, sources = read_document(text, file), parse_sources(text, file)
    except ConfigError:
        return
    for (at, _), source in zip(descriptions(document), sources, strict=True):
        yield from (_placed(loc, problem, document, at) for loc, problem in _problems(source, permissions))


def _problems(source: Source, permissions: Permissions) -> Iterator[tuple[Loc, Problem]]:
    refused = dict(permissions.problems(source))
    yield from refused.items()
    for loc, secret in secrets_of(source):
        if loc in refused:
            continue
        try:
            permissions.reveal(secret)
        except SecretNotFound as error:
            hint = f"set {secret.secret} in the environment, or {secret.secret}_FILE to a file that contains it"
            told = error.problems[0].message
            yield loc, Problem(told, suggestion=hint if secret.secret in permissions.secrets else None)
        except NotPermitted as error:
            yield loc, error.problems[0]


def _placed(loc: Loc, problem: Problem, document: Document, at: Loc) -> Problem:
    whole = (*at, *loc)
    return replace(problem, key=".".join(map(str, whole)), file=document.file, line=document.line(whole))
