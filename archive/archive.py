"""The facade of the archive: ingest WARC files, and retrieve snapshots.

It imports what only some of its methods need when they are called: a command uses one or two of them.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from archive.index.aliases import Aliases
from archive.index.index import Index
from archive.texts.texts import Texts
from archive.values.capture import Capture
from archive.values.digest import Sha256, sha256_file
from archive.values.errors import CaptureNotFound
from archive.values.observed_file import Observer, unobserved
from archive.values.urlkey import Match
from config.names import DEFAULT, check_collection
from extractor.values.verdict import DRAWN

if TYPE_CHECKING:
    from archive.intake.ingest import Ingest, Ingested, ReadTexts
    from archive.retrieval.answers import SentRequest
    from archive.retrieval.elsewhere import Elsewhere
    from archive.retrieval.multipart_articles import WholeArticle
    from archive.retrieval.snapshot import Snapshot
    from archive.retrieval.snapshot_reader import SnapshotReader
    from archive.retrieval.thread_history import WholeThread
    from archive.shipping.upload import Sign
    from archive.store import ObjectStore
    from archive.texts.search.items import FoundItem
    from archive.texts.search.search import Found, SearchFilters, Slice
    from archive.texts.search.similar import Copies
    from archive.texts.texts import TextRow

_ERRORS = 400
"""Responses with this status or a higher one are not the page."""
_REACH = 200
"""Maximum number of earlier captures among which another version is searched."""


class Archive:
    def __init__(
        self,
        index: Index,
        texts: Texts,
        store: ObjectStore,
        *,
        read_texts: ReadTexts | None = None,
        aliases: Aliases | None = None,
        elsewhere: Elsewhere | None = None,
        sign: Sign | None = None,
        observer: Observer = unobserved,
    ) -> None:
        """Create the facade. Without `read_texts`, ingested WARCs have no texts until they are read later.

        With `aliases`, a page is also found under its other addresses. `elsewhere` are the spools of other machines.
        `sign` signs the manifests of ingested WARCs. `observer` gets the progress within a WARC.
        """
        self._aliases = aliases
        self.elsewhere = elsewhere
        self._index = index
        self._texts = texts
        self._store = store
        self._read_texts = read_texts
        self._sign = sign
        self._observer = observer

    @cached_property
    def _snapshots(self) -> SnapshotReader:
        from archive.retrieval.snapshot_reader import SnapshotReader

        return SnapshotReader(self._index, self._texts, self._store, self.elsewhere)

    @cached_property
    def _ingest(self) -> Ingest:
        from archive.intake.ingest import Ingest
        from archive.shipping.upload import Publisher

        return Ingest(self._index, Publisher(self._store, sign=self._sign), self._read_texts, self._observer)

    def ingest(self, warc: Path, collection: str = DEFAULT) -> Ingested:
        """Ingest a complete WARC file: store its bytes, then index them. Nothing is indexed before it is stored.

        Ingesting again is harmless, and restores bytes that the store has lost or damaged. Raises NotWhole with the
        reason for a torn file; RefusedWarc; StoreError; ValueError for an invalid collection name.
        """
        check_collection(collection)
        taken = self._ingest.add(warc, collection)
        if taken.again and taken.segment in self._index.damages.segments():
            self._put_back(warc, taken.segment)
        return taken

    def _put_back(self, warc: Path, segment: str) -> None:
        """Put the bytes of a segment into the store again, if the file has the same bytes."""
        from archive.index.damage import examine

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
        tag: str | None = None,
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
            tag=tag,
            start=start,
            limit=limit,
            newest_first=newest_first,
        )

    def address_of(self, url: str, collection: str | None = None) -> str | None:
        """Return the address under which the page of `url` is archived; None if `url` itself is, or if the page is not
        archived.
        """
        if self._aliases is None or self._newest(url, collection):
            return None
        found = (self._newest(each, collection) for each in self._aliases.addresses(url))
        return next((capture.url for capture in found if capture), None)

    def _newest(self, url: str, collection: str | None) -> Capture | None:
        return next(self._index.captures(url, collection=collection, limit=1, newest_first=True), None)

    def search(
        self, words: str, narrowed: SearchFilters | None = None, *, limit: int = 20, cursor: str | None = None
    ) -> Slice[Found]:
        """Return the texts that contain these words, best first. `archive.texts.search.query` has the query syntax.

        Any string is a valid query. Raises ValueError for an invalid cursor or host.
        """
        from archive.texts.search.search import EVERYWHERE, search

        return search(self._texts.database, words, narrowed or EVERYWHERE, limit=limit, cursor=cursor)

    def search_items(
        self, words: str, narrowed: SearchFilters | None = None, *, limit: int = 20, cursor: str | None = None
    ) -> Slice[FoundItem]:
        """Return the items of users' spiders with these words, best first, as `search` does for pages.

        Items have no language, no later text and no verdict, so these do not narrow. Raises ValueError as `search`.
        """
        from archive.texts.search.items import search_items
        from archive.texts.search.search import EVERYWHERE

        return search_items(self._texts.database, words, narrowed or EVERYWHERE, limit=limit, cursor=cursor)

    def has_items(self) -> bool:
        """Return whether there are items of users' spiders."""
        from archive.texts.search.items import any_items

        return any_items(self._texts.database)

    def snapshot(self, url: str, at: datetime, collection: str | None = None) -> Snapshot:
        """Return the page as it was closest to that time. Raises CaptureNotFound, and what `open` raises."""
        capture = self._index.closest(url, at, collection)
        if capture is None and (address := self.address_of(url, collection)):
            capture = self._index.closest(address, at, collection)
        if capture is None:
            raise CaptureNotFound(url)
        return self.open(capture)

    def answer_to(self, sent: SentRequest, at: datetime, collection: str | None = None) -> Snapshot:
        """Return the response to a request with the same method and body, closest to a time.

        Only captures within a day are searched. Raises CaptureNotFound, and what `open` raises.
        """
        from archive.retrieval.answers import answer_to

        found = answer_to(self._index, self._snapshots, sent, at, collection)
        if found is None:
            raise CaptureNotFound(sent.url)
        return self.open(found)

    def thread(
        self,
        url: str,
        until: datetime | None = None,
        collection: str | None = None,
        *,
        may_read: Callable[[Capture, TextRow], bool] = lambda _capture, _text: True,
    ) -> WholeThread | None:
        """See `Threads.whole`. A page is also found under its other addresses."""
        from archive.retrieval.threads import Threads, is_message

        return Threads(self._index, self._texts, may_read, lambda capture: is_message(self.open, capture)).whole(
            self.address_of(url, collection) or url, until, collection
        )

    def text_of(self, capture: Capture) -> TextRow | None:
        """See `captured_text`."""
        from archive.retrieval.captured_text import captured_text

        return captured_text(self._index, self._texts, capture)

    def latest_page(self, url: str, collection: str | None = None) -> Capture | None:
        """Return the newest capture that is the page, and not an error or a block page; None if there is none."""
        address = self.address_of(url, collection) or url
        found = list(self._index.captures(address, collection=collection, limit=_REACH, newest_first=True))
        return next(iter(self._pages_among(found)), None)

    def version_before(self, capture: Capture, collection: str | None = None) -> Capture | None:
        """Return the last capture of the same URL before this one that has another text; else the last one with another
        payload; else the last one. Captures that are not the page, such as errors, count only if there are no others.
        None for the first capture.
        """
        found = self._index.captures(
            capture.url, until=capture.at, collection=collection, limit=_REACH, newest_first=True
        )
        earlier = [each for each in found if each.record_id != capture.record_id and each.at < capture.at]
        content, other, last = _content_of(self.text_of(capture)), None, None
        for each in self._pages_among(earlier) or earlier:
            last = last or each
            other = other or (each if each.digest != capture.digest else None)
            text = self.text_of(each)
            if text is not None and text.state == "done" and _content_of(text) != content:
                return each
        return other or last

    def _pages_among(self, captures: Sequence[Capture]) -> list[Capture]:
        """Return the captures that are neither errors nor conversions, and have no verdict."""
        barred = self._texts.verdicts(captures)
        drawn = {each.at for each in captures if each.kind == "conversion"}
        sound = (each for each in captures if (each.status or 0) < _ERRORS and each.kind != "conversion")
        verdicts = ((each, barred.get(each.record_id)) for each in sound)
        return [each for each, verdict in verdicts if verdict is None or _is_drawn(verdict, each, drawn)]

    def article(self, url: str, at: datetime, collection: str | None = None) -> WholeArticle | None:
        """See `Articles.whole`. A page is also found under its other addresses."""
        from archive.retrieval.multipart_articles import Articles

        return Articles(self._index, self._texts).whole(self.address_of(url, collection) or url, at, collection)

    def similar(self, url: str, at: datetime, *, threshold: float | None = None, limit: int = 50) -> Copies | None:
        """Find where else the text was published that a page had closest to a time; None if the page has no text.

        Raises CaptureNotFound, and ValueError for an invalid threshold.
        """
        capture = self._index.closest(self.address_of(url) or url, at)
        if capture is None:
            raise CaptureNotFound(url)
        text = self.text_of(capture)
        return self.copies_of(text, capture.url, threshold=threshold, limit=limit) if text and text.text else None

    def copies_of(self, text: TextRow, url: str, *, threshold: float | None = None, limit: int = 50) -> Copies:
        """Find the copies of the text of `url`. A text that is not the page, such as a block page, has none."""
        from archive.texts.search.similar import NONE, copies
        from archive.texts.search.thresholds import ALIKE

        if text.state != "done" or text.verdict is not None:
            return NONE
        body, least = text.text or "", ALIKE if threshold is None else threshold
        return copies(self._texts.database, text.record_id, url, body, threshold=least, limit=limit)

    def copies_of_each(self, urls: Mapping[str, str], *, limit: int, reach: int) -> dict[str, Copies]:
        """Find the copies of stored texts; `urls` maps their record ids to URLs. A text without a sketch has none."""
        from archive.texts.search.similar import copies_of_each

        return copies_of_each(self._texts.database, urls, limit=limit, reach=reach)

    def open(self, capture: Capture) -> Snapshot:
        """See `SnapshotReader.open`."""
        return self._snapshots.open(capture)


def _is_drawn(verdict: str, capture: Capture, drawn: Container[datetime]) -> bool:
    """Return whether a browser drew the page whose answer has that verdict."""
    return verdict == DRAWN and capture.at in drawn


def _content_of(text: TextRow | None) -> tuple[str | None, str | None]:
    return (text.title, text.text) if text else (None, None)
