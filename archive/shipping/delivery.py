"""Deliver one sealed segment: put it into the store and the index, and after a grace period remove its local files."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from archive.database.statements import batches
from archive.index.purges.given_up import is_given_up
from archive.index.purges.purged_marks import is_purged
from archive.shipping.manifest_chain import Chain
from archive.shipping.sidecars import rows_in, rows_of, write_texts
from archive.shipping.upload import Publisher, key_of_manifest
from archive.spool import release
from archive.spool.reseal import resealed
from archive.spool.sealed import Sealed
from archive.store import ObjectStore
from archive.texts.texts import TextRow
from archive.values.atomic_files import reading, writing_whole
from archive.values.digest import sha256_file
from archive.values.errors import IntegrityError, NothingIntact, PurgeRefused, ReaderClosed
from archive.warc import journal
from archive.warc.manifest import Manifest

if TYPE_CHECKING:
    from archive.index.index import Index
    from archive.values.capture import Capture

logger = logging.getLogger(__name__)

ReadTexts = Callable[[Sealed], Iterable[TextRow]]
"""Extracts the texts of all captures of a segment."""


class Leave(NamedTuple):
    """In place of `ReadTexts`: leaves the texts of segments to other processes, which read them from the store."""

    to: Callable[[str], None]
    """Gets the name of a segment just before it is committed."""


_BATCH = 500
_SHIPPED = frozenset({"committed", "releasing", "released"})


class Delivery:
    """The steps for one segment. Each step can be repeated after a crash at any point."""

    def __init__(
        self,
        store: ObjectStore,
        index: Index,
        read_texts: ReadTexts | Leave,
        *,
        publisher: Publisher,
        chain: Chain,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._index = index
        self._read_texts = read_texts
        self._publisher = publisher
        self._chain = chain
        self._now = now

    def committed_at(self, sealed: Sealed) -> datetime | None:
        """Return when the index recorded that the store has the segment; None if it has not."""
        row = self._index.segment(sealed.name)
        return row.committed_at if row is not None and row.state in _SHIPPED else None

    def sound(self, sealed: Sealed) -> Sealed:
        """Return the segment to upload: itself or, if the disk has damaged it, its intact part, sealed again.

        Raises NothingIntact if nothing is intact, and IntegrityError, which names the file, if the disk can't read it.
        """
        self._check_purged(sealed)
        self._index.sealed(sealed)  # the index may have missed that it was sealed
        if _is_whole(sealed) or release.beside(sealed.path, release.MANIFEST_SUFFIX).exists():
            return sealed
        logger.error("%s is damaged: its intact records are sealed again", sealed.path)
        salvaged = resealed(sealed, now=self._now)
        for path in salvaged.quarantined:
            logger.error("damaged bytes of the segment %s are in %s", sealed.name, path)
        for capture in salvaged.lost:
            logger.critical("an acknowledged capture is lost", extra={"record": capture.record_id})
        if salvaged.lost:
            self._index.damages.lose(salvaged.lost)
        if salvaged.sealed is None:
            raise NothingIntact(sealed.path)
        return salvaged.sealed

    def ship(self, sealed: Sealed) -> Manifest:
        """Upload the segment, add its texts to the index, then commit it there.

        Raises ArchiveError, also if the text reader is closed in the meantime: then nothing was uploaded.
        """
        self._check_purged(sealed)
        self._index.sealed(sealed)
        captures = [capture for capture in journal.read(sealed.journal) if capture.kind != "failed"]
        text = self._text(sealed)
        end = self._chain.end(sealed.collection, sealed.worker)
        self._chain.begin(sealed.collection, sealed.worker, key_of_manifest(sealed))
        manifest = self._publisher.publish(sealed, captures, text, end)
        # Neither is true if it was uploaded long ago, and others after it. It is the end if an error followed it.
        if end in (manifest.previous, manifest.link):
            self._chain.advance(manifest)
        self._add_missing(sealed, captures)
        self._index.note_texts(sealed.name, self._texts_of(manifest, text))
        if isinstance(self._read_texts, Leave) and manifest.text is None:
            self._read_texts.to(sealed.name)  # before it is committed: no crash in between loses it
        self._index.commit(manifest, captures, ())
        return manifest

    def _check_purged(self, sealed: Sealed) -> None:
        """Raise PurgeRefused for the former file of a segment that was purged: the next start removes it. So, too, for
        one that a person gave up while this worker was silent: what was purged meanwhile must be purged in it first.
        """
        if is_given_up(self._index.database, sealed.name):
            raise PurgeRefused(
                f"the segment {sealed.name} was given up while this worker was silent; start the service again: it "
                f"takes in {sealed.path}"
            )
        if is_purged(self._index.database, sealed.name):
            raise PurgeRefused(f"the segment {sealed.name} was purged: its former file {sealed.path} may not come back")

    def _add_missing(self, sealed: Sealed, captures: Sequence[Capture]) -> None:
        """Index captures that the indexer may not have reached, as of a segment that another process left behind.

        Texts whose captures are unknown would be sorted among their versions by the commit, which would hold the
        database meanwhile.
        """
        if self._index.size_of(sealed.name) < len(captures):
            for batch in batches(captures, _BATCH):
                self._index.add(batch)

    def release(self, sealed: Sealed) -> None:
        """Remove the local files of a committed segment. Raises IntegrityError if the store does not have it."""
        if not sealed.path.exists():
            self._index.released(sealed.name)
            return
        if is_purged(self._index.database, sealed.name):  # of the store alone: nobody knew of this file
            release.remove(sealed.path)
            return
        row = self._index.segment(sealed.name)
        if row is None or row.manifest_key is None:
            raise IntegrityError(f"the segment {sealed.name} is missing in the index")
        self._publisher.check(row.manifest_key, sealed)
        self._index.releasing(sealed.name)
        release.remove(sealed.path)
        self._index.released(sealed.name)

    def finish_releases(self, spool: Path) -> None:
        """Complete releases that a crash interrupted: remove the local files in that directory."""
        for row in self._index.segments("releasing"):
            path = Path(row.path) if row.path else None
            if path is not None and path.is_relative_to(spool):
                release.remove(path)
                self._index.released(row.name)

    def _text(self, sealed: Sealed) -> Path | None:
        """Return the text sidecar. It is stored beside the segment, so that shipping again uploads the same bytes.

        It goes to the file as it is made: the texts of a segment may take more memory than all else.
        """
        kept = release.beside(sealed.path, release.TEXT_SUFFIX)
        if kept.exists():
            return kept
        if isinstance(self._read_texts, Leave):
            return None
        try:
            rows = iter(self._read_texts(sealed))
            first = next(rows, None)
            if first is None:
                return None
            with writing_whole(kept) as file:
                write_texts(chain([first], rows), file, kept.parent)
        except (ReaderClosed, OSError):  # shipped now, the segment would never get its texts: it waits
            raise
        except Exception:  # whatever a page did to the reader: its text can be extracted later
            logger.exception("the texts of a segment could not be extracted", extra={"segment": sealed.name})
            return None
        return kept

    def _texts_of(self, manifest: Manifest, text: Path | None) -> Iterator[TextRow]:
        """Yield the rows of the text sidecar in the store: the index gets what a rebuild would find."""
        entry = manifest.text
        if entry is None:
            return
        if text is not None:
            with text.open("rb") as file:
                if sha256_file(file) == entry.sha256:
                    file.seek(0)
                    yield from rows_in(file)
                    return
        with self._store.get(entry.key) as stored:
            content = stored.read()
        yield from rows_of(content)


def _is_whole(sealed: Sealed) -> bool:
    """Return whether a file is intact; False if it is missing: an earlier attempt to seal it again was interrupted."""
    try:
        with reading(sealed.path), sealed.path.open("rb") as file:
            return sha256_file(file) == sealed.sha256
    except FileNotFoundError:
        return False
