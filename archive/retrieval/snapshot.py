"""A snapshot: a retrieved capture, as it was received."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import BinaryIO

from archive.texts.texts import READ_TYPES, TextRow
from archive.values.capture import Capture
from archive.warc.http_head import headers_of, status_of
from archive.warc.record import Record
from extractor.forums.social.json_pages import may_have_posts
from extractor.values.content import LIMIT, Decoded, decode_content
from extractor.values.verdict import DRAWN, of_status


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A retrieved capture. A payload above 1 MiB is in a temporary file: call `close`, or use ``with``."""

    capture: Capture
    """The requested capture."""
    original: Capture
    """The capture with the payload: the same one, unless that is a revisit."""
    head: bytes
    """Status line to the empty line, as stored in the WARC."""
    _text: Callable[[], TextRow | None]
    _record: Record
    _request: Callable[[], bytes]

    @property
    def text(self) -> TextRow | None:
        """The text of the page; None if it was not extracted yet."""
        return self._text()

    @property
    def status(self) -> int | None:
        """The status code; None if the record is not an HTTP message."""
        return status_of(self.head)

    @property
    def verdict(self) -> str | None:
        """The verdict, by status or text: blocked, captcha, login, soft-404 or parked if the capture is not the page;
        drawn-by-scripts for a page whose text scripts create.
        """
        said = of_status(self.status or 0)
        return said.kind if said else self.text.verdict if self.text else None

    @property
    def instead(self) -> str | None:
        """What the capture is instead of the page: its verdict, or the status of an error; None for a page."""
        verdict = self.verdict if self.verdict != DRAWN else None
        return verdict or (str(self.status) if (self.status or 0) >= 400 else None)

    @property
    def why_no_text(self) -> str:
        """Return why there is no text, as a sentence: what the capture is, or that it was not extracted yet."""
        url, mime = self.capture.url, self.capture.mime
        if self.text is not None:
            return self._why_empty_text
        if self.capture.redirect:
            return f"the server redirected {url} to {self.capture.redirect}, so this capture has no text"
        if self.status not in (200, None):
            return (
                f"Pressmark extracts no text from {url}, as the website did not send the page: it answered with status "
                f"{self.status}"
            )
        if self.original.payload_length == 0:
            return f"the server sent an empty page for {url}"
        if mime and mime not in READ_TYPES and not may_have_posts(url, mime):
            read = "web pages, PDF files and e-mails"
            return f"Pressmark extracts text only from {read}, and {url} is of the type {mime}"
        return (
            f"the text of {url} is not extracted yet; the administrator can extract it with the command "
            "pressmark extract"
        )

    @property
    def _why_empty_text(self) -> str:
        url = self.capture.url
        if self.verdict == DRAWN:
            return f"the page {url} gets its text from scripts, so the archive does not have this text"
        failed = self.text is not None and self.text.state == "failed"
        return f"the capture of {url} {'could not be read' if failed else 'has no article'}"

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The fields of the head in their order and case, decoded as Latin-1."""
        return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers_of(self.head)]

    @property
    def content_type(self) -> str | None:
        """The Content-Type of the head, or of the record if it is not an HTTP message."""
        return self._header("content-type") if self.head else self._record.content_type

    @property
    def request_head(self) -> bytes:
        """The request as it was sent, secrets redacted; empty if it was not recorded."""
        return self._request()

    def raw(self) -> BinaryIO:
        """Return the payload as received, transfer-decoded and still content-encoded, from its beginning.

        It is valid until the next call, or until `close`.
        """
        return self._record.payload()

    def payload(self, limit: int = LIMIT) -> Decoded:
        """Return the first `limit` bytes of the content-decoded payload. Never raises: `error` describes damage."""
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
