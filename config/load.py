"""From HOME/sources/*.yaml to sources: every mistake reported, every good version kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from pydantic import ValidationError

from config.document import Document, Loc, read_document, read_file
from config.errors import ConfigError, Problem, did_you_mean
from config.explain import explain
from config.source import Source
from config.write import write_text

_SUFFIXES = (".yaml", ".yml")
_REMEMBERED = ".good"


class UnknownSource(ConfigError):
    def __init__(self, name: str, known: Mapping[str, Source]) -> None:
        super().__init__(Problem(f"no source is called {name!r}", suggestion=did_you_mean(name, known)))
        self.name = name


def parse_sources(text: str, file: Path | None = None) -> tuple[Source, ...]:
    """The sources of a YAML text: one, or several under ``sources:``. Raises ConfigError with all mistakes."""
    document = read_document(text, file)
    found, problems = [], list[Problem]()
    for at, data in _descriptions(document):
        try:
            found.append((at, Source.model_validate(data)))
        except ValidationError as error:
            problems += explain(error, Source, document, at)
    problems += _twice(found, document)
    if problems:
        raise ConfigError(*problems)
    return tuple(source for _, source in found)


def load_file(file: Path) -> tuple[Source, ...]:
    """All sources of a file. Raises ConfigError with all mistakes."""
    return parse_sources(read_file(file), file)


def load_source(file: Path) -> Source:
    """The one source of a file. Raises ConfigError."""
    sources = load_file(file)
    if len(sources) != 1:
        raise ConfigError(Problem(f"the file describes {len(sources)} sources, not one", file=file))
    return sources[0]


def _descriptions(document: Document) -> list[tuple[Loc, object]]:
    data = document.data
    if not isinstance(data, dict):
        raise ConfigError(
            Problem("a source is written as keys and values, such as source: example", file=document.file)
        )
    if "sources" not in data:
        return [((), data)]
    for key in data:
        if key != "sources":
            hint = "in a file with a list of sources, all keys stand inside the list"
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
            yield Problem(f"a source above is called {source.name!r} already", key, file=document.file, line=line)
        seen.add(source.name)


@dataclass(frozen=True, slots=True)
class _File:
    stamp: tuple[int, ...]
    sources: tuple[Source, ...]
    error: ConfigError | None


class Sources:
    """The sources of a directory, as they are now.

    A file that has a mistake in it counts as it was when it was last good; that version is remembered beside the
    files, in ``.good/``, so that a restart does not lose it. Iterating gives the sources by name.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._files: dict[Path, _File] = {}
        self._good: dict[str, Source] = {}
        self._owners: dict[str, Path] = {}
        self._errors: tuple[ConfigError, ...] = ()
        self.reload()

    @property
    def good(self) -> Mapping[str, Source]:
        return MappingProxyType(self._good)

    @property
    def errors(self) -> tuple[ConfigError, ...]:
        """One for each file that is not good as it stands."""
        return self._errors

    def get(self, name: str) -> Source:
        """Raises UnknownSource."""
        try:
            return self._good[name]
        except KeyError:
            raise UnknownSource(name, self._good) from None

    def file_of(self, name: str) -> Path:
        """The file that describes a source. Raises UnknownSource."""
        self.get(name)
        return self._owners[name]

    def __iter__(self) -> Iterator[Source]:
        return iter(sorted(self._good.values(), key=lambda source: source.name))

    def __len__(self) -> int:
        return len(self._good)

    def reload(self) -> bool:
        """Read what has changed since; True if anything has. Costs a stat a file when nothing has."""
        stamps = dict(self._stamps())
        if {file: seen.stamp for file, seen in self._files.items()} == stamps:
            return False
        self._files = {file: self._read(file, stamp) for file, stamp in sorted(stamps.items())}
        self._gather()
        return True

    def _stamps(self) -> Iterator[tuple[Path, tuple[int, ...]]]:
        if not self.directory.is_dir():
            return
        for file in self.directory.iterdir():
            if file.suffix in _SUFFIXES and not file.name.startswith(".") and file.is_file():
                stat = file.stat()
                yield file, (stat.st_mtime_ns, stat.st_size, stat.st_ino, stat.st_ctime_ns)

    def _read(self, file: Path, stamp: tuple[int, ...]) -> _File:
        before = self._files.get(file)
        if before and before.stamp == stamp:
            return before
        try:
            text = read_file(file)
            sources = parse_sources(text, file)
        except ConfigError as error:
            return _File(stamp, before.sources if before else self._recall(file), error)
        self._remember(file, text)
        return _File(stamp, sources, None)

    def _remember(self, file: Path, text: str) -> None:
        kept = self.directory / _REMEMBERED / file.name
        try:
            if not kept.exists() or kept.read_text(encoding="utf-8") != text:
                kept.parent.mkdir(exist_ok=True)
                write_text(kept, text)
        except OSError:
            return  # a read-only directory remembers nothing, and nothing else depends on it

    def _recall(self, file: Path) -> tuple[Source, ...]:
        kept = self.directory / _REMEMBERED / file.name
        try:
            return load_file(kept)
        except ConfigError:
            return ()

    def _gather(self) -> None:
        owners, good, errors = dict[str, Path](), dict[str, Source](), list[ConfigError]()
        for file, name, source in self._in_order():
            if name in good:
                told = f"{owners[name].name} describes a source {name!r} already"
                errors.append(
                    ConfigError(Problem(told, "source", suggestion="give one of them another name", file=file))
                )
            else:
                good[name], owners[name] = source, file
        errors += [seen.error for seen in self._files.values() if seen.error]
        self._good, self._owners, self._errors = good, owners, tuple(errors)

    def _in_order(self) -> list[tuple[Path, str, Source]]:
        """By file, but the file that described a source until now comes first: a copy does not take it over."""
        all_of_them = [(file, source.name, source) for file, seen in self._files.items() for source in seen.sources]
        return sorted(all_of_them, key=lambda found: (self._owners.get(found[1]) != found[0], found[0]))


def load_sources(directory: Path) -> Sources:
    """The sources of a directory; its `errors` tell what is wrong, and nothing is raised."""
    return Sources(directory)
