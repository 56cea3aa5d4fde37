"""The versions of source files in a database that several machines share: the latest of each file counts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, Select, func, insert, select

from archive.database.engine import Database
from archive.database.schema import source_versions
from archive.values.digest import sha256
from config.load import is_file_name

_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class FileText:
    """What a source file is to say."""

    file: str
    """The name of the file."""
    text: str | None
    """None if it is to be deleted."""
    configs: Mapping[str, str]
    """The `config_hash` of each source in it, by name: what a run of this version records."""

    @property
    def digest(self) -> str | None:
        """SHA-256 of the text; None without one."""
        return None if self.text is None else sha256(self.text.encode())


@dataclass(frozen=True, slots=True)
class SourceVersion:
    """A version of a source file, without its text."""

    number: int
    file: str
    digest: str | None
    """SHA-256 of the text; None if the file was deleted."""
    configs: Mapping[str, str]
    at: datetime
    by: str
    """Who wrote it, as in the audit trail."""


class VersionReplaced(Exception):
    """Another machine has written a version of a file that the caller does not know."""

    def __init__(self, file: str) -> None:
        super().__init__(f"{file} was changed on another machine meanwhile")
        self.file = file


_COLUMNS = tuple(source_versions.c[name] for name in ("number", "file", "sha256", "configs", "at", "by"))


class SourceVersions:
    def __init__(self, database: Database, *, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now

    def newest(self) -> int:
        """Return the number of the newest version of all; 0 without any. Raises DatabaseUnusable."""
        with self._database.reading() as connection:
            return connection.execute(select(func.max(source_versions.c.number))).scalar_one() or 0

    def latest(self, since: int = 0) -> Iterator[SourceVersion]:
        """Yield the latest version of each file that has one after the number `since`."""
        newest = select(func.max(source_versions.c.number)).where(source_versions.c.number > since)
        query = select(*_COLUMNS).where(source_versions.c.number.in_(newest.group_by(source_versions.c.file)))
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(source_versions.c.file).execution_options(yield_per=_AT_ONCE))
            yield from map(_version_of, rows)

    def latest_of(self, file: str) -> SourceVersion | None:
        """Return the latest version of a file; None without any."""
        query = select(*_COLUMNS).where(source_versions.c.file == file).order_by(source_versions.c.number.desc())
        with self._database.reading() as connection:
            row = connection.execute(query.limit(1)).first()
        return None if row is None else _version_of(row)

    def latest_of_each(self, files: Sequence[str]) -> dict[str, SourceVersion]:
        """Return the latest version of each of these files that has one."""
        found = dict[str, SourceVersion]()
        with self._database.reading() as connection:
            for first in range(0, len(files), _AT_ONCE):
                query = select(*_COLUMNS).where(source_versions.c.number.in_(_newest(files[first : first + _AT_ONCE])))
                found |= {row.file: _version_of(row) for row in connection.execute(query)}
        return found

    def text(self, number: int) -> str | None:
        """Return the text of a version; None if it deletes its file."""
        return self.texts([number])[number]

    def texts(self, numbers: Sequence[int]) -> dict[int, str | None]:
        """Return the texts of some versions by number; None for one that deletes its file."""
        query = select(source_versions.c.number, source_versions.c.text)
        with self._database.reading() as connection:
            return {
                row.number: row.text
                for first in range(0, len(numbers), _AT_ONCE)
                for row in connection.execute(
                    query.where(source_versions.c.number.in_(numbers[first : first + _AT_ONCE]))
                )
            }

    def has(self, file: str, digest: str) -> bool:
        """Return whether a version of a file has a text of this SHA-256."""
        same = source_versions.c.file == file, source_versions.c.sha256 == digest
        with self._database.reading() as connection:
            return connection.execute(select(source_versions.c.number).where(*same).limit(1)).first() is not None

    def of_source(self, name: str, limit: int) -> Sequence[SourceVersion]:
        """Return the versions of the file that describes a source, or described it last, newest first."""
        query = select(*_COLUMNS).order_by(source_versions.c.number.desc()).limit(limit)
        with self._database.reading() as connection:
            file = connection.execute(_file_of(name)).scalar()
            rows = connection.execute(query.where(source_versions.c.file == file)).all()
        return list(map(_version_of, rows))

    def put(self, texts: Iterable[FileText], by: str, known: Mapping[str, str | None]) -> None:
        """Write those versions that differ from the latest ones, all or none.

        `known` are the digests that the caller takes for the latest, by file; None, or no entry, for no text. Raises
        VersionReplaced where it is wrong, DatabaseUnusable, and ValueError for what can't be the name of a source file.
        """
        given = list(texts)
        for one in given:
            if not is_file_name(one.file):
                raise ValueError(f"{one.file!r} is not the name of a source file")
        with self._database.writing() as connection:
            for first in range(0, len(given), _AT_ONCE):
                self._put(connection, given[first : first + _AT_ONCE], by, known)

    def _put(self, connection: Connection, given: Sequence[FileText], by: str, known: Mapping[str, str | None]) -> None:
        latest = _digests(connection, [one.file for one in given])
        rows = []
        for new in given:
            before = latest.get(new.file)
            if new.digest == before:
                continue
            if known.get(new.file) != before:
                raise VersionReplaced(new.file)
            latest[new.file] = new.digest
            values = {"file": new.file, "text": new.text, "sha256": new.digest, "at": self._now(), "by": by}
            rows.append({**values, "configs": json.dumps(dict(new.configs))})
        if rows:
            connection.execute(insert(source_versions), rows)


def _digests(connection: Connection, files: Sequence[str]) -> dict[str, str | None]:
    """Return the SHA-256 of the latest text of each file that has a version."""
    query = select(source_versions.c.file, source_versions.c.sha256)
    query = query.where(source_versions.c.number.in_(_newest(files)))
    return {row.file: row.sha256 for row in connection.execute(query)}


def _newest(files: Sequence[str]) -> Select[tuple[int]]:
    """Return the query of the number of the latest version of each file."""
    query = select(func.max(source_versions.c.number)).where(source_versions.c.file.in_(files))
    return query.group_by(source_versions.c.file)


def _file_of(name: str) -> Select[tuple[str]]:
    described = source_versions.c.configs.contains(json.dumps(name) + ":", autoescape=True)
    return select(source_versions.c.file).where(described).order_by(source_versions.c.number.desc()).limit(1)


def _version_of(row: Row[tuple[int, str, str | None, str, datetime, str]]) -> SourceVersion:
    return SourceVersion(row.number, row.file, row.sha256, json.loads(row.configs), row.at, row.by)
