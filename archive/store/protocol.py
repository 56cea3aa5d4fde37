"""The protocol of a store: immutable objects under slash-separated keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol, runtime_checkable

from archive.values.digest import Sha256


@dataclass(frozen=True, slots=True)
class Stored:
    """The facts of a stored object, and what the store should report about it from now on."""

    size: int
    sha256: Sha256
    etag: str | None = None
    parts: int = 1
    """The number of parts of its upload; several mean a multipart upload."""
    checksum: str | None = None
    """The checksum that the store should report: SHA-256 in base64, with ``-N`` for N parts."""


@dataclass(frozen=True, slots=True)
class Stat:
    """What the store reports about an object."""

    size: int
    etag: str | None = None
    checksum: str | None = None
    """In the form of `Stored.checksum`; None if the store reports none that it computed itself."""
    at: datetime | None = None
    """When it was put."""
    framed: bool = False
    """Whether the framing of the upload (``aws-chunked``) was stored as content."""


@runtime_checkable
class Guarded(Protocol):
    """A store that is looked at before anything is written there."""

    before_writing: Callable[[], None]
    """Called before an object is written or deleted. Raises StoreError where neither may be done."""


@runtime_checkable
class Versioned(Protocol):
    """A store that may keep former versions of objects."""

    def delete_versions(self, key: str) -> None:
        """Delete all versions of an object. Raises StoreError if the store does not let us."""


class ObjectStore(Protocol):
    """Immutable objects under slash-separated keys (`archive.warc.keys.check_key`).

    All methods may raise StoreError: StoreUnreachable (try later), StoreDenied (credentials), IntegrityError, or
    StoreError itself (wrong settings).
    Several threads may call them.
    """

    def put(self, key: str, body: BinaryIO, digest: Sha256, *, replace: bool = False) -> Stored:
        """Store the rest of the seekable file `body`, with the SHA-256 `digest`, under `key`.

        This is atomic, and repeating it is harmless. Raises IntegrityError if `body` does not match `digest`, or if
        the key already holds other bytes. With `replace`, it replaces those, to repair a damaged object.
        """

    def get(self, key: str, offset: int = 0, length: int | None = None) -> BinaryIO:
        """Open a range of bytes, shorter if the object ends before. The caller closes it. Raises ObjectNotFound."""

    def stat(self, key: str) -> Stat | None:
        """Return what the store reports about an object; None if it does not exist."""

    def size(self, key: str) -> int | None:
        """Return the size of an object in bytes; None if it does not exist."""

    def keys(self, prefix: str = "") -> Iterator[str]:
        """Yield the keys that begin with `prefix`, sorted. Names that are not valid keys are foreign, and skipped."""

    def delete(self, key: str) -> None:
        """Delete an object for good. A missing object is not an error."""

    def abort_unfinished(self, before: datetime) -> int:
        """Abandon unfinished uploads that began before that time; return their number."""

    def silence(self, now: datetime) -> str | None:
        """Return since when a call has waited for a response, as a sentence; None if no call has waited long."""

    def close(self) -> None:
        """Close the connections. The store can't be used after that."""
