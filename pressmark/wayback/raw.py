"""``id_``: the original page, byte for byte, in a form that no browser runs under our name.

Of the archived fields only the type, the language and the target of a redirect take effect; all of them are sent as
X-Archive-Orig-*. Content that a browser could run is sent as an attachment, under a policy that allows nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from io import BytesIO
from typing import BinaryIO

from archive.retrieval.snapshot import Snapshot
from archive.values.byte_span import Span, span_of
from archive.warc.http_head import headers_of
from pressmark.http.etags import matches
from pressmark.http.link_header import target_of
from pressmark.http.place import Place, memento_headers
from pressmark.http.raw_answer import SANDBOX, archived_headers, file_name
from pressmark.wayback.answer import Answer
from pressmark.wayback.byte_ranges import Octets
from pressmark.wayback.request_context import RequestContext

_PASSED_ON = frozenset({"gzip", "br", "deflate", "zstd"})
_INERT = re.compile(r"image/(png|jpeg|gif|webp|avif|bmp)|(audio|video|font)/[a-z0-9.+-]+|text/plain")
_TYPE = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+/[!#$%&'*+.^_`|~0-9A-Za-z-]+(\s*;[\t\x20-\x7e]*)?")
_LANGUAGE = re.compile(r"[A-Za-z0-9, -]{1,100}")
_STREAMED = 1 << 20
"""A longer body is sent while it is read."""
_BODILESS = frozenset({204, 205})
_NOT_LIVE = frozenset({206, 304})
"""Statuses that refer to another request than ours."""


@dataclass(frozen=True, slots=True)
class _Body:
    file: BinaryIO
    length: int
    coding: str = ""


def answer(asked: RequestContext, found: Snapshot, place: Place) -> Answer:
    """Answer with the payload; its coding is kept if the client accepts it.

    Closes the snapshot, at the latest with the body.
    """
    status = live_status(found.status)
    body = _body(found, asked)
    etag = f'"{found.original.sha256 or found.original.record_id}{"-" + body.coding if body.coding else ""}"'
    headers = _headers(found, place, status) | {"ETag": etag, "Vary": "Accept-Encoding"}
    if body.coding:
        headers["Content-Encoding"] = body.coding
    raw_headers = archived_headers(found)
    if status == 200 and matches(asked.headers.get("if-none-match", ""), etag):
        found.close()
        return Answer(b"", 304, headers)
    span: Span | str | None = None
    if status == 200:
        headers["Accept-Ranges"] = "bytes"
        span = span_of(asked.headers.get("range"), body.length) if _is_fresh(asked, etag) else None
    if span == "unsatisfiable":
        found.close()
        return Answer(b"", 416, {"Content-Range": f"bytes */{body.length}", "Accept-Ranges": "bytes"})
    if isinstance(span, Span):
        body.file.seek(span.start, 1)
        headers["Content-Range"] = span.of(body.length)
        return _sent(replace(body, length=span.length), found, 206, headers, raw_headers)
    return _sent(body, found, status, headers, raw_headers)


def live_status(archived: int | None) -> int:
    """Return the archived status.

    200 for a partial answer and for one without a status, 500 for one invalid in HTTP.
    """
    if archived is None or archived in _NOT_LIVE:
        return 200
    return archived if 200 <= archived < 600 else 500


def _sent(
    body: _Body, found: Snapshot, status: int, headers: dict[str, str], raw_headers: list[tuple[bytes, bytes]]
) -> Answer:
    if body.length > _STREAMED:
        pieces = Octets(body.file, body.length, found.close)
        return Answer(pieces, status, headers, length=body.length, raw_headers=raw_headers)
    content = b"" if status in _BODILESS else body.file.read(body.length)
    found.close()
    return Answer(content, status, headers, raw_headers=raw_headers)


def _body(found: Snapshot, asked: RequestContext) -> _Body:
    """Return the body, decoded unless the client accepts the coding or decoding fails.

    A range always counts in the decoded body.
    """
    codings = [value for name, value in found.headers if name.lower() == "content-encoding"]
    coding = ", ".join(codings).strip().lower()
    accepted = {part.split(";")[0].strip() for part in asked.headers.get("accept-encoding", "").lower().split(",")}
    if coding in {"", "identity", "none"}:
        return _as_kept(found)
    if coding in _PASSED_ON & accepted and "range" not in asked.headers:
        return _as_kept(found, coding)
    decoded = found.payload()
    if decoded.error or decoded.cut:
        return _as_kept(found, coding if coding in _PASSED_ON else "")
    return _Body(BytesIO(decoded.body), len(decoded.body))


def _as_kept(found: Snapshot, coding: str = "") -> _Body:
    file = found.raw()
    begin = file.tell()
    length = file.seek(0, 2) - begin
    file.seek(begin)
    return _Body(file, length, coding)


def _headers(found: Snapshot, place: Place, status: int) -> dict[str, str]:
    headers = {"Content-Type": _type(found), **SANDBOX, **memento_headers(found, place)}
    if not _INERT.match(headers["Content-Type"].lower()):
        headers["Content-Disposition"] = f'attachment; filename="{file_name(found)}"'
    if (language := _first(found, b"content-language")) and _LANGUAGE.fullmatch(language):
        headers["Content-Language"] = language
    if 300 <= status < 400 and found.capture.redirect:
        headers["Location"] = f"{place.memento_of(found.capture, 'id_')}{target_of(found.capture.redirect)}"
    return headers


def _type(found: Snapshot) -> str:
    archived = found.content_type or ""
    return archived if _TYPE.fullmatch(archived) else "application/octet-stream"


def _first(found: Snapshot, wanted: bytes) -> str | None:
    return next((value.decode("latin-1") for name, value in headers_of(found.head) if name.lower() == wanted), None)


def _is_fresh(asked: RequestContext, etag: str) -> bool:
    """Return whether a Range applies: If-Range matches or is absent (RFC 9110, 13.1.5)."""
    return asked.headers.get("if-range", etag) == etag
