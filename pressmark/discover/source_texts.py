"""Make many files of sources say other texts at once, unless others have changed them since.

Other machines that share the database get these texts, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from archive.values.digest import sha256
from config.errors import ConfigError, Problem
from config.files.atomic_write import write_texts
from config.files.document import read_document, read_if_there
from config.source_files.editing import editing, former_of, replace_text
from config.source_files.parse import sources_in
from config.source_files.run_problems import check_permitted

if TYPE_CHECKING:
    from config.source import Source
    from pressmark.service.service import Service
    from scheduler.ledger.source_versions import SourceVersion

_RENAME = "rename one of them, or remove the source from the other file first"


@dataclass(frozen=True, slots=True)
class Applied:
    """A file of sources that says another text now."""

    file: str
    replaced: SourceVersion | None
    """The version that it replaces; None if no machine shared the file."""
    former: Path | None
    """The file with the text that it had before; None if it is new."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of texts. Those that are in neither list are what their files said anyway."""

    changed: Sequence[Applied]
    left: Sequence[str]
    """Files that others have changed, while the text for them is still the one that it was made of."""


class TextsReplaced(ConfigError):
    """Files of sources do not say any more what the texts that are to replace them were made of."""

    def __init__(self, replaced: Sequence[Applied]) -> None:
        hint = "pull again and repeat your changes, or add --force to replace it"
        super().__init__(*(Problem(_newer(one), suggestion=hint, file=Path(one.file)) for one in replaced))


def apply_texts(
    service: Service, texts: Mapping[str, str], by: str, *, seen: Mapping[str, str] | None = None, force: bool = False
) -> Outcome:
    """Make files of sources say these texts, by their names, and tell other machines.

    Other files stay. `seen` has the SHA-256 of the text that each new one was made of; without an entry, of none.
    Without `seen`, and with `force`, the present texts are replaced whatever they are.

    Raises ConfigError, with NotPermitted and TextsReplaced among them, and DatabaseUnusable; then nothing is written.
    Raises OSError if a file can't be written: then other machines have the texts, and here some of them are written.
    """
    directory = service.settings.sources
    documents = {file: read_document(text, Path(file)) for file, text in texts.items()}
    described = {file: sources_in(document) for file, document in documents.items()}
    for file, sources in described.items():
        for source in sources:
            check_permitted(source, service.settings.permissions, documents[file])
    with editing(directory):
        service.sources.reload()
        present = {file: read_if_there(directory / file) for file in texts}
        differ = [file for file, text in texts.items() if present[file] != text]
        left = [file for file in differ if seen is not None and seen.get(file) == _digest(texts[file])]
        others = frozenset(left)
        given = {file: text for file, text in texts.items() if file not in others}
        _check_names(service, {file: described[file] for file in given})
        changed = _applied(service, {file: present[file] for file in differ if file in given})
        if seen is not None and not force:
            replaced = [one for one in changed if _digest(present[one.file]) != seen.get(one.file)]
            if replaced:
                raise TextsReplaced(replaced)
        service.sources.publish(list(given.items()), by, present)
        new = {one.file: given[one.file] for one in changed if present[one.file] is None}
        write_texts(directory, new)
        for one in changed:
            if (before := present[one.file]) is not None:
                replace_text(directory / one.file, before, given[one.file])
        service.sources.reload()
    return Outcome(changed, left)


def file_for(service: Service, text: str) -> str:
    """Return the name of the file for a text: the one that describes its first source now, or a new one.

    Raises ConfigError.
    """
    first = sources_in(read_document(text))[0].name
    owner = service.sources.valid.owners.get(first)
    return owner.file if owner else f"{first}.yaml"


def _check_names(service: Service, described: Mapping[str, Sequence[Source]]) -> None:
    """Raise ConfigError for each source that would be in two files."""
    owners = {name: one.file for name, one in service.sources.valid.owners.items() if one.file not in described}
    twice = [
        Problem(f"{owner} already defines a source {source.name!r}", "source", suggestion=_RENAME, file=Path(file))
        for file, sources in described.items()
        for source in sources
        if (owner := owners.setdefault(source.name, file)) != file
    ]
    if twice:
        raise ConfigError(*twice)


def _applied(service: Service, before: Mapping[str, str | None]) -> list[Applied]:
    """Return what is replaced in files that say something else now; None says that there is no such file."""
    replaced = service.source_versions.latest_of_each(list(before)) if service.database.is_shared else {}
    directory = service.settings.sources
    return [
        Applied(file, replaced.get(file), None if text is None else former_of(directory / file))
        for file, text in before.items()
    ]


def _newer(found: Applied) -> str:
    if (version := found.replaced) is None:
        return "the file was changed since this copy was pulled"
    at = f"{version.at:%Y-%m-%d %H:%M:%S} UTC"
    return f"version {version.number}, written by {version.by} at {at}, is newer than this copy"


def _digest(text: str | None) -> str | None:
    return None if text is None else sha256(text.encode())
