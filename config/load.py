"""Load the sources from HOME/sources/*.yaml: report every mistake, and keep the last valid version of each file."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import TypeVar

from config.errors import ConfigError, Problem, SourcesUnreadable, did_you_mean
from config.files.document import read_document, read_file
from config.files.stamp import Stamp, stamp, stamps
from config.source import Source
from config.source_files.described_sources import DescribedSources, Listed
from config.source_files.last_good import LastGood, Version, rules, version_of
from config.source_files.outlines import Outline, Outlines
from config.source_files.parse import line_of, load_file, load_source, parse_sources, sources_in
from config.source_files.valid_sources import Owner, ValidSources

__all__ = ["ConfigError", "Sources", "UnknownSource", "load_file", "load_source", "load_sources", "parse_sources"]

View = TypeVar("View", Outline, Listed)

SUFFIXES = (".yaml", ".yml")
_FEW = 100
"""Files that are listed at each look. To compare the stamps of more takes a third of the CPU."""


def is_file_name(name: str) -> bool:
    """Return whether a file of this name in the directory of sources would be read as a source file."""
    return Path(name).name == name and name.endswith(SUFFIXES) and not name.startswith(".") and "\0" not in name


class UnknownSource(ConfigError):
    def __init__(self, name: str, known: Mapping[str, Source]) -> None:
        super().__init__(Problem(f"no source named {name!r}", suggestion=did_you_mean(name, known)))
        self.name = name


@dataclass(frozen=True, slots=True)
class _File:
    stamp: Stamp
    described: DescribedSources | None
    error: ConfigError | None


class Sources:
    """The current sources of a directory. Iterating yields them by name. Any thread may call its methods.

    A file with a mistake counts as it was when it was last valid. That version is stored beside the files, in
    ``.good/``, so that a restart does not lose it.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._files: dict[str, _File] = {}
        self._good = ValidSources({}, self._built)
        self._errors: tuple[ConfigError, ...] = ()
        self.unreadable: SourcesUnreadable | None = None
        """Why the directory could not be listed at the last look; None when it could."""
        self._names: Sequence[str] = ()
        self._outlines: Outlines | None = None
        self._last_good = LastGood(directory / ".good" / "versions.db")
        self._reading = threading.RLock()
        self._seen: tuple[Stamp | None, Stamp | None] = (None, None)
        """The stamps of the directory at the last two reads."""
        self._file_names: list[str] = []
        self._next_look = 0
        self.version = 0
        """Grows with each change that was read."""
        with self._reading:
            self._read_changes(self._last_good.all())

    @property
    def good(self) -> Mapping[str, Source]:
        """Yield the sources in the order of names, each built on demand."""
        return self._good

    @property
    def valid(self) -> ValidSources:
        """The same, with the file of each."""
        return self._good

    @property
    def errors(self) -> tuple[ConfigError, ...]:
        """One error for each file that is invalid at present."""
        return self._errors

    def get(self, name: str) -> Source:
        """Return a source.

        Raises UnknownSource, the ConfigError of its file if that was never valid, and SourcesUnreadable.
        """
        try:
            return self._good[name]
        except KeyError:
            if self.unreadable:
                raise self.unreadable from None
            of_it = (error for error in self._errors if error.file and error.file.stem == name)
            raise next(of_it, UnknownSource(name, self._good)) from None

    def file_of(self, name: str) -> Path:
        """Return the file that describes a source. Raises UnknownSource."""
        if name not in self._good:
            self.get(name)
        return self.directory / self._good.owners[name].file

    @property
    def names(self) -> Sequence[str]:
        """The names of all sources, in their order."""
        return self._names

    def some(self, names: Iterable[str]) -> list[Source]:
        """Return the sources of these names, without those that are gone."""
        return [source for name in names if (source := self._good.get(name))]

    def outlines(self) -> Outlines:
        """Return the outline of each source, by name. Builds nothing else, and only after a change."""
        with self._reading:
            if self._outlines is None:
                self._outlines = Outlines(self._of_each_file(DescribedSources.outlines))
            return self._outlines

    def listed(self) -> Sequence[Listed]:
        """Return each source as a list of all shows it, by name. Builds nothing else, and keeps nothing."""
        with self._reading:
            return self._of_each_file(DescribedSources.listed)

    def __iter__(self) -> Iterator[Source]:
        return iter(self.some(self._names))  # one that is invalid by now is reported

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
            owner = self._good.owners.get(name)
            if owner is None or stamp(f"{self.directory}/{owner.file}") != self._files[owner.file].stamp:
                self.reload()
            return self.get(name)

    def hindrance(self, name: str) -> ConfigError | None:
        """Return why the latest version of a source that other machines share can't run here. Here are no others."""
        return None

    def publish(self, texts: Sequence[tuple[str, str | None]], by: str, before: Mapping[str, str | None]) -> None:
        """Tell the other machines what some files will say, and who wrote it; None deletes a file. Here are none.

        Call it before the files are written. `before` are the texts that they said when they were read. Raises
        ChangedElsewhere where another machine has changed that meanwhile, and ConfigError where this one can't follow.
        """

    def poll(self, at_most: int = 100) -> bool:
        """Read the files that have changed; return whether any has. Costs at most `at_most` stats if none has.

        A new, removed or replaced file changes the directory, so it is noticed at once. A file written in place is
        noticed in its turn: each call continues where the last one ended.
        """
        with self._reading:
            few = len(self._files) <= min(at_most, _FEW)
            if few or not self._is_settled() or self._is_changed(self._turn(min(at_most, len(self._files)))):
                return self.reload()
            return False

    def _is_settled(self) -> bool:
        """Return whether no file came or went. It checks twice, as a change right after a read may leave no trace."""
        now = stamp(self.directory)
        return self._seen == (now, now)

    def _turn(self, count: int) -> list[str]:
        """Return the next `count` of the files; there are as many."""
        names, first = self._file_names, self._next_look % len(self._file_names)
        self._next_look = first + count
        return names[first : first + count] + names[: max(0, first + count - len(names))]

    def _is_changed(self, names: Iterable[str]) -> bool:
        return any(stamp(f"{self.directory}/{name}") != self._files[name].stamp for name in names)

    def _read_changes(self, known: Mapping[str, Version]) -> bool:
        self._seen = (self._seen[1], stamp(self.directory))
        try:
            now = dict(sorted(stamps(self.directory, SUFFIXES)))
        except OSError as error:
            return self._without_looking(known, error)
        self.unreadable = None
        if len(now) == len(self._files) and all(
            name in self._files and self._files[name].stamp == stamp for name, stamp in now.items()
        ):
            return False
        read = dict[str, Version]()
        gone = self._files.keys() | known.keys()
        self._files = {name: self._file(name, stamp, known.get(name), read) for name, stamp in now.items()}
        self._file_names = list(self._files)
        self._last_good.store(read, gone - self._files.keys())
        self._gather()
        return True

    def _without_looking(self, known: Mapping[str, Version], error: OSError) -> bool:
        """Continue with what is known; return whether that is new."""
        self.unreadable, self._seen = SourcesUnreadable(self.directory, error), (None, None)
        if self._files or not known:
            return False
        self._files = {name: _File(version.stamp, version.described(), None) for name, version in known.items()}
        self._gather()
        return True

    def _file(self, name: str, stamp: Stamp, known: Version | None, read: dict[str, Version]) -> _File:
        """Read a file, unless its stamp is that of the version before or of the one that is known."""
        before = self._files.get(name)
        if before and before.stamp == stamp:
            return before
        if known and known.stamp == stamp and (good := known.described()):
            if known.rules != rules():
                read[name] = known.renewed(good)
            return _File(stamp, good, None)
        return self._read(name, stamp, before.described if before else known and known.described(), read)

    def _read(self, name: str, stamp: Stamp, before: DescribedSources | None, read: dict[str, Version]) -> _File:
        """Read a file; where it has a mistake, what it described `before` counts."""
        file = self.directory / name
        try:
            text = read_file(file)
            document = read_document(text, file)
            sources = sources_in(document)
        except ConfigError as error:
            return _File(stamp, before, error)
        read[name] = version = version_of(stamp, document.data, text, sources)
        return _File(stamp, version.described(), None)

    def _gather(self) -> None:
        owners, errors = dict[str, Owner](), list[ConfigError]()
        for owner, name in self._in_order():
            if name in owners:
                errors.append(_twice(name, owners[name].file, self.directory / owner.file))
            else:
                owners[name] = owner
        errors += [seen.error for seen in self._files.values() if seen.error]
        self._good, self._errors = ValidSources(dict(sorted(owners.items())), self._built), tuple(errors)
        self._names, self._outlines = tuple(self._good), None
        self.version += 1

    def _in_order(self) -> list[tuple[Owner, str]]:
        """Return the sources by file, first those that keep their file: a copy does not take a source over."""
        owners = (Owner(file, seen.described) for file, seen in self._files.items() if seen.described)
        all_of_them = [(owner, name) for owner in owners for name in owner.described.names]
        before = self._good.owners
        return sorted(all_of_them, key=lambda found: found[1] not in before or before[found[1]].file != found[0].file)

    def _built(self, owner: Owner) -> Sequence[Source]:
        try:
            return owner.described.sources()
        except ConfigError:
            self._read_again(owner.file)
            return ()

    def _of_each_file(self, view: Callable[[DescribedSources], list[View]]) -> Sequence[View]:
        found = [one for file in list(self._files) for one in self._views_of(file, view)]
        return sorted(found, key=attrgetter("name"))

    def _views_of(self, file: str, view: Callable[[DescribedSources], list[View]]) -> list[View]:
        described = self._files[file].described
        try:
            found = view(described) if described else []
        except ValueError:
            self._read_again(file)
            return []
        return [one for one in found if self._good.owners[one.name].file == file]

    def _read_again(self, file: str) -> None:
        """Read a file that was valid and is not any more: what it describes is gone, and its mistake is reported."""
        with self._reading:
            if file in self._files:
                self._files[file] = self._read(file, self._files[file].stamp, None, {})
                self._gather()


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
