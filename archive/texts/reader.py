"""Extract texts of captures in a child process, so that no page can harm the archive's process.

A page that makes the child crash, run out of memory or exceed its time ends as `failed`, with the reason. The next page
gets a new child. A failure costs a text, never a capture.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Container, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Protocol

from archive.texts.reader_protocol import TextResult, result_of
from archive.texts.reading_process import ReadingFailed, ReadingProcess
from archive.texts.texts import DOWNLOAD_TYPES, READ_TYPES, TextRow
from archive.values.capture import WITH_PAYLOAD
from archive.values.digest import sha256
from archive.values.errors import DamagedRecord, ReaderClosed
from archive.values.observed_file import Observer, open_observed, unobserved
from archive.warc.http_head import headers_of, status_of
from archive.warc.record import Record, read
from extractor.html.page import Page
from extractor.metadata.page_facts import known
from extractor.values.text import EXTRACTOR, VERSION, Text
from extractor.values.thread_json import thread_json

MEMORY = 1 << 30
CPU_SECONDS = 30
WALL_SECONDS = 60.0
PAGES_A_CHILD = 5_000
"""A child is replaced after so many pages: libraries keep caches."""
_LONGEST_PAYLOAD = 32 << 20
_PDF = b"%pdf-"
_READ_STARTS = (b"<!doctype html", b"<html", b"<?xml", _PDF)


class Segment(Protocol):
    """The attributes of a sealed segment that text extraction needs."""

    @property
    def name(self) -> str: ...
    @property
    def path(self) -> Path: ...


class Reader:
    """Reads pages one at a time; any thread may call it.

    The child starts with the first page and runs until `close`.
    """

    def __init__(
        self,
        *,
        memory: int = MEMORY,
        cpu_seconds: int = CPU_SECONDS,
        wall_seconds: float = WALL_SECONDS,
        pages_a_child: int = PAGES_A_CHILD,
        observer: Observer = unobserved,
    ) -> None:
        """Create a reader. `memory` is address space in bytes; `cpu_seconds` and `wall_seconds` are limits per page.

        `observer` gets the progress of `read_texts` within a WARC.
        """
        self._observer = observer
        self._memory, self._cpu_seconds = memory, cpu_seconds
        self._wall_seconds, self._pages_a_child = wall_seconds, pages_a_child
        self._process: ReadingProcess | None = None
        self._pages = 0
        self._lock = threading.Lock()
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The child's process id; None if there is no child."""
        process = self._process
        return process.pid if process else None

    def read(self, page: Page) -> TextResult:
        """Read a content-decoded page. Raises ReaderClosed, and no error because of the page."""
        return self._ask(page, None)

    def read_texts(self, sealed: Segment) -> list[TextRow]:
        """Return the texts of all HTML and PDF responses in a WARC, in order, up to the first damage.

        Raises ReaderClosed.
        """
        with open_observed(sealed.path, "extracted", self._observer) as file:
            return [self._row(record, sealed.name) for record in _pages(read(file))]

    def read_warc(self, file: BinaryIO, segment: str, record_ids: Container[str]) -> list[TextRow]:
        """Return the texts of these records only, as `read_texts` does."""
        return [self._row(record, segment) for record in _pages(read(file)) if record.id in record_ids]

    def close(self) -> None:
        """End the child, from any thread. Current and later calls raise ReaderClosed."""
        self._closed = True
        if process := self._process:
            process.kill()
        with self._lock:
            self._drop()

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _row(self, record: Record, segment: str) -> TextRow:
        body = record.read_payload(_LONGEST_PAYLOAD)
        page = Page(record.url or "", body, record.content_type, record.at)
        result = self._ask(page, _content_encoding(record))
        return _row_of(record, segment, result)

    def _ask(self, page: Page, content_encoding: str | None) -> TextResult:
        """Read a page with a content-encoded body."""
        facts = {"url": page.url, "content_type": page.content_type, "at": page.at and page.at.isoformat()}
        question = json.dumps(facts | {"content_encoding": content_encoding}).encode()
        with self._lock:
            try:
                answer = self._child().ask(question, page.body, self._wall_seconds)
            except ReadingFailed as failure:
                self._process = None
                if self._closed:
                    raise ReaderClosed("the reader was closed while reading") from failure
                return TextResult("failed", str(failure))
            except OSError as error:
                self._drop()
                return TextResult("failed", f"the extractor process could not be started: {error}")
        return result_of(answer)

    def _child(self) -> ReadingProcess:
        """Return the child.

        `close` first sets its flag and then looks for a child, so one thread sees the other's change.
        """
        if self._process is not None and (self._pages >= self._pages_a_child or not self._process.is_alive):
            self._drop()
        if self._process is None and not self._closed:
            self._process, self._pages = ReadingProcess(self._memory, self._cpu_seconds), 0
        if self._process is None or self._closed:
            raise ReaderClosed("the reader is closed")
        self._pages += 1
        return self._process

    def _drop(self) -> None:
        if self._process is not None:
            process, self._process = self._process, None
            process.close()


def _pages(records: Iterator[Record]) -> Iterator[Record]:
    """Yield the HTML and PDF pages among records. It ends at the first damage, which `verify` reports."""
    try:
        for record in records:
            if record.type in WITH_PAYLOAD and record.id and record.at and _is_read(record):
                yield record
    except DamagedRecord:
        return


def _is_read(record: Record) -> bool:
    """Return whether a record is a page or a PDF; a response must have status 200.

    It decides by Content-Type; without one, or with a generic type for downloads, by the first bytes.
    """
    if (record.type == "response" and status_of(record.http_head) != 200) or record.payload_length == 0:
        return False
    named = (record.content_type or "").partition(";")[0].strip().lower()
    if named and named not in DOWNLOAD_TYPES:
        return named in READ_TYPES
    return record.read_payload(512).lstrip().lower().startswith(_PDF if named else _READ_STARTS)


def _content_encoding(record: Record) -> str | None:
    """Join the values of Content-Encoding with commas (RFC 9110, 5.3)."""
    fields = headers_of(record.http_head)
    values = [value.decode("latin-1") for key, value in fields if key.lower() == b"content-encoding"]
    return ", ".join(values) or None


def _row_of(record: Record, segment: str, result: TextResult) -> TextRow:
    assert record.id is not None and record.at is not None
    digest = (record.header("warc-payload-digest") or "").removeprefix("sha1:") or None
    row = TextRow(
        record.id,
        segment,
        record.url or "",
        record.at,
        digest,
        result.state,
        result.reason,
        extractor=EXTRACTOR,
        version=VERSION,
    )
    if result.text:
        row = _filled(row, result.text)
    if result.verdict:
        row = replace(row, fields={**(row.fields or {}), "verdict": asdict(result.verdict)})
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
