"""The archive: one door in for WARCs, one door out for snapshots."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from archive.index.aliases import Aliases
from archive.index.damage import examine
from archive.index.index import Index
from archive.intake.ingest import Ingest, Ingested, ReadTexts
from archive.retrieval.multipart_articles import Articles, WholeArticle
from archive.retrieval.retrieval import Retrieval
from archive.retrieval.snapshot import Snapshot
from archive.retrieval.thread_history import WholeThread
from archive.retrieval.threads import Threads
from archive.shipping.upload import Publisher, Sign
from archive.texts.search.search import EVERYWHERE, Found, Narrowed, Slice, search
from archive.texts.search.similar import NONE, Copies, copies, copies_of_each
from archive.texts.search.sketch import ALIKE
from archive.texts.texts import Texts
from archive.values.capture import Capture, Location
from archive.values.digest import Sha256, sha256_file
from archive.values.errors import (
    CaptureNotFound,
    DamagedRecord,
    IntegrityError,
    ObjectNotFound,
    OriginalNotFound,
    OutOfReach,
)
from archive.values.observed_file import Observer, unobserved
from archive.values.urlkey import Match
from archive.warc.integrity.verify import is_true
from archive.warc.record import Record
from config.names import DEFAULT, check_collection

if TYPE_CHECKING:
    from archive.store import ObjectStore
    from archive.texts.texts import TextRow

_ERRORS = 400
"""Statuses from here on say that what came is not the page."""
_REACH = 200
"""So many captures back another version of a page is looked for."""


class Archive:
    def __init__(
        self,
        index: Index,
        texts: Texts,
        store: ObjectStore,
        *,
        read_texts: ReadTexts | None = None,
        aliases: Aliases | None = None,
        sign: Sign | None = None,
        observer: Observer = unobserved,
    ) -> None:
        """Without `read_texts`, what is taken in has no texts until somebody reads them.

        With `aliases`, a page is found under its other addresses, too. `sign` signs the manifests of what is taken in.
        `observer` hears how much of a file is taken in.
        """
        self._aliases = aliases
        self._index = index
        self._texts = texts
        self._store = store
        self._retrieval = Retrieval(index, store)
        self._ingest = Ingest(index, Publisher(store, sign=sign), read_texts, observer)

    def ingest(self, warc: Path, collection: str = DEFAULT) -> Ingested:
        """Take in a whole WARC file. Bytes first, index second: nothing is ever indexed that is not kept.

        Again is harmless, and puts back what the store has lost or damaged of it. Raises NotWhole for what is torn,
        with the reason; RefusedWarc; StoreError; ValueError for what is no name of a collection.
        """
        check_collection(collection)
        taken = self._ingest.take(warc, collection)
        if taken.again and taken.segment in self._index.damages.segments():
            self._put_back(warc, taken.segment)
        return taken

    def _put_back(self, warc: Path, segment: str) -> None:
        """Give the store the bytes of a segment again, if these are they."""
        row = self._index.segment(segment)
        with warc.open("rb") as file:
            if row and row.object_key and row.sha256 and sha256_file(file) == row.sha256:
                file.seek(0)
                self._store.put(row.object_key, file, Sha256(row.sha256), replace=True)
        examine(self._index, self._store, segment)

    def captures(
        self,
        url: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        match: Match = "exact",
        collection: str | None = None,
        start: tuple[str, datetime] | None = None,
        limit: int | None = None,
        newest_first: bool = False,
    ) -> Iterator[Capture]:
        """See `Index.captures`."""
        return self._index.captures(
            url,
            since=since,
            until=until,
            match=match,
            collection=collection,
            start=start,
            limit=limit,
            newest_first=newest_first,
        )

    def address_of(self, url: str, collection: str | None = None) -> str | None:
        """The address under which the page is kept that `url` is another address of; None when `url` itself is kept,
        or nothing of the page.
        """
        if self._aliases is None or self._newest(url, collection):
            return None
        found = (self._newest(each, collection) for each in self._aliases.addresses(url))
        return next((capture.url for capture in found if capture), None)

    def _newest(self, url: str, collection: str | None) -> Capture | None:
        return next(self._index.captures(url, collection=collection, limit=1, newest_first=True), None)

    def search(
        self, words: str, narrowed: Narrowed = EVERYWHERE, *, limit: int = 20, cursor: str | None = None
    ) -> Slice[Found]:
        """The texts that hold these words, the best first. See `archive.texts.search.query` for what may be typed.

        Any string is a query. Raises ValueError for a cursor that is none, and for a site that is no host.
        """
        return search(self._texts.database, words, narrowed, limit=limit, cursor=cursor)

    def snapshot(self, url: str, at: datetime, collection: str | None = None) -> Snapshot:
        """The page as it was nearest to that moment. Raises CaptureNotFound, and what `open` raises."""
        capture = self._index.closest(url, at, collection)
        if capture is None and (address := self.address_of(url, collection)):
            capture = self._index.closest(address, at, collection)
        if capture is None:
            raise CaptureNotFound(url)
        return self.open(capture)

    def thread(self, url: str, until: datetime | None = None, collection: str | None = None) -> WholeThread | None:
        """See `Threads.whole`. A page is found under its other addresses, too."""
        return Threads(self._index, self._texts).whole(self.address_of(url, collection) or url, until, collection)

    def text_of(self, capture: Capture) -> TextRow | None:
        """What was read from a capture, or from the one whose payload it shares; None while nobody has read it."""
        original = self._index.original_of(capture)
        return self._texts.of(capture.record_id) or (self._texts.of(original.record_id) if original else None)

    def latest_page(self, url: str, collection: str | None = None) -> Capture | None:
        """The newest capture of a URL that is the page, and not what came instead; None where there is none at hand."""
        address = self.address_of(url, collection) or url
        found = list(self._index.captures(address, collection=collection, limit=_REACH, newest_first=True))
        return next(iter(self._pages_among(found)), None)

    def version_before(self, capture: Capture, collection: str | None = None) -> Capture | None:
        """The last capture of the same URL before this one that says something else; without such a one, the last that
        has another payload, or else the last at all. What came instead of the page counts where nothing else came
        before. None for the first that there is.
        """
        found = self._index.captures(
            capture.url, until=capture.at, collection=collection, limit=_REACH, newest_first=True
        )
        earlier = [each for each in found if each.record_id != capture.record_id and each.at < capture.at]
        said, other, last = _said(self.text_of(capture)), None, None
        for each in self._pages_among(earlier) or earlier:
            last = last or each
            other = other or (each if each.digest != capture.digest else None)
            text = self.text_of(each)
            if text is not None and text.state == "done" and _said(text) != said:
                return each
        return other or last

    def _pages_among(self, captures: Sequence[Capture]) -> list[Capture]:
        """Those that are neither errors nor conversions, and bear no verdict."""
        barred = self._texts.verdicts(captures)
        sound = (each for each in captures if (each.status or 0) < _ERRORS and each.kind != "conversion")
        return [each for each in sound if each.record_id not in barred]

    def article(self, url: str, at: datetime, collection: str | None = None) -> WholeArticle | None:
        """See `Articles.whole`. A page is found under its other addresses, too."""
        return Articles(self._index, self._texts).whole(self.address_of(url, collection) or url, at, collection)

    def similar(self, url: str, at: datetime, *, threshold: float = ALIKE, limit: int = 50) -> Copies | None:
        """Where else the text was published that a page had nearest to a moment; None when no text was read from it.

        Raises CaptureNotFound, and ValueError for a threshold that is none.
        """
        capture = self._index.closest(self.address_of(url) or url, at)
        if capture is None:
            raise CaptureNotFound(url)
        text = self.text_of(capture)
        return self.copies_of(text, capture.url, threshold=threshold, limit=limit) if text and text.text else None

    def copies_of(self, text: TextRow, url: str, *, threshold: float = ALIKE, limit: int = 50) -> Copies:
        """The copies of a text that `url` has. None of what is not the page, such as the notice of a guard."""
        if text.state != "done" or text.verdict is not None:
            return NONE
        said = text.text or ""
        return copies(self._texts.database, text.record_id, url, said, threshold=threshold, limit=limit)

    def copies_of_each(self, urls: Mapping[str, str], *, limit: int, reach: int) -> dict[str, Copies]:
        """The same of texts that are not at hand, by the records that `urls` are of: without a sketch, none."""
        return copies_of_each(self._texts.database, urls, limit=limit, reach=reach)

    def open(self, capture: Capture) -> Snapshot:
        """Bring a capture back.

        A revisit has its own head and the payload of what it refers to. A not-modified answer stands for what it
        refers to, whole: status, head and payload. Raises OriginalNotFound, OutOfReach for what is known to be lost,
        ObjectNotFound, DamagedRecord, StoreError.
        """
        original = self._index.original_of(capture)
        if original is None:
            raise OriginalNotFound(capture.url, capture.refers_to.url if capture.refers_to else None)
        record = self._record(capture, original)
        try:
            head = record.http_head if capture.kind != "revisit" else self._head(capture) or record.http_head
        except BaseException:
            record.close()
            raise
        text = cache(lambda: self._texts.of(capture.record_id) or self._texts.of(original.record_id))
        return Snapshot(capture, original, head, text, record, lambda: self._request_head(capture))

    def _record(self, capture: Capture, original: Capture) -> Record:
        """The record with the payload of a capture. One that is marked and can be read is marked no more."""
        where = original.location
        try:
            record = self._retrieval.record(where, original.record_id)
        except (DamagedRecord, ObjectNotFound, IntegrityError) as error:
            if known := self._index.damages.of(where.segment, where.offset):
                raise OutOfReach(capture.url, capture.at, known.reason, known.found_at) from error
            raise
        if (capture.damaged or original.damaged) and is_true(record):
            self._found_again(capture, original)
        return record

    def _found_again(self, capture: Capture, original: Capture) -> None:
        for found in (original, capture):
            if found is original or (found.damaged and found.damaged.state == "original"):
                self._index.damages.unmark(found.location.segment, [found.location.offset])

    def _head(self, capture: Capture) -> bytes:
        with self._retrieval.record(capture.location, capture.record_id) as record:
            return record.http_head

    def _request_head(self, capture: Capture) -> bytes:
        """The request follows its answer, in the same exchange."""
        where, end = capture.location, capture.location.offset + capture.span
        while (offset := where.offset + where.length) < end:
            where = Location(where.segment, offset, end - offset)
            with self._retrieval.record(where) as record:
                if record.type == "request":
                    return record.http_head
                where = Location(where.segment, offset, record.length)
        return b""


def _said(text: TextRow | None) -> tuple[str | None, str | None]:
    return (text.title, text.text) if text else (None, None)
