"""The index of a backup: its files, with their digests. See docs/formats/backup.md.

A backup is an index and the objects that it names. Files with the same content are one object, also of several backups.
The index is put last: a backup without one does not count.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath

from archive.store import ObjectStore
from archive.store.object_reader import octets_of
from archive.values.digest import Sha256, sha256
from archive.values.errors import ArchiveError, IntegrityError, ObjectNotFound

Progress = Callable[[int, int], None]
"""Gets the number of copied files and objects, and of all."""

FORMAT = "pressmark-backup-1"
BACKUPS = "backup/v1/"
_KEY = re.compile(rf"{BACKUPS}(\d{{8}}T\d{{6}}Z)-([0-9a-f]{{64}})\.json")


class NoBackup(ArchiveError):
    """There is no complete backup, or the settings do not suit it."""


class HomeNotEmpty(ArchiveError):
    """A backup is restored into an empty home only."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of the home."""

    path: str
    """Relative to the home, with slashes."""
    size: int
    sha256: Sha256


@dataclass(frozen=True, slots=True)
class Index:
    at: datetime
    software: str
    files: tuple[File, ...]
    left_out: tuple[str, ...]
    """What the backup does not have, as sentences."""
    has_store: bool
    """Whether the objects of the store are beside it, under their own keys."""

    def to_bytes(self) -> bytes:
        fields = {"format": FORMAT, **asdict(self), "at": self.at.astimezone(UTC).isoformat()}
        return json.dumps(fields, sort_keys=True, indent=1).encode() + b"\n"

    @property
    def key(self) -> str:
        return f"{BACKUPS}{self.at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{sha256(self.to_bytes())}.json"

    @staticmethod
    def parse(content: bytes, key: str) -> Index:
        """Parse the index under a key. Raises IntegrityError if it is damaged, or of another format."""
        found = _KEY.fullmatch(key)
        if found is None or sha256(content) != found[2]:
            raise IntegrityError(f"the backup {key} is damaged: its SHA-256 is {sha256(content)}")
        return Index.of(content, key)

    @staticmethod
    def of(content: bytes, name: str = "being restored") -> Index:
        """Parse an index. Raises IntegrityError if it is damaged, or of another format."""
        try:
            fields = json.loads(content)
            if (form := fields.pop("format")) != FORMAT:
                raise IntegrityError(f"the backup {name} has the format {form!r}; this version reads {FORMAT}")
            files = tuple(File(**entry) for entry in fields["files"])
            left = tuple(fields["left_out"])
            return Index(datetime.fromisoformat(fields["at"]), fields["software"], files, left, fields["has_store"])
        except (ValueError, KeyError, TypeError) as error:
            raise IntegrityError(f"the backup {name} is damaged: {type(error).__name__}: {error}") from error


def object_key(digest: Sha256) -> str:
    """Return the key of the content of a file."""
    return f"{BACKUPS}file/{digest[:2]}/{digest}"


def is_inside(path: str) -> bool:
    """Return whether a path of an index is below the home, and not hidden at its top."""
    parts = PurePosixPath(path).parts
    return bool(parts) and not path.startswith("/") and ".." not in parts and "\\" not in path and "\0" not in path


def index_keys(target: ObjectStore) -> list[str]:
    """Return the keys of the backups in a target, oldest first. Raises StoreError."""
    return [key for key in target.keys(BACKUPS) if _KEY.fullmatch(key)]


def newest_index(target: ObjectStore) -> Index | None:
    """Return the newest backup; None if there is none. Raises IntegrityError, StoreError."""
    key = max(index_keys(target), default=None)
    return None if key is None else Index.parse(octets_of(target, key), key)


def last_files(target: ObjectStore) -> dict[str, File]:
    """Return the files of the newest backup whose index is intact, by path; none without one. Raises StoreError."""
    for key in sorted(index_keys(target), reverse=True):
        with suppress(IntegrityError, ObjectNotFound):
            return {file.path: file for file in Index.parse(octets_of(target, key), key).files}
    return {}
