"""The sources of machines that share a database: it has each version of each file, and their files follow it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence, Set
from contextlib import suppress
from math import inf
from pathlib import Path

from archive.values.digest import sha256
from archive.values.errors import DatabaseUnusable
from config.errors import ConfigError, Problem, SourcesUnreadable
from config.files.atomic_write import write_bytes, write_text, write_texts
from config.files.document import read_document, read_if_there
from config.files.stamp import Stamp, stamps
from config.load import SUFFIXES, Sources, is_file_name
from config.source import Source
from config.source_files.editing import ChangedElsewhere, former_of, kept_of
from config.source_files.followed import Followed
from config.source_files.parse import sources_in
from scheduler.ledger.source_versions import FileText, SourceVersion, SourceVersions, VersionReplaced

log = logging.getLogger(__name__)

_FEW, _AT_ONCE = 20, 1_000
"""More files than a few are written together, up to so many."""
_LOOK_EVERY = 1.0
"""Seconds between two looks for versions of other machines. Before each run the database is asked anyway."""


class SharedSources(Sources):
    """The sources of a home that shares its database.

    A file of which the database has a version says what the latest one says: what is changed by hand is put back. Files
    without a version are those of this machine alone. A text that a version replaces and that no version has is kept
    for good, under a name of its own.
    """

    def __init__(
        self, directory: Path, versions: SourceVersions, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._versions, self._monotonic = versions, monotonic
        self._latest: dict[str, SourceVersion] = {}
        """The latest version of each file, as far as we know."""
        self._followed = 0
        """The number of the newest version of all that we know."""
        self._here = Followed(directory)
        """What this machine had followed before."""
        self._behind: dict[str, ConfigError] = {}
        """Why files can't say what their latest version says."""
        self._stamped: dict[str, Stamp] = {}
        """The stamps of the files when they last said what their latest version says."""
        self._compared = (-1, -1)
        """The newest version, and the version of the files, that were last found to agree."""
        self._next_look_at = -inf
        super().__init__(directory)
        self.reload()

    @property
    def errors(self) -> tuple[ConfigError, ...]:
        return *super().errors, *self._behind.values()

    def poll(self, at_most: int = 100) -> bool:
        with self._reading:
            changed = self._try_to_follow() if self._monotonic() >= self._next_look_at else False
            return super().poll(at_most) or changed

    def reload(self) -> bool:
        with self._reading:
            changed = super().reload()
            return self._try_to_follow() or changed

    def refresh(self, name: str) -> Source:
        """Return a source by the latest version of all machines.

        Raises like `get`, DatabaseUnusable, and ConfigError if this machine can't write or read the latest version of
        its file: a run never begins with a version that another machine has replaced.
        """
        with self._reading:
            try:
                self._follow()
                seen = self.version
                with suppress(ConfigError):  # a shared file that was removed by hand is put back
                    super().refresh(name)
                if self.version != seen:  # the file was changed by hand
                    self._follow()
            except OSError as error:
                raise SourcesUnreadable(self.directory, error) from None
            source = self.get(name)
            if problem := self.hindrance(name):
                raise problem
            return source

    def hindrance(self, name: str) -> ConfigError | None:
        with self._reading:
            owner = self._good.owners.get(name)
            if owner is None or owner.file not in self._latest:
                return None
            return self._behind.get(owner.file) or self._files[owner.file].error

    def publish(self, texts: Sequence[tuple[str, str | None]], by: str, before: Mapping[str, str | None]) -> None:
        described = [_described(file, text) for file, text in texts]
        with self._reading:  # another thread may have followed another machine since the texts `before` were read
            self._follow()
            for file, _ in texts:
                self._check_unchanged(file, before.get(file))
            known = {file: version.digest for file, version in self._latest.items()}
            try:
                self._versions.put(described, by, known)
            except VersionReplaced as error:
                raise ChangedElsewhere(error.file) from None

    def _check_unchanged(self, file: str, before: str | None) -> None:
        if problem := self._behind.get(file):
            raise problem
        if read_if_there(self.directory / file) != before:
            raise ChangedElsewhere(file)

    def _try_to_follow(self) -> bool:
        """Follow the versions in the database; without it, or where no file can be written, keep what is known."""
        try:
            return self._follow()
        except (DatabaseUnusable, OSError) as error:
            log.warning("the sources of other machines can't be followed now", extra={"reason": str(error)})
            return False
        finally:
            self._next_look_at = self._monotonic() + _LOOK_EVERY

    def _follow(self) -> bool:
        """Make the files say what the latest versions say; return whether any file was written."""
        newest = self._versions.newest()
        if (newest, self.version) == self._compared:
            return False
        found = {version.file: version for version in self._versions.latest(self._followed)}
        self._followed = max((version.number for version in found.values()), default=self._followed)
        self._latest |= {file: version for file, version in found.items() if _is_for_a_source(version)}
        self._stamped = {file: stamp for file, stamp in self._stamped.items() if file not in found}
        seen = dict(stamps(self.directory, SUFFIXES)) if self._latest else {}
        behind, self._behind = self._behind, {}
        others = [one for one in self._latest.values() if self._says_another(one, seen.get(one.file), behind)]
        written = self._write_all(others, behind)
        self._here.note({file: one.number for file, one in self._latest.items() if file not in self._behind})
        if written:
            super().reload()
        elif not self._behind:  # what was written is compared once more: then its stamp is known
            self._compared = self._followed, self.version
        return written > 0

    def _says_another(self, version: SourceVersion, stamp: Stamp | None, behind: Mapping[str, ConfigError]) -> bool:
        """Return whether a file must be written, as it does not say what this version says. Keep what it says."""
        if stamp is None:
            return version.digest is not None
        if stamp == self._stamped.get(version.file):
            return False
        file = self.directory / version.file
        try:
            before = file.read_bytes()
            if version.digest == sha256(before) or self._is_own(version, before):
                self._stamped[version.file] = stamp
                return False
            self._keep(file, before)
        except OSError as error:
            self._stay_behind(version, error, behind)
            return False
        return True

    def _stay_behind(self, version: SourceVersion, error: OSError, behind: Mapping[str, ConfigError]) -> None:
        """Note a file that can't be read or written; what was `behind` before is not logged again."""
        told = f"version {version.number} of the file can't be written: {error.strerror}"
        self._behind[version.file] = ConfigError(Problem(told, file=self.directory / version.file))
        if version.file not in behind:
            log.warning("a source file can't follow the database", extra={"file": version.file, "reason": told})

    def _write_all(self, versions: Sequence[SourceVersion], behind: Mapping[str, ConfigError]) -> int:
        """Have files say what these versions say; return how many do now."""
        written = 0
        for first in range(0, len(versions), _AT_ONCE):
            part = versions[first : first + _AT_ONCE]
            texts = self._versions.texts([one.number for one in part])
            together = self._written_together(part, texts)
            written += len(together)
            for version in part:
                if version.file in together:
                    continue
                try:
                    self._write(self.directory / version.file, version, texts[version.number])
                except OSError as error:
                    self._stay_behind(version, error, behind)
                else:
                    written += 1
        return written

    def _written_together(self, versions: Sequence[SourceVersion], texts: Mapping[int, str | None]) -> Set[str]:
        """Write many files at once; return their names. Where that fails there are none: each is tried alone."""
        said = {one.file: text for one in versions if (text := texts[one.number]) is not None}
        if len(said) <= _FEW:
            return frozenset()
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            write_texts(self.directory, said)
        except OSError:
            return frozenset()
        log.info("source files follow the database", extra={"files": len(said)})
        return said.keys()

    def _is_own(self, version: SourceVersion, text: bytes) -> bool:
        """Return whether a file whose shared one was deleted is a new one, of this machine alone.

        So it is where this machine has deleted the shared one before, or never had it.
        """
        if version.digest is not None or self._here.get(version.file) not in (None, version.number):
            return False
        return not self._versions.has(version.file, sha256(text))

    def _write(self, file: Path, version: SourceVersion, text: str | None) -> None:
        if text is None:
            file.unlink(missing_ok=True)
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            write_text(file, text)
        log.info("a source file follows the database", extra={"file": file.name, "version": version.number})

    def _keep(self, file: Path, before: bytes) -> None:
        """Keep the text that a version replaces, as the one before the last change; for good, if no version has it."""
        former = former_of(file)
        former.parent.mkdir(parents=True, exist_ok=True)
        if not self._versions.has(file.name, sha256(before)):
            kept = kept_of(file, before)
            write_bytes(kept, before)
            told = "a version of another machine replaces a text that no machine shared; the text is kept"
            log.warning(told, extra={"file": file.name, "kept": str(kept)})
        with suppress(UnicodeDecodeError):
            write_text(former, before.decode())


def _is_for_a_source(version: SourceVersion) -> bool:
    """Return whether a version is of a file of the directory of sources; no other file is written or deleted."""
    if is_file_name(version.file):
        return True
    log.warning("a version in the database is of no source file, and is left out", extra={"file": version.file})
    return False


def _described(file: str, text: str | None) -> FileText:
    sources = sources_in(read_document(text)) if text is not None else ()
    return FileText(file, text, {source.name: source.config_hash for source in sources})
