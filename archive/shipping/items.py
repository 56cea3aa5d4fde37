"""The items of users' spiders, as JSON Lines: in the home until the store has them, then in the store.

Each line is an object with `item`, the `url` of the response that it comes from, and the ids of its `records` in the
WARC. Without the spider, items can't be derived from the WARC, so the store has the only copy. Search finds them.
"""

from __future__ import annotations

import fcntl
import io
import json
import logging
import os
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from archive.database.closed_collections import TakenDown, taken_down
from archive.database.marks import Marks
from archive.store.failover import unlisted, with_failover
from archive.texts.search.items import collection_of_items, index_items, items_indexed
from archive.values.digest import sha256_file
from archive.values.errors import DatabaseUnusable, Finding, ObjectNotFound, StoreError
from archive.values.key_parts import escaped
from archive.values.urlkey import urlkey
from archive.warc.keys import ITEMS, collection_of_items_key, items_key, items_prefix, run_of_items

if TYPE_CHECKING:
    from archive.database.engine import Database
    from archive.store import ObjectStore

logger = logging.getLogger(__name__)

_LEVEL = 10
_IN_MEMORY = 8 << 20


def items_file(directory: Path, collection: str, run: str) -> Path:
    """Return the file in which the items of a run wait for the store."""
    return directory / collection / f"{run}.jsonl"


class Items:
    """The items of all runs."""

    def __init__(self, directory: Path, store: ObjectStore, database: Database) -> None:
        self._directory, self._store, self._database = directory, store, database
        self._all = with_failover(store)
        self._keys = Marks(database, "items:")
        """The keys of shipped items, by run."""
        self._damaged = Marks(database, "damaged-items:")

    def ship(self, *, but: Collection[str] = ()) -> int:
        """Put waiting items into the store, index them, and return the number of runs; not those of the runs `but`.

        Items that the store or the database refuses keep waiting, and so does a damaged file, which is logged.
        """
        shipped = 0
        for file in sorted(self._directory.glob("*/*.jsonl")):
            if file.stem in but:
                continue
            try:
                shipped += self._ship(file)
            except FileNotFoundError:  # another run that ends has shipped it
                continue
            except (StoreError, DatabaseUnusable, OSError) as error:
                logger.info("the items of a run could not be put", extra={"run": file.stem, "reason": str(error)})
            except (ValueError, KeyError, TypeError) as error:
                logger.warning("a file holds no items of a run", extra={"file": str(file), "reason": str(error)})
                self._note_damage(file, error)
        return shipped

    def _ship(self, file: Path) -> bool:
        """Ship one file, which only one thread of one process does at a time; return whether it was still there."""
        with file.open("rb") as lines:
            fcntl.flock(lines, fcntl.LOCK_EX)
            if not file.exists() or not os.path.samestat(os.fstat(lines.fileno()), file.stat()):
                return False
            key = self._put(file, lines)
            lines.seek(0)
            index_items(self._database, file.parent.name, file.stem, lines)
            self._keys.set(file.stem, key)
            file.unlink()
        return True

    def damaged(self) -> dict[Path, str]:
        """Return the files that were found damaged when they were shipped and are still there, with the reasons."""
        found = ((self._directory / name, why) for name, why in self._damaged.all().items())
        return {file: why for file, why in found if file.exists()}

    def _note_damage(self, file: Path, error: Exception) -> None:
        with suppress(DatabaseUnusable):  # it is noted when it is shipped the next time
            self._damaged.set(file.relative_to(self._directory).as_posix(), f"{type(error).__name__}: {error}")

    def of(self, run: str) -> Iterator[bytes]:
        """Yield the lines of a run that were not taken down; none if it has no items. Raises StoreError."""
        taken = taken_down()
        return (line for line in self._lines(run) if not taken or not _is_taken_down(line, taken))

    def _lines(self, run: str) -> Iterator[bytes]:
        waiting = next(self._directory.glob(f"*/{escaped(run)}.jsonl"), None)
        with suppress(FileNotFoundError):  # it is shipped meanwhile
            if waiting is not None:
                with waiting.open("rb") as file:
                    yield from file
                return
        if (key := self._key(run)) is not None:
            yield from self._read(key)

    def runs(self) -> set[str]:
        """Return the runs that have items, in the home or in the store, as written in keys. Raises StoreError."""
        waiting = {escaped(file.stem) for file in self._directory.glob("*/*.jsonl")}
        listed = set(self._all.keys(ITEMS))
        unlisted = (key for key in self._keys.all().values() if key not in listed)  # lists of some stores lag behind
        listed |= {key for key in unlisted if self._all.size(key) is not None}
        return waiting | {escaped(run_of_items(key)) for key in listed}

    def unlisted(self) -> tuple[Finding, ...]:
        """Return a finding for each place whose items could not be listed so far."""
        return unlisted(self._all)

    def index(self, known: Mapping[str, int]) -> Iterator[tuple[str, int]]:
        """Index items that only the store has; yield each of these runs with the number of its items.

        `known` is the number of items of each known run. Raises StoreError, DatabaseUnusable.
        """
        from zstandard import ZstdError

        indexed = items_indexed(self._database)
        for key in self._all.keys(ITEMS):
            run, collection = run_of_items(key), collection_of_items_key(key)
            if run in known and indexed.get(run, 0) >= known[run]:
                continue
            try:
                if count := index_items(self._database, collection, run, self._read(key)):
                    yield run, count
            except (ValueError, ZstdError, ObjectNotFound) as error:  # `verify` reports it
                logger.warning("the items of a run can't be indexed", extra={"object": key, "reason": str(error)})

    def _key(self, run: str) -> str | None:
        """Return the key of a run's object: as noted, by its own prefix, or from the list of all.

        Lists of some stores lag behind, so they are the last resort.
        """
        if (noted := self._keys.get(run)) is not None and self._all.size(noted) is not None:
            return noted
        collection = collection_of_items(self._database, run)
        below = ITEMS if collection is None else items_prefix(collection, run)
        return next((key for key in self._all.keys(below) if run_of_items(key) == run), None)

    def _read(self, key: str) -> Iterator[bytes]:
        from zstandard import ZstdDecompressor

        with closing(self._all.get(key)) as file, ZstdDecompressor().stream_reader(file) as unpacked:
            yield from io.BufferedReader(cast("io.RawIOBase", unpacked))

    def _put(self, file: Path, lines: BinaryIO) -> str:
        from zstandard import ZstdCompressor

        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as packed:
            ZstdCompressor(level=_LEVEL).copy_stream(lines, cast("BinaryIO", packed))
            packed.seek(0)
            digest = sha256_file(cast("BinaryIO", packed))
            packed.seek(0)
            key = items_key(file.parent.name, file.stem, digest)
            self._store.put(key, cast("BinaryIO", packed), digest, replace=True)
            return key


def _is_taken_down(line: bytes, taken: TakenDown) -> bool:
    """Return whether an item is of a page or of a record that was taken down; so is a line that can't be read."""
    try:
        found = json.loads(line)
        return taken.has(urlkey(found["url"])) or not taken.records.isdisjoint(found["records"])
    except (ValueError, KeyError, TypeError):
        return True
