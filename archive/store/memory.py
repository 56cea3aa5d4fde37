"""A store in memory, for tests and for reading a WARC without storing it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime
from threading import Lock
from typing import BinaryIO

from archive.store.protocol import Stat, Stored
from archive.values.digest import Sha256, sha256
from archive.values.errors import IntegrityError, ObjectNotFound
from archive.warc.keys import check_key


class MemoryStore:
    """Objects in a dict."""

    def __init__(self) -> None:
        self._objects: dict[str, bytes] = {}
        self._lock = Lock()

    def put(self, key: str, body: BinaryIO, digest: Sha256, *, replace: bool = False) -> Stored:
        check_key(key)
        content = body.read()
        if sha256(content) != digest:
            raise IntegrityError(f"the bytes for {key} have the SHA-256 {sha256(content)}, not {digest}")
        with self._lock:
            if self._objects.setdefault(key, content) != content:
                if not replace:
                    raise IntegrityError(f"the store holds other bytes under {key}")
                self._objects[key] = content
        return Stored(len(content), digest)

    def get(self, key: str, offset: int = 0, length: int | None = None) -> BinaryIO:
        content = self._objects.get(check_key(key))
        if content is None:
            raise ObjectNotFound(key)
        return io.BytesIO(content[offset:] if length is None else content[offset : offset + length])

    def stat(self, key: str) -> Stat | None:
        content = self._objects.get(check_key(key))
        return None if content is None else Stat(len(content))

    def size(self, key: str) -> int | None:
        stat = self.stat(key)
        return None if stat is None else stat.size

    def keys(self, prefix: str = "") -> Iterator[str]:
        with self._lock:
            yield from sorted(key for key in self._objects if key.startswith(prefix))

    def delete(self, key: str) -> None:
        with self._lock:
            self._objects.pop(key, None)

    def abort_unfinished(self, before: datetime) -> int:
        return 0  # uploads in memory are never unfinished

    def silence(self, now: datetime) -> str | None:
        return None

    def close(self) -> None:
        """Do nothing: no resource is open."""
