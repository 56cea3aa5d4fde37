"""The items of users' spiders, as JSON Lines: in the home until the store has them, then in the store.

Each line is an object with `item`, the `url` of the response that it comes from, and the ids of its `records` in the
WARC. Without the spider, items can't be derived from the WARC, so the store has the only copy.
"""

from __future__ import annotations

import io
import logging
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from archive.values.digest import sha256_file
from archive.values.errors import StoreError
from archive.warc.keys import ITEMS, escaped, items_key

if TYPE_CHECKING:
    from archive.store import ObjectStore

logger = logging.getLogger(__name__)

_LEVEL = 10
_IN_MEMORY = 8 << 20


def items_file(directory: Path, collection: str, run: str) -> Path:
    """Return the file in which the items of a run wait for the store."""
    return directory / collection / f"{run}.jsonl"


class Items:
    """The items of all runs."""

    def __init__(self, directory: Path, store: ObjectStore) -> None:
        self._directory, self._store = directory, store

    def ship(self) -> int:
        """Put waiting items into the store, and return the number of runs. Items that it refuses keep waiting."""
        shipped = 0
        for file in sorted(self._directory.glob("*/*.jsonl")):
            try:
                self._put(file)
            except StoreError as error:
                logger.info("the items of a run could not be put", extra={"run": file.stem, "reason": str(error)})
                continue
            file.unlink()
            shipped += 1
        return shipped

    def of(self, run: str) -> Iterator[bytes]:
        """Yield the lines of a run; none if it has no items. Raises StoreError."""
        waiting = next(self._directory.glob(f"*/{escaped(run)}.jsonl"), None)
        if waiting is not None:
            with waiting.open("rb") as file:
                yield from file
        elif (key := self._key(run)) is not None:
            yield from self._read(key)

    def runs(self) -> set[str]:
        """Return the runs that have items, in the home or in the store, as written in keys. Raises StoreError."""
        waiting = {escaped(file.stem) for file in self._directory.glob("*/*.jsonl")}
        return waiting | {_run_of(key) for key in self._store.keys(ITEMS)}

    def _key(self, run: str) -> str | None:
        return next((key for key in self._store.keys(ITEMS) if _run_of(key) == escaped(run)), None)

    def _read(self, key: str) -> Iterator[bytes]:
        from zstandard import ZstdDecompressor

        with closing(self._store.get(key)) as file, ZstdDecompressor().stream_reader(file) as unpacked:
            yield from io.BufferedReader(cast("io.RawIOBase", unpacked))

    def _put(self, file: Path) -> None:
        from zstandard import ZstdCompressor

        with file.open("rb") as lines, tempfile.SpooledTemporaryFile(_IN_MEMORY) as packed:
            ZstdCompressor(level=_LEVEL).copy_stream(lines, cast("BinaryIO", packed))
            packed.seek(0)
            digest = sha256_file(cast("BinaryIO", packed))
            packed.seek(0)
            key = items_key(file.parent.name, file.stem, digest)
            self._store.put(key, cast("BinaryIO", packed), digest, replace=True)


def _run_of(key: str) -> str:
    """Return the run in a key, as it is written there."""
    return key.rpartition("/")[2].rpartition("-")[0]
