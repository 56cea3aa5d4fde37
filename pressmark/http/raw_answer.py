"""How bytes from the archive leave in our name: inert, and with what their server said told in fields of our own.

What an archive holds was written by strangers. It goes out as an attachment of a type that no browser runs, under a
policy that allows nothing; the archived fields are told as X-Archive-Orig-*, and none of them takes effect.
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
"""With ours, fewer than 100: clients on Python's http.client refuse an answer with more."""
_LEFT_OUT = b"x-archive-fields-left-out"
_TEXTUAL = ("text/", "application/json", "application/javascript", "application/xml", "application/xhtml", "image/svg")
_PASSED_ON = {"gzip", "br", "deflate"}


def raw(found: Snapshot, *, accepted: str = "", known: str = "") -> Response:
    """The payload as it was; its coding is left on when `accepted` (Accept-Encoding) has it.

    `known` is If-None-Match: who has these bytes already gets 304.
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
    """When it was kept, and of what (RFC 7089)."""
    url = re.sub(r'[<>"\s]', "", found.capture.url)
    return {
        "Memento-Datetime": format_datetime(found.capture.at.replace(microsecond=0), usegmt=True),
        "Link": f'<{url.encode("ascii", "ignore").decode()}>; rel="original"',
        "X-Archive-Orig-Status": str(found.status or ""),
    }


def archived_fields(found: Snapshot) -> Iterator[tuple[bytes, bytes]]:
    """Yield the fields of the archived answer under names of ours, without what would end a field or a name.

    The first `_MOST_FIELDS` are told; how many are left out is the last field then.
    """
    named = [(name, value) for name, value in headers_of(found.head) if _TOKEN.fullmatch(name)]
    for name, value in named[:_MOST_FIELDS]:
        bare = name.lower().removeprefix(ORIGINAL.lower())
        yield ORIGINAL.lower() + bare, _NOT_IN_FIELDS.sub(b"", value)[:_LONGEST_FIELD].strip()
    if left_out := len(named[_MOST_FIELDS:]):
        yield _LEFT_OUT, str(left_out).encode()


def safe_type(archived: str | None) -> str:
    """A type that no browser runs: text as text, everything else as mere octets."""
    kind, _, parameters = (archived or "").partition(";")
    if not kind.strip().lower().startswith(_TEXTUAL):
        return "application/octet-stream"
    charset = re.search(r"charset\s*=\s*\"?([A-Za-z0-9_.:-]{1,40})", parameters, re.IGNORECASE)
    return f"text/plain; charset={charset[1]}" if charset else "text/plain"


def file_name(found: Snapshot) -> str:
    """A name for the download, of the URL's last part."""
    path = urlsplit(found.capture.url).path.rstrip("/").rpartition("/")[2]
    return _UNSAFE_NAME.sub("_", path).strip("._")[:100] or "page"


def _coding(found: Snapshot) -> str:
    values = [value for name, value in found.headers if name.lower() == "content-encoding"]
    return ", ".join(values).strip().lower()


def told(found: Snapshot) -> list[tuple[bytes, bytes]]:
    """The archived fields as X-Archive-Orig-*, without a Date that is none."""
    return [(name, value) for name, value in archived_fields(found) if _is_told(name, value)]


def _is_told(name: bytes, value: bytes) -> bool:
    """A Date that is none is left out: clients take it for the time of the capture."""
    if name != b"x-archive-orig-date":
        return True
    try:
        parsedate_to_datetime(value.decode("latin-1"))
    except ValueError:
        return False
    return True
