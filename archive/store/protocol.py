"""What a store is: immutable objects under slash-separated keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol

from archive.values.digest import Sha256


@dataclass(frozen=True, slots=True)
class Stored:
    """What was put: the facts of the bytes, and what the store should say of them from now on."""

    size: int
    sha256: Sha256
    etag: str | None = None
    parts: int = 1
    """In how many parts it was uploaded; more than one is a multipart upload."""
    checksum: str | None = None
    """The checksum that the store should report: SHA-256 in base64, ``…-N`` when it is composed of N parts."""


@dataclass(frozen=True, slots=True)
class Stat:
    """What the store says of an object that it has."""

    size: int
    etag: str | None = None
    checksum: str | None = None
    """In the form of `Stored.checksum`; None when the store reports none, or none that it has computed itself."""
    at: datetime | None = None
    """When it was put."""
    framed: bool = False
    """Whether the framing of the upload (``aws-chunked``) was stored as if it were content."""


class ObjectStore(Protocol):
    """Immutable objects under slash-separated keys (`archive.warc.keys.check_key`).

    All methods may raise StoreError: StoreUnreachable (later), StoreDenied (credentials), IntegrityError, or itself
    (what was set does not fit the store).
    All may be called from several threads.
    """

    def put(self, key: str, body: BinaryIO, digest: Sha256, *, replace: bool = False) -> Stored:
        """Keep the rest of the seekable file `body`, whose SHA-256 is `digest`, under `key`.

        Whole or not at all; again is harmless. Raises IntegrityError when `body` is not what `digest` says, or when
        the key holds other bytes already; with `replace`, those are replaced: the repair of a damaged object.
        """

    def get(self, key: str, offset: int = 0, length: int | None = None) -> BinaryIO:
        """Open those bytes, fewer if the object ends before. The caller closes. Raises ObjectNotFound."""

    def stat(self, key: str) -> Stat | None:
        """What the store says of that object, or None if there is none."""

    def size(self, key: str) -> int | None:
        """Octets of that object, or None if there is none."""

    def keys(self, prefix: str = "") -> Iterator[str]:
        """The keys that begin with `prefix`, sorted. Names that are no keys are somebody else's, and left out."""

    def delete(self, key: str) -> None:
        """Remove an object for good. One that is not there is removed already."""

    def sweep(self, before: datetime) -> int:
        """Abandon uploads that began before that moment and never ended; how many there were."""

    def silence(self, now: datetime) -> str | None:
        """Since when a call waits for an answer, as a sentence; None when none has waited for some seconds."""

    def close(self) -> None:
        """Let go of connections. The store is of no use after that."""
