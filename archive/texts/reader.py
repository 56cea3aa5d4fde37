"""Extract texts of captures in child processes, so that no page can harm the archive's process.

A page that makes a child crash, run out of memory or exceed its time ends as `failed`, with the reason; the next page
gets a new child. A failure costs a text, never a capture.
"""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Container, Iterable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Protocol

from archive.texts.reader_protocol import TextResult, result_of
from archive.texts.reading_pool import ReadingPool
from archive.texts.reading_process import ReadingFailed
from archive.texts.texts import DOWNLOAD_TYPES, READ_TYPES, TextRow
from archive.values.capture import WITH_PAYLOAD
from archive.values.digest import sha256
from archive.values.errors import DamagedRecord
from archive.values.observed_file import Observer, open_observed, unobserved
from archive.warc.http_head import headers_of, status_of
from archive.warc.record import Record, read
from extractor.forums.social.json_pages import may_have_posts
from extractor.html.page import Page
from extractor.metadata.page_facts import known
from extractor.values.text import EXTRACTOR, VERSION, Text
from extractor.values.thread_json import thread_json

MEMORY = 1 << 30
"""Bytes of memory that a reader process may use. The service sets it by `reading.memory`."""
CPU_SECONDS = 30
"""Seconds of CPU that one page may take. The service sets them by `reading.timeout`."""
WAITING_SECONDS = 30.0
"""Seconds that one page may take in all, beyond those of CPU."""
PAGES_A_CHILD = 5_000
"""A child is replaced after this number of pages, since libraries grow caches."""
_LONGEST_PAYLOAD = 32 << 20
"""Bytes of the largest page that is read."""
_PDF = b"%pdf-"
_READ_STARTS = (b"<!doctype html", b"<html", b"<?xml", _PDF)


class Segment(Protocol):
    """The attributes of a sealed segment that text extraction needs."""

    @property
    def name(self) -> str: ...
    @property
    def path(self) -> Path: ...


class Reader:
    """Reads pages for one thread at a time; any thread may call it.

    The first child starts with the first page and runs until `close`. More of them run while a long WARC is read.
    """

    def __init__(
        self,
        *,
        readers: int = 1,
        memory: int = MEMORY,
        cpu_seconds: int = CPU_SECONDS,
        wall_seconds: float | None = None,
        pages_a_child: int = PAGES_A_CHILD,
        observer: Observer = unobserved,
    ) -> None:
        """Create a reader with at most `readers` children at a time.

        `memory` is address space of each in bytes; `cpu_seconds` and `wall_seconds` are limits per page. By
        default, `wall_seconds` is WAITING_SECONDS more than `cpu_seconds`.
        `observer` gets the progress of `read_texts` within a WARC.
        """
        self._observer = observer
        self._pool = ReadingPool(
            most=readers,
            memory=memory,
            cpu_seconds=cpu_seconds,
            wall_seconds=longest(cpu_seconds) if wall_seconds is None else wall_seconds,
            pages_a_child=pages_a_child,
        )
        self._lock = threading.RLock()

    @property
    def pid(self) -> int | None:
        """The process id of the first child; None if there is no child."""
        return next(iter(self._pool.pids), None)

    @property
    def pids(self) -> list[int]:
        """The process ids of the children."""
        return self._pool.pids

    def read(self, page: Page) -> TextResult:
        """Read a content-decoded page. Raises ReaderClosed, and no error because of the page."""
        with self._lock:
            (answer,) = self._pool.answers([(_question(page, None), page.body)])
        return _result_of(answer)

    def read_texts(self, sealed: Segment) -> Iterator[TextRow]:
        """Yield the texts of all pages, PDFs and posts in JSON of a WARC, in order, up to the first damage.

        Few of them are held at once. Raises ReaderClosed.
        """
        with open_observed(sealed.path, "extracted", self._observer) as file:
            yield from self._rows(_pages(read(file)), sealed.name)

    def read_warc(self, file: BinaryIO, segment: str, record_ids: Container[str]) -> Iterator[TextRow]:
        """Yield the texts of these records only, as `read_texts` does."""
        yield from self._rows((record for record in _pages(read(file)) if record.id in record_ids), segment)

    def close(self) -> None:
        """End the children, from any thread. Current and later calls raise ReaderClosed."""
        self._pool.kill()
        with self._lock:
            self._pool.drop()

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _rows(self, records: Iterable[Record], segment: str) -> Iterator[TextRow]:
        asked: deque[TextRow] = deque()

        def questions() -> Iterator[tuple[bytes, bytes]]:
            for record in records:
                body = record.read_payload(_LONGEST_PAYLOAD)
                asked.append(_row_of(record, segment))
                page = Page(record.url or "", body, record.content_type, record.at)
                yield _question(page, _content_encoding(record)), body

        with self._lock:
            for answer in self._pool.answers(questions()):
                yield _read(asked.popleft(), _result_of(answer))


def longest(cpu_seconds: int) -> float:
    """Return how many seconds a page may take in all: never fewer than those of CPU that it may have."""
    return cpu_seconds + WAITING_SECONDS


def _question(page: Page, content_encoding: str | None) -> bytes:
    facts = {"url": page.url, "content_type": page.content_type, "at": page.at and page.at.isoformat()}
    return json.dumps(facts | {"content_encoding": content_encoding}).encode()


def _result_of(answer: bytes | ReadingFailed) -> TextResult:
    return TextResult("failed", str(answer)) if isinstance(answer, ReadingFailed) else result_of(answer)


def _pages(records: Iterator[Record]) -> Iterator[Record]:
    """Yield the HTML and PDF pages among records. It ends at the first damage, which `verify` reports."""
    try:
        for record in records:
            if record.type in WITH_PAYLOAD and record.id and record.at and _is_read(record):
                yield record
    except DamagedRecord:
        return


def _is_read(record: Record) -> bool:
    """Return whether a record is a page, a PDF or posts in JSON; a response must have status 200.

    It decides by Content-Type; without one, or with a generic type for downloads, by the first bytes.
    """
    if (record.type == "response" and status_of(record.http_head) != 200) or record.payload_length == 0:
        return False
    named = (record.content_type or "").partition(";")[0].strip().lower()
    if named and named not in DOWNLOAD_TYPES:
        return named in READ_TYPES or may_have_posts(record.url or "", named)
    return record.read_payload(512).lstrip().lower().startswith(_PDF if named else _READ_STARTS)


def _content_encoding(record: Record) -> str | None:
    """Join the values of Content-Encoding with commas (RFC 9110, 5.3)."""
    fields = headers_of(record.http_head)
    values = [value.decode("latin-1") for key, value in fields if key.lower() == b"content-encoding"]
    return ", ".join(values) or None


def _row_of(record: Record, segment: str) -> TextRow:
    """Return the row of a page that is not read yet."""
    assert record.id is not None and record.at is not None
    digest = (record.header("warc-payload-digest") or "").removeprefix("sha1:") or None
    row = TextRow(record.id, segment, record.url or "", record.at, digest, "failed")
    return replace(row, extractor=EXTRACTOR, version=VERSION)


def _read(row: TextRow, result: TextResult) -> TextRow:
    row = replace(row, state=result.state, reason=result.reason)
    if result.text:
        row = _filled(row, result.text)
    if result.verdict:
        row = replace(row, fields={**(row.fields or {}), "verdict": asdict(result.verdict)})
    if result.reservations:
        row = replace(row, fields={**(row.fields or {}), "reservations": [list(one) for one in result.reservations]})
    return row


def _filled(row: TextRow, text: Text) -> TextRow:
    more: dict[str, Any] = {"authors": list(text.authors), "modified": text.modified, **dict(known(text.about))}
    more["thread"] = thread_json(text.thread) if text.thread is not None else None
    told = {name: value for name, value in more.items() if value or value is False}
    return replace(
        row,
        extractor=text.extractor,
        version=text.version,
        title=text.title,
        author=text.author,
        date=text.date,
        language=text.language,
        sha256=sha256(text.text.encode()) if text.text else None,
        text=text.text or None,
        markdown=text.markdown,
        fields=told | {"origins": dict(text.origins)},
    )
