"""Send bytes of the archive under our name: inert, with the original header fields under names of our own.

Archived content was written by strangers. It is sent as an attachment of a type that no browser runs, under a policy
that allows nothing; the archived fields are sent as X-Archive-Orig-*, and none of them takes effect.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.utils import format_datetime, parsedate_to_datetime
from urllib.parse import urlsplit

from starlette.responses import Response

from archive.retrieval.snapshot import Snapshot
from archive.warc.http_head import ORIGINAL, headers_of
from pressmark.http.etags import matches

SANDBOX = {"Content-Security-Policy": "sandbox; default-src 'none'", "X-Content-Type-Options": "nosniff"}

_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_NOT_IN_FIELDS = re.compile(rb"[^\t\x20-\x7e\x80-\xff]")
_UNSAFE_NAME = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_FIELD = 4096
_MOST_FIELDS = 70
"""Together with ours, fewer than 100: clients on Python's http.client refuse an answer with more."""
_LEFT_OUT = b"x-archive-fields-left-out"
_TEXTUAL = ("text/", "application/json", "application/javascript", "application/xml", "application/xhtml", "image/svg")
_PASSED_ON = {"gzip", "br", "deflate"}


def raw(found: Snapshot, *, accepted: str = "", known: str = "") -> Response:
    """Build the answer with the raw payload; its coding is kept when `accepted` (Accept-Encoding) contains it.

    `known` is If-None-Match: a caller that has these bytes already gets 304.
    """
    coding = _coding(found)
    kept_on = coding in _PASSED_ON and coding in {part.split(";")[0].strip() for part in accepted.lower().split(",")}
    etag = f'"{found.original.sha256 or found.original.record_id}{"-" + coding if kept_on else ""}"'
    if matches(known, etag):
        return Response(status_code=304, headers={"ETag": etag})
    body = found.raw().read() if kept_on else found.payload().body
    answer = Response(body, media_type=safe_type(found.content_type))
    answer.headers.update(SANDBOX | memento(found) | {"ETag": etag, "Vary": "Accept-Encoding"})
    answer.headers["Content-Disposition"] = f'attachment; filename="{file_name(found)}"'
    if kept_on:
        answer.headers["Content-Encoding"] = coding
    answer.raw_headers.extend(archived_fields(found))
    return answer


def memento(found: Snapshot) -> dict[str, str]:
    """Return when it was captured, and from which URL (RFC 7089)."""
    url = re.sub(r'[<>"\s]', "", found.capture.url)
    return {
        "Memento-Datetime": format_datetime(found.capture.at.replace(microsecond=0), usegmt=True),
        "Link": f'<{url.encode("ascii", "ignore").decode()}>; rel="original"',
        "X-Archive-Orig-Status": str(found.status or ""),
    }


def archived_fields(found: Snapshot) -> Iterator[tuple[bytes, bytes]]:
    """Yield the fields of the archived answer under names of ours, without characters that end a field or a name.

    The first `_MOST_FIELDS` are given; the last field then says how many are left out.
    """
    named = [(name, value) for name, value in headers_of(found.head) if _TOKEN.fullmatch(name)]
    for name, value in named[:_MOST_FIELDS]:
        bare = name.lower().removeprefix(ORIGINAL.lower())
        yield ORIGINAL.lower() + bare, _NOT_IN_FIELDS.sub(b"", value)[:_LONGEST_FIELD].strip()
    if left_out := len(named[_MOST_FIELDS:]):
        yield _LEFT_OUT, str(left_out).encode()


def safe_type(archived: str | None) -> str:
    """Return a type that no browser runs: text as text, everything else as plain bytes."""
    kind, _, parameters = (archived or "").partition(";")
    if not kind.strip().lower().startswith(_TEXTUAL):
        return "application/octet-stream"
    charset = re.search(r"charset\s*=\s*\"?([A-Za-z0-9_.:-]{1,40})", parameters, re.IGNORECASE)
    return f"text/plain; charset={charset[1]}" if charset else "text/plain"


def file_name(found: Snapshot) -> str:
    """Return a name for the download, from the URL's last part."""
    path = urlsplit(found.capture.url).path.rstrip("/").rpartition("/")[2]
    return _UNSAFE_NAME.sub("_", path).strip("._")[:100] or "page"


def _coding(found: Snapshot) -> str:
    values = [value for name, value in found.headers if name.lower() == "content-encoding"]
    return ", ".join(values).strip().lower()


def archived_headers(found: Snapshot) -> list[tuple[bytes, bytes]]:
    """Return the archived fields as X-Archive-Orig-*, without an invalid Date."""
    return [(name, value) for name, value in archived_fields(found) if _is_usable(name, value)]


def _is_usable(name: bytes, value: bytes) -> bool:
    """Return whether a field is given. An invalid Date is left out: clients take it for the time of the capture."""
    if name != b"x-archive-orig-date":
        return True
    try:
        parsedate_to_datetime(value.decode("latin-1"))
    except ValueError:
        return False
    return True
