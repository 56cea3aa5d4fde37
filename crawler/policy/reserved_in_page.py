"""What the `<meta>` elements of an answer say of its use."""

from __future__ import annotations

from archive.values.reservations import Field
from archive.warc.exchange import Response
from extractor.html.page import Page
from extractor.metadata.reservations import reservations_of
from extractor.values.content import decode_content

_BEGINNING = 1 << 20
"""Bytes of an answer, and of its page, in which they are looked for."""
_TYPES = (b"text/html", b"application/xhtml+xml")


def said_in_page(url: str, response: Response) -> list[Field]:
    """Return them; only HTML has any. A body in a file is left as it was."""
    fields = {name.lower(): value for name, value in response.headers}
    kind = fields.get(b"content-type", b"text/html")
    if not kind.strip().lower().startswith(_TYPES) or not (beginning := _beginning(response)):
        return []  # the second: an answer 304 has no page
    coding = fields.get(b"content-encoding", b"").decode("latin-1")
    body = decode_content(beginning, coding or None, _BEGINNING).body
    return reservations_of(Page(url, body, kind.decode("latin-1")))


def _beginning(response: Response) -> bytes:
    if isinstance(response.body, bytes):
        return response.body[:_BEGINNING]
    at = response.body.tell()
    response.body.seek(0)
    beginning = response.body.read(_BEGINNING)
    response.body.seek(at)
    return beginning
