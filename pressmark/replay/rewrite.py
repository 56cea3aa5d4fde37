"""Make a snapshot safe for a browser: rewritten by its kind, with a Content-Type that we set."""

from __future__ import annotations

import re
from dataclasses import dataclass

from archive.retrieval.snapshot import Snapshot
from extractor.mail.message import is_mail
from extractor.values.encoding import decode
from pressmark.http.stage.addresses import Addresses, AddressOf, Modifier
from pressmark.replay.css import rewrite_css
from pressmark.replay.html import rewrite_html
from pressmark.replay.mail import rewrite_mail
from pressmark.replay.scripted_html import rewrite_acting
from pressmark.replay.svg import rewrite_svg

HTML = "text/html; charset=utf-8"
SCRIPT = "text/javascript; charset=utf-8"
_HTML = frozenset({"text/html", "application/xhtml+xml"})
_SHOWN = re.compile(r"(?:image|audio|video|font)/[a-z0-9.+-]+|application/(?:x-)?font[a-z0-9.+-]*|text/vtt")
_READ = re.compile(r"text/(?:plain|csv|markdown|xml)|application/(?:[a-z0-9.+-]+\+)?(?:json|xml)")
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+(?:\s*;[\t\x20-\x7e]*)?", re.IGNORECASE)
_LOOKS_LIKE_HTML = re.compile(rb"\s*<(?:!doctype\s+html|html|head|body|meta|title)\b", re.IGNORECASE)
_LONGEST = 16 << 20
"""Bytes of a page that are rewritten; the rest is left out."""


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What is sent: its bytes and its Content-Type."""

    body: bytes
    content_type: str


def rewrite(found: Snapshot, wanted: Modifier, address_of: AddressOf) -> Rewritten | None:
    """Rewrite pages, e-mails, style sheets and drawings; pass on images, films and fonts; send other text as text.

    Returns None for content that no browser shows inertly: programs, documents of other applications, plain bytes.
    """
    body, kind, url = found.payload().body, _kind(found), found.capture.url
    if sent_as := _sent_as(kind, wanted):
        return Rewritten(decode(body, found.content_type)[0].encode("utf-8", "replace"), sent_as)
    if kind == "text/css" or (wanted == "cs_" and kind not in _HTML):
        text, _ = decode(body[:_LONGEST], found.content_type)
        return Rewritten(rewrite_css(text, Addresses(url, url, address_of)).encode(), "text/css; charset=utf-8")
    if kind in _HTML or (not kind and _LOOKS_LIKE_HTML.match(body)):
        text, encoding = decode(body[:_LONGEST], found.content_type)
        page = rewrite_html(text, url, encoding, address_of)
        return Rewritten(page.encode("utf-8", "replace"), HTML)
    if is_mail(kind):
        return Rewritten(rewrite_mail(body, url, address_of).encode("utf-8", "replace"), HTML)
    if kind == "image/svg+xml":
        drawing = rewrite_svg(body, url, address_of)
        return Rewritten(drawing, "image/svg+xml") if drawing else None
    return Rewritten(body, kind) if _SHOWN.fullmatch(kind) else None


def act(found: Snapshot, wanted: Modifier, address_of: AddressOf, first: dict[str, str]) -> Rewritten | None:
    """Rewrite for a page whose scripts run: pages with them and style sheets; the rest unchanged under its own type.

    Returns None for content that is requested as a page and is not one. `first` are the attributes of our own script.
    """
    body, kind, url = found.payload().body, _kind(found), found.capture.url
    if wanted in {"mp_", "if_"}:
        if kind not in _HTML and (kind or not _LOOKS_LIKE_HTML.match(body)):
            return None
        text, encoding = decode(body[:_LONGEST], found.content_type)
        return Rewritten(rewrite_acting(text, url, encoding, address_of, first).encode("utf-8", "replace"), HTML)
    if wanted == "cs_":
        text, _ = decode(body[:_LONGEST], found.content_type)
        return Rewritten(rewrite_css(text, Addresses(url, url, address_of)).encode(), "text/css; charset=utf-8")
    if wanted == "js_":
        return Rewritten(decode(body, found.content_type)[0].encode("utf-8", "replace"), SCRIPT)
    archived = found.content_type or ""
    return Rewritten(body, archived if _TYPE.fullmatch(archived) else "application/octet-stream")


def _sent_as(kind: str, wanted: Modifier) -> str | None:
    """Return the type of content that is sent as text, in UTF-8; None for other content."""
    if wanted == "js_" and kind not in _HTML:
        return SCRIPT
    return "text/plain; charset=utf-8" if _READ.fullmatch(kind) else None


def _kind(found: Snapshot) -> str:
    return (found.content_type or "").partition(";")[0].strip().lower()
