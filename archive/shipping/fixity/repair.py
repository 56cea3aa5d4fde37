"""Write a damaged or missing copy again from a healthy one: of the spool, of the first store, or of a replica."""

from __future__ import annotations

import io
import logging
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from archive.index.objects import ObjectRow
from archive.index.purges.locks import beside_purges
from archive.index.purges.purged_marks import unpurged
from archive.shipping.fixity.reading import Meter, digest_of, read_copy
from archive.shipping.sidecars import cdxj_bytes
from archive.spool.release import MANIFEST_SUFFIX, TEXT_SUFFIX, beside
from archive.spool.sealed import journal_of
from archive.store import ObjectStore
from archive.values.digest import Sha256
from archive.values.errors import ArchiveError, IntegrityError, ObjectNotFound, StoreError
from archive.warc import journal
from archive.warc.integrity.object_of_key import is_of_key
from archive.warc.keys import CDXJS, MANIFESTS, TEXTS, WARCS

if TYPE_CHECKING:
    from archive.index.index import Index

logger = logging.getLogger(__name__)

SPOOL = "spool"
_IN_MEMORY = 16 << 20


class NoHealthyCopy(ArchiveError):
    """No place has an intact copy. The message says which were asked."""


class Repair:
    """Finds healthy copies in all places, and writes others again from them."""

    def __init__(self, index: Index, stores: Mapping[str, ObjectStore], meter: Meter) -> None:
        """Create it for these stores, by place."""
        self._index, self._stores, self._meter = index, stores, meter

    def heal(self, row: ObjectRow, place: str) -> str:
        """Write the copy of an object in a place again; return where the healthy copy came from.

        The digest is checked before it is written, and read back after. Raises NoHealthyCopy, StoreError, Interrupted.
        """
        with beside_purges(self._index.database):
            if not unpurged(self._index.database, [row.key]):
                raise NoHealthyCopy(f"{row.key} was purged; no copy of it may come back")
            return self._healed(row, place)

    def _healed(self, row: ObjectRow, place: str) -> str:
        target = self._stores[place]
        source, copy, digest = self.healthy(row, without=place)
        with copy:
            target.put(row.key, copy, digest, replace=True)
        found = read_copy(target, row, self._meter)
        if found.outcome != "ok":
            raise IntegrityError(f"{row.key} was written again from {source}, but is {found.outcome}: {found.note}")
        return source

    def healthy(self, row: ObjectRow, *, without: str) -> tuple[str, BinaryIO, Sha256]:
        """Return a healthy copy of an object: its place, its bytes as a file that the caller closes, and their digest.

        Raises NoHealthyCopy, Interrupted, and StoreError if a place that may have one does not respond.
        """
        asked, silent = list[str](), list[StoreError]()
        for place, opened in self._sources(row, without):
            asked.append(place)
            try:
                source = opened()
            except (ObjectNotFound, IntegrityError, OSError):
                continue
            except StoreError as error:
                silent.append(error)
                continue
            copy = cast("BinaryIO", tempfile.SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115 -- handed to the caller
            try:
                with closing(source):
                    digest, _ = digest_of(source, self._meter, copy)
                if _is_healthy(row, digest, copy):
                    return place, copy, digest
            except (IntegrityError, OSError) as error:
                logger.info("a copy could not be read", extra={"object": row.key, "place": place, "reason": str(error)})
            except StoreError as error:
                silent.append(error)
            except BaseException:
                copy.close()
                raise
            copy.close()
        if silent:
            raise silent[0]
        looked = f"looked in: {', '.join(asked)}" if asked else "there is no other copy"
        raise NoHealthyCopy(f"no healthy copy of {row.key} is left ({looked})")

    def _sources(self, row: ObjectRow, without: str) -> Iterator[tuple[str, Callable[[], BinaryIO]]]:
        segment = self._index.segment(row.segment) if row.segment and without != SPOOL else None
        if segment is not None and segment.path is not None:
            yield SPOOL, partial(_in_spool, row.key, Path(segment.path))
        for place, store in self._stores.items():
            if place != without:
                yield place, partial(store.get, row.key)


def _in_spool(key: str, warc: Path) -> BinaryIO:
    """Open what the spool still has of an object: the WARC, or what was made of it. Raises OSError, ObjectNotFound."""
    if key.startswith(WARCS):
        return warc.open("rb")
    if key.startswith(TEXTS):
        return beside(warc, TEXT_SUFFIX).open("rb")
    if key.startswith(MANIFESTS):
        return beside(warc, MANIFEST_SUFFIX).open("rb")
    if key.startswith(CDXJS):
        return io.BytesIO(cdxj_bytes(journal.read(journal_of(warc))))
    raise ObjectNotFound(key)


def _is_healthy(row: ObjectRow, digest: Sha256, copy: BinaryIO) -> bool:
    copy.seek(0)
    return is_of_key(row.key, digest, copy) if row.sha256 is None else digest == row.sha256
