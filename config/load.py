"""From HOME/sources/*.yaml to sources: every mistake reported, every good version kept."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from config.document import read_file
from config.errors import ConfigError, Problem, did_you_mean
from config.parse import line_of, load_file, load_source, parse_sources
from config.source import Source
from config.write import write_text

__all__ = ["ConfigError", "Sources", "UnknownSource", "load_file", "load_source", "load_sources", "parse_sources"]

_SUFFIXES = (".yaml", ".yml")
_REMEMBERED = ".good"


class UnknownSource(ConfigError):
    def __init__(self, name: str, known: Mapping[str, Source]) -> None:
        super().__init__(Problem(f"no source named {name!r}", suggestion=did_you_mean(name, known)))
        self.name = name


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
        self._reading = threading.Lock()
        self.version = 0
        """Grows with each change that was read, whoever asked for it."""
        self.reload()

    @property
    def good(self) -> Mapping[str, Source]:
        return MappingProxyType(self._good)

    @property
    def errors(self) -> tuple[ConfigError, ...]:
        """One for each file that is not good as it stands."""
        return self._errors

    def get(self, name: str) -> Source:
        """Raises UnknownSource, or the ConfigError of its file when that was never good."""
        try:
            return self._good[name]
        except KeyError:
            of_it = (error for error in self._errors if error.file and error.file.stem == name)
            raise next(of_it, UnknownSource(name, self._good)) from None

    def file_of(self, name: str) -> Path:
        """The file that describes a source. Raises UnknownSource."""
        self.get(name)
        return self._owners[name]

    def __iter__(self) -> Iterator[Source]:
        return iter(sorted(self._good.values(), key=lambda source: source.name))

    def __len__(self) -> int:
        return len(self._good)

    def reload(self) -> bool:
        """Read what has changed since; True if anything has. Costs a stat a file when nothing has.

        Any thread may call it.
        """
        with self._reading:
            stamps = dict(self._stamps())
            if {file: seen.stamp for file, seen in self._files.items()} == stamps:
                return False
            self._files = {file: self._read(file, stamp) for file, stamp in sorted(stamps.items())}
            self._forget_the_removed()
            self._gather()
            self.version += 1
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

    def _forget_the_removed(self) -> None:
        here = {file.name for file in self._files}
        try:
            for kept in (self.directory / _REMEMBERED).glob("*"):
                if kept.name not in here:
                    kept.unlink()
        except OSError:
            return

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
                errors.append(_twice(name, owners[name], file))
            else:
                good[name], owners[name] = source, file
        errors += [seen.error for seen in self._files.values() if seen.error]
        self._good, self._owners, self._errors = good, owners, tuple(errors)

    def _in_order(self) -> list[tuple[Path, str, Source]]:
        """By file, but the file that described a source until now comes first: a copy does not take it over."""
        all_of_them = [(file, source.name, source) for file, seen in self._files.items() for source in seen.sources]
        return sorted(all_of_them, key=lambda found: (self._owners.get(found[1]) != found[0], found[0]))


def _twice(name: str, owner: Path, file: Path) -> ConfigError:
    told, hint = f"{owner.name} already defines a source {name!r}", "rename one of them"
    try:
        line = line_of(file, name)
    except ConfigError:  # it counts as it was when it was last good
        line = None
    return ConfigError(Problem(told, "source", suggestion=hint, file=file, line=line))


def load_sources(directory: Path) -> Sources:
    """The sources of a directory; its `errors` tell what is wrong, and nothing is raised."""
    return Sources(directory)
