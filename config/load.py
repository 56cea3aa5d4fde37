"""Load the sources from HOME/sources/*.yaml: report every mistake, and keep the last valid version of each file."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from types import MappingProxyType

from config.document import read_document, read_file
from config.errors import ConfigError, Problem, did_you_mean
from config.last_good import LastGood, Stamp, Version
from config.parse import line_of, load_file, load_source, parse_sources, sources_in
from config.source import Source

__all__ = ["ConfigError", "Sources", "UnknownSource", "load_file", "load_source", "load_sources", "parse_sources"]

_SUFFIXES = (".yaml", ".yml")


class UnknownSource(ConfigError):
    def __init__(self, name: str, known: Mapping[str, Source]) -> None:
        super().__init__(Problem(f"no source named {name!r}", suggestion=did_you_mean(name, known)))
        self.name = name


@dataclass(frozen=True, slots=True)
class _File:
    stamp: Stamp
    sources: tuple[Source, ...]
    error: ConfigError | None


class Sources:
    """The current sources of a directory.

    A file with a mistake counts as it was when it was last valid. That version is stored beside the files, in
    ``.good/``, so that a restart does not lose it. Iterating yields the sources by name.

    Any thread may call its methods.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._files: dict[str, _File] = {}
        self._good: dict[str, Source] = {}
        self._owners: dict[str, str] = {}
        self._errors: tuple[ConfigError, ...] = ()
        self._last_good = LastGood(directory / ".good" / "versions.db")
        self._reading = threading.RLock()
        self._seen: tuple[Stamp | None, Stamp | None] = (None, None)
        """The stamps of the directory when it was last read, and the time before."""
        self._next_look = 0
        self.version = 0
        """Grows with each change that was read, whoever asked for it."""
        with self._reading:
            self._read_changes(self._last_good.all())

    @property
    def good(self) -> Mapping[str, Source]:
        return MappingProxyType(self._good)

    @property
    def errors(self) -> tuple[ConfigError, ...]:
        """One error for each file that is invalid at present."""
        return self._errors

    def get(self, name: str) -> Source:
        """Return a source. Raises UnknownSource, or the ConfigError of its file if that was never valid."""
        try:
            return self._good[name]
        except KeyError:
            of_it = (error for error in self._errors if error.file and error.file.stem == name)
            raise next(of_it, UnknownSource(name, self._good)) from None

    def file_of(self, name: str) -> Path:
        """Return the file that describes a source. Raises UnknownSource."""
        self.get(name)
        return self.directory / self._owners[name]

    def __iter__(self) -> Iterator[Source]:
        return iter(self._good.values())

    def __len__(self) -> int:
        return len(self._good)

    def reload(self) -> bool:
        """Read the files that have changed; return whether any has. Costs one stat per file if none has."""
        with self._reading:
            return self._read_changes({})

    def refresh(self, name: str) -> Source:
        """Return a source as its file describes it now. Costs one stat if the file has not changed.

        Raises like `get`.
        """
        with self._reading:
            owner = self._owners.get(name)
            if owner is None or _stamp(self.directory / owner) != self._files[owner].stamp:
                self.reload()
            return self.get(name)

    def look(self, at_most: int = 1_000) -> bool:
        """Read the files that have changed; return whether any has. Costs at most `at_most` stats if none has.

        A new, removed or replaced file changes the directory, so it is noticed at once. A file written in place is
        noticed in its turn: each call continues where the last one ended.
        """
        with self._reading:
            if len(self._files) <= at_most or not self._is_settled() or self._is_changed(self._turn(at_most)):
                return self.reload()
            return False

    def _is_settled(self) -> bool:
        """Return whether no file came or went. It checks twice, as a change right after a read may leave no trace."""
        now = _stamp(self.directory)
        return self._seen == (now, now)

    def _turn(self, count: int) -> list[str]:
        names = list(islice(cycle(self._files), self._next_look, self._next_look + count))
        self._next_look = (self._next_look + count) % len(self._files)
        return names

    def _is_changed(self, names: Iterable[str]) -> bool:
        return any(_stamp(f"{self.directory}/{name}") != self._files[name].stamp for name in names)

    def _read_changes(self, known: Mapping[str, Version]) -> bool:
        self._seen = (self._seen[1], _stamp(self.directory))
        stamps = dict(sorted(_stamps(self.directory)))
        if len(stamps) == len(self._files) and all(
            name in self._files and self._files[name].stamp == stamp for name, stamp in stamps.items()
        ):
            return False
        read = dict[str, Version]()
        gone = self._files.keys() | known.keys()
        self._files = {name: self._read(name, stamp, known.get(name), read) for name, stamp in stamps.items()}
        self._last_good.keep(read, gone - self._files.keys())
        self._gather()
        self.version += 1
        return True

    def _read(self, name: str, stamp: Stamp, known: Version | None, read: dict[str, Version]) -> _File:
        """Read a file, unless its stamp is that of the previous or of the remembered version."""
        before = self._files.get(name)
        if before and before.stamp == stamp:
            return before
        file = self.directory / name
        if known and known.stamp == stamp and (sources := _sources_of(known, file)):
            return _File(stamp, sources, None)
        try:
            text = read_file(file)
            document = read_document(text, file)
            sources = sources_in(document)
        except ConfigError as error:
            return _File(stamp, before.sources if before else _sources_of(known, file), error)
        read[name] = Version(stamp, document.data, text)
        return _File(stamp, sources, None)

    def _gather(self) -> None:
        owners, good, errors = dict[str, str](), dict[str, Source](), list[ConfigError]()
        for file, source in self._in_order():
            if source.name in good:
                errors.append(_twice(source.name, owners[source.name], self.directory / file))
            else:
                good[source.name], owners[source.name] = source, file
        errors += [seen.error for seen in self._files.values() if seen.error]
        self._good, self._owners, self._errors = dict(sorted(good.items())), owners, tuple(errors)

    def _in_order(self) -> list[tuple[str, Source]]:
        """Return the sources by file, first those that keep their file: a copy does not take a source over."""
        all_of_them = [(file, source) for file, seen in self._files.items() for source in seen.sources]
        return sorted(all_of_them, key=lambda found: self._owners.get(found[1].name) != found[0])


def _sources_of(version: Version | None, file: Path) -> tuple[Source, ...]:
    """Return the sources of a remembered version: none if this release finds a mistake in it."""
    try:
        return sources_in(version.document(file)) if version else ()
    except ConfigError:
        return ()


def _stamps(directory: Path) -> Iterator[tuple[str, Stamp]]:
    """Yield the names and stamps of the files that describe sources."""
    try:
        entries = os.scandir(directory)
    except (FileNotFoundError, NotADirectoryError):
        return
    with entries:
        for entry in entries:
            if entry.name.endswith(_SUFFIXES) and not entry.name.startswith(".") and entry.is_file():
                with suppress(FileNotFoundError):  # removed meanwhile
                    yield entry.name, _stamp_of(entry.stat())


def _stamp(path: str | Path) -> Stamp | None:
    """Return the stamp of a file or directory; None if it does not exist."""
    try:
        return _stamp_of(os.stat(path))  # noqa: PTH116 (a Path for each of many files costs as much as the call)
    except OSError:
        return None


def _stamp_of(stat: os.stat_result) -> Stamp:
    return (stat.st_mtime_ns, stat.st_size, stat.st_ino, stat.st_ctime_ns)


def _twice(name: str, owner: str, file: Path) -> ConfigError:
    told, hint = f"{owner} already defines a source {name!r}", "rename one of them"
    try:
        line = line_of(file, name)
    except ConfigError:  # it counts as it was when it was last valid
        line = None
    return ConfigError(Problem(told, "source", suggestion=hint, file=file, line=line))


def load_sources(directory: Path) -> Sources:
    """Load the sources of a directory. Mistakes are in its `errors`; none is raised."""
    return Sources(directory)
