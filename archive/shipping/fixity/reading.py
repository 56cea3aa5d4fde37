"""Read a copy of an object in full, at a bounded rate, and compare it with its digest."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import BinaryIO

from archive.index.objects import ObjectRow, Outcome
from archive.store import ObjectStore
from archive.store.object_reader import opened
from archive.values.digest import Sha256
from archive.values.errors import IntegrityError, ObjectNotFound
from archive.warc.integrity.lineage import not_under
from archive.warc.keys import is_stamp_of_key
from archive.warc.manifest import Manifest

_BLOCK = 1 << 20


class Interrupted(Exception):
    """The reading was stopped. What was read before counts."""


class Meter:
    """Bounds the bytes that are read in a second, and counts them."""

    def __init__(
        self,
        rate: int | None = None,
        *,
        wait: Callable[[float], object] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        """Create it for `rate` bytes per second; None: as fast as possible."""
        self._rate, self._wait, self._monotonic, self._stopped = rate, wait, monotonic, stopped
        self._free_at = monotonic()
        self.size = 0

    def passed(self, size: int) -> None:
        """Count bytes, and wait as long as they may take. Raises Interrupted."""
        self.size += size
        if self._stopped():
            raise Interrupted
        if self._rate:
            now = self._monotonic()
            self._free_at = max(self._free_at, now - 1) + size / self._rate
            if (left := self._free_at - now) > 0:
                self._wait(left)


@dataclass(frozen=True, slots=True)
class Found:
    """What was read of a copy."""

    outcome: Outcome
    note: str | None = None
    sha256: Sha256 | None = None
    size: int | None = None
    manifest: Manifest | None = None


def read_copy(store: ObjectStore, row: ObjectRow, meter: Meter) -> Found:
    """Read a copy. Raises StoreError if the store does not respond or refuses, and Interrupted."""
    try:
        with closing(opened(store, row.key)) as file:
            if row.is_manifest:
                return _manifest(file, row, meter)
            return _stamp(file, row, meter) if row.sha256 is None else _object(file, row, meter)
    except ObjectNotFound:
        return Found("missing", f"{row.key} is missing")
    except IntegrityError as error:
        return Found("unreadable", str(error))


def digest_of(file: BinaryIO, meter: Meter, into: BinaryIO | None = None) -> tuple[Sha256, int]:
    """Return the SHA-256 and the size of a file, and copy it into another one. Raises Interrupted."""
    whole, size = hashlib.sha256(), 0
    while block := file.read(_BLOCK):
        whole.update(block)
        size += len(block)
        if into is not None:
            into.write(block)
        meter.passed(len(block))
    return Sha256(whole.hexdigest()), size


def _object(file: BinaryIO, row: ObjectRow, meter: Meter) -> Found:
    digest, size = digest_of(file, meter)
    if digest != row.sha256:
        return Found("damaged", f"the SHA-256 of {row.key} is {digest}, not {row.sha256}", digest, size)
    return Found("ok", None, digest, size)


def _stamp(file: BinaryIO, row: ObjectRow, meter: Meter) -> Found:
    """Check a time stamp of which only the key is known: it must name the root in its key."""
    content = file.read()
    meter.passed(len(content))
    digest = Sha256(hashlib.sha256(content).hexdigest())
    if not is_stamp_of_key(content, row.key):
        return Found("damaged", f"{row.key} is not the time stamp of the root in its key", digest, len(content))
    return Found("ok", None, digest, len(content))


def _manifest(file: BinaryIO, row: ObjectRow, meter: Meter) -> Found:
    """Check a manifest: its canonical form has a digest, so that it can be checked if only its key is known."""
    content = file.read()
    meter.passed(len(content))
    digest = Sha256(hashlib.sha256(content).hexdigest())
    try:
        manifest = Manifest.parse(content, row.key)
    except IntegrityError as error:
        return Found("damaged", str(error), digest, len(content))
    if row.sha256 is not None and digest != row.sha256:
        return Found("damaged", f"the SHA-256 of {row.key} is {digest}, not {row.sha256}", digest, len(content))
    if misplaced := next(iter(not_under(row.key, manifest)), None):
        return Found("damaged", misplaced.sentence, digest, len(content))
    return Found("ok", None, digest, len(content), manifest)
