"""Change the files of sources as people do, by pages, API and commands, and tell the machines that share them.

The text before the last change of each file in the pages is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from archive.values.digest import sha256
from config.errors import ConfigError, Problem
from config.files.atomic_write import write_text
from config.files.document import Document, as_read, read_document, read_file
from config.files.explain import explain
from config.source_files.editing import ChangedElsewhere, editing, former_of, replace_text
from config.source_files.parse import descriptions, parse_sources, sources_in
from config.source_files.run_problems import check_permitted
from config.source_files.write import copied, edited, without_source, write_without
from pressmark.service.access.source_facts import may_be_secret, takes_reference
from pressmark.service.redaction import HIDDEN

if TYPE_CHECKING:
    from config.source import Source
    from pressmark.service.service import Service

_LONGEST_NAME = 64
_MOST_NAMED, _LONGEST_KEY = 10, 80


class SourceExists(ConfigError):
    def __init__(self, name: str, file: Path) -> None:
        super().__init__(
            Problem(f"a source named {name!r} already exists", suggestion="choose another name", file=file)
        )
        self.name = name


class FileChanged(ConfigError):
    """The file of a source is not the one that a person began to edit."""

    def __init__(self) -> None:
        told = "the file was changed while you edited it, so your text is not saved"
        super().__init__(Problem(told, suggestion="copy your text, open the page again and repeat your changes"))


class SecretsInText(ConfigError):
    """A text for the file of a source has values that may be secret, and its author may not keep such values."""

    def __init__(self, places: Sequence[str], *, by_name: bool = True) -> None:
        """`by_name` says whether the names of secrets can stand in all of the places."""
        named = ", ".join(places[:_MOST_NAMED]) + (" …" if len(places) > _MOST_NAMED else "")
        told = f"only an admin may save values that may be secret: {named}"
        instead = "write {secret: NAME} in their place" if by_name else "leave them out"
        super().__init__(Problem(told, suggestion=f"{instead}, or ask an admin to save them"))


@dataclass(frozen=True, slots=True)
class SourceText:
    """The text of the file of a source."""

    text: str
    digest: str
    """SHA-256 of the text, in hexadecimal: names what a person began to edit."""
    names: Sequence[str]
    """The sources that the file describes."""


def source_text(service: Service, name: str) -> SourceText:
    """Return the present text of a source's file, valid or not. Raises UnknownSource, and ConfigError."""
    file = service.sources.file_of(name)
    owners = service.sources.valid.owners
    text = read_file(file)
    return SourceText(text, sha256(text.encode()), [other for other in owners if owners[other].file == file.name])


def former_text(service: Service, name: str) -> str | None:
    """Return the text that a source's file had before its last change in the pages; None without one."""
    former = former_of(service.sources.file_of(name))
    return read_file(former) if former.is_file() else None


def may_have_secrets(text: str) -> bool:
    """Return whether the text of a file has values that may be secret, such as cookies, or can't be judged."""
    try:
        return any(_secret_places(text))
    except ConfigError:
        return True


def check_secrets(text: str) -> None:
    """Raise SecretsInText for a text with values that may be secret; ConfigError for an invalid one."""
    if places := list(_secret_places(text)):
        raise SecretsInText([key for key, _ in places], by_name=all(by_name for _, by_name in places))


def _secret_places(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the places, and whether the name of a secret can stand there."""
    document = read_document(text)
    for (at, _), source in zip(descriptions(document), sources_in(document), strict=True):
        for loc in may_be_secret(source):
            key, line = ".".join(map(str, loc))[:_LONGEST_KEY], document.line((*at, *loc))
            yield f"{key} (line {line})" if line else key, takes_reference(loc)


def _check_mask(text: str) -> None:
    """Raise ConfigError for a text with what stands in the place of a secret: it was copied from what a door shows."""
    if HIDDEN in text:
        told = (
            f"the source has {HIDDEN} in the place of a value: Pressmark shows values like that if they may be secret"
        )
        raise ConfigError(Problem(told, suggestion="write the value itself, or {secret: NAME}"))


def check_new(service: Service, text: str, *, with_secrets: bool = False) -> Source:
    """Return the source that a text describes. `with_secrets` says that its author may keep values that may be secret.

    Raises ConfigError, NotPermitted and SecretsInText among them.
    """
    source = service.checked_source(text)
    _check_mask(text)
    if not with_secrets:
        check_secrets(text)
    return source


def check_text(service: Service, name: str, text: str, now: SourceText) -> Source:
    """Return a source as a new text of its file describes it, instead of what the file says `now`.

    Raises ConfigError for an invalid text, for one that describes other sources than the file does now, and, as
    NotPermitted, for a source that asks for what is not permitted.
    """
    document = read_document(text)
    described = {source.name: source for source in sources_in(document)}
    if described.keys() != set(now.names):
        told = f"the file must describe these sources and no others: {', '.join(now.names)}"
        raise ConfigError(Problem(told, suggestion="to give a source another name, press “Duplicate” on its page"))
    for source in described.values():
        check_permitted(source, service.settings.permissions, document)
    return described[name]


def add_source(service: Service, text: str, by: str, *, with_secrets: bool = False) -> Source:
    """Write the file of a new source. `by` names who does, as in the audit trail; `with_secrets` is as for `check_new`.

    Raises what `check_new` raises, and ConfigError for a name that is taken.
    """
    source = check_new(service, text, with_secrets=with_secrets)
    file = service.settings.sources / f"{source.name}.yaml"
    with editing(service.settings.sources):
        service.sources.reload()
        if source.name in service.sources.good or file.exists():
            raise SourceExists(source.name, file)
        service.sources.publish([(file.name, text)], by, {file.name: None})
        write_text(file, text)
        service.sources.reload()
    return source


def remove_source(service: Service, name: str, by: str) -> Path:
    """Take a source out of its file, and return the path of that; captures stay.

    Raises ConfigError, UnknownSource among them.
    """
    file = service.sources.file_of(name)
    with editing(service.settings.sources):
        before = read_file(file)
        text = without_source(before, name, file)
        service.sources.publish([(file.name, text)], by, {file.name: before})
        write_without(file, text)
        service.sources.reload()
    if not service.database.is_shared:  # other machines may still have the source, and its pause holds for them
        service.pauses.resume(name)
    return file


def change_source(
    service: Service, name: str, text: str, digest: str, by: str, *, with_secrets: bool = False
) -> SourceText:
    """Replace the text of a source's file, and return what it says then. `with_secrets` is as for `check_new`.

    The service reads it at once. Raises FileChanged if the present text is not that of the digest, what `check_text`
    raises, SecretsInText, and ConfigError if it can't be written.
    """
    try:
        with editing(service.settings.sources):
            service.sources.reload()
            written = _change(service, name, as_read(text), digest, by, with_secrets=with_secrets)
            service.sources.reload()
            return written
    except OSError as error:
        raise ConfigError(Problem(unwritten(error), file=service.sources.file_of(name))) from None


def edit_source(
    service: Service, name: str, change: Callable[[Source], Source], by: str, *, with_secrets: bool = False
) -> bool:
    """Change the keys of a source in its file, whose comments stay. Returns whether that changed anything.

    Raises what `change_source` raises, and ConfigError if the file can't be edited automatically.
    """
    before = source_text(service, name)
    source = next(one for one in parse_sources(before.text) if one.name == name)
    after = change(source)
    if after == source:
        return False
    change_source(service, name, edited(before.text, source, after), before.digest, by, with_secrets=with_secrets)
    return True


def changed(change: Callable[[dict[str, Any]], dict[str, Any]], source: Source) -> Source:
    """Return a source whose keys `change` has changed. Raises ConfigError."""
    from config.source import Source

    data = change(source.model_dump(mode="json", by_alias=True))
    try:
        return Source.model_validate(data)
    except ValidationError as error:
        raise ConfigError(*explain(error, Source, Document(data, None), ())) from None


def unwritten(error: OSError) -> str:
    """Return the error for people when a file of sources can't be written."""
    return f"the file can't be written: {error.strerror or error}"


def _change(service: Service, name: str, text: str, digest: str, by: str, *, with_secrets: bool) -> SourceText:
    before = source_text(service, name)
    if before.digest != digest:
        raise FileChanged
    check_text(service, name, text, before)  # first, as what is invalid can't be judged
    if HIDDEN not in before.text:
        _check_mask(text)
    if not with_secrets:
        check_secrets(text)
    if before.text != text:
        file = service.sources.file_of(name)
        try:
            service.sources.publish([(file.name, text)], by, {file.name: before.text})
        except ChangedElsewhere:
            raise FileChanged from None
        replace_text(file, before.text, text)
    return SourceText(text, sha256(text.encode()), before.names)


def copy_text(service: Service, name: str, new: str | None = None) -> str:
    """Return the text of a file of its own for a source under another name; default: the next free one.

    Raises ConfigError.
    """
    text = source_text(service, name).text
    return copied(text, service.sources.get(name), new or _free_name(name, service.sources.names))


def _free_name(name: str, taken: Sequence[str]) -> str:
    known, number = frozenset(taken), 2
    while (new := f"{name[: _LONGEST_NAME - 5].rstrip('-')}-{number}") in known:
        number += 1
    return new
