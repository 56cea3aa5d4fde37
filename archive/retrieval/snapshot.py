"""A snapshot: a capture brought back, as it was received."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import BinaryIO

from archive.texts.texts import READ_TYPES, TextRow
from archive.values.capture import Capture
from archive.warc.http_head import headers_of, status_of
from archive.warc.record import Record
from extractor.links.verdict import DRAWN, of_status
from extractor.values.content import LIMIT, Decoded, decode_content


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Its payload may lie in a temporary file, above 1 MiB: close it, or use it in a ``with``."""

    capture: Capture
    """The capture that was asked for."""
    original: Capture
    """The capture that holds the payload: the same, unless that one is a revisit."""
    head: bytes
    """Status line to the empty line, as kept in the WARC."""
    _text: Callable[[], TextRow | None]
    _record: Record
    _request: Callable[[], bytes]

    @property
    def text(self) -> TextRow | None:
        """What was read from the page; None while nobody has read it."""
        return self._text()

    @property
    def status(self) -> int | None:
        """The status code; None when the record is no HTTP message."""
        return status_of(self.head)

    @property
    def verdict(self) -> str | None:
        """Blocked, captcha, login, soft-404, parked: what came instead of the page, by its status or as it was read;
        drawn-by-scripts: the page, without its text.
        """
        said = of_status(self.status or 0)
        return said.kind if said else self.text.verdict if self.text else None

    @property
    def instead(self) -> str | None:
        """What it is when it is not the page: its verdict, or the status of an error; None for a page, drawn or not."""
        verdict = self.verdict if self.verdict != DRAWN else None
        return verdict or (str(self.status) if (self.status or 0) >= 400 else None)

    @property
    def why_no_text(self) -> str:
        """Of one that has no text, as a sentence: what it is, or that nobody has read it yet."""
        url, mime = self.capture.url, self.capture.mime
        if self.text is not None and self.verdict == DRAWN:
            why = "is rendered by scripts: its text is not archived"
        elif self.text is not None:
            why = "could not be read" if self.text.state == "failed" else "has no article"
        elif self.capture.redirect:
            why = f"redirects to {self.capture.redirect}"
        elif self.status not in (200, None):
            why = f"has status {self.status}, for which no text is extracted"
        elif self.original.payload_length == 0:
            why = "is empty"
        elif mime and mime not in READ_TYPES:
            why = f"has type {mime}, for which no text is extracted"
        else:
            why = "has no extracted text yet"
        return f"the capture of {url} {why}"

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The fields of the head in their order and case, octets read as Latin-1."""
        return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers_of(self.head)]

    @property
    def content_type(self) -> str | None:
        """Of the head, or of the record when it holds no HTTP message."""
        return self._header("content-type") if self.head else self._record.content_type

    @property
    def request_head(self) -> bytes:
        """The request as it was sent, secrets redacted; empty when it was not recorded."""
        return self._request()

    def raw(self) -> BinaryIO:
        """The payload as it was received, transfer-decoded and still content-encoded, from its beginning.

        It is good until this is called again, or `close`.
        """
        return self._record.payload()

    def payload(self, limit: int = LIMIT) -> Decoded:
        """The payload content-decoded, its first `limit` octets. Never raises: says in `error` what is damaged."""
        encodings = [value for name, value in self.headers if name.lower() == "content-encoding"]
        return decode_content(self._record.read_payload(), ", ".join(encodings), limit)

    def close(self) -> None:
        self._record.close()

    def __enter__(self) -> Snapshot:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _header(self, wanted: str) -> str | None:
        return next((value for name, value in self.headers if name.lower() == wanted), None)
