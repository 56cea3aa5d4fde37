"""Parse an e-mail (RFC 5322, RFC 2045 to 2047) leniently: header fields, text, and images, whatever is damaged."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from email.utils import getaddresses, parsedate_to_datetime
from itertools import islice
from typing import Any

from extractor.values.encoding import decode

MAIL = "message/rfc822"
"""The media type of a whole e-mail (RFC 2046, 5.2.1)."""
_MOST_PARTS = 1000
_LONGEST_FIELD = 4000
"""Characters of a header field that are read: the library needs quadratic time for absurdly long ones."""
_SPACES = re.compile(r"[\s\x00-\x1f\x7f]+")
_IMAGE = re.compile(r"image/[a-z0-9.+-]+")
_SEVEN_BITS = frozenset({"iso-2022-jp", "iso-2022-jp-1", "iso-2022-jp-2", "iso-2022-kr", "hz-gb-2312", "utf-7"})
"""Encodings in bytes below 128, which look like ASCII: here, the label alone decides."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an e-mail, with its transfer encoding removed."""

    section: str
    """Its number, as IMAP counts parts (RFC 9051, 6.4.5): ``1``, ``2.1``."""
    mime: str
    body: bytes
    charset: str | None = None
    flowed: bool = False
    """Whether its lines are broken softly (RFC 3676)."""
    content_id: str | None = None
    """Its Content-ID without brackets, which ``cid:`` URLs name (RFC 2392)."""
    location: str | None = None
    """Its Content-Location, which the HTML may name instead."""

    @property
    def text(self) -> str:
        """Its text: by its label, unless the bytes contradict that."""
        return _decoded(self.body, self.charset)


@dataclass(frozen=True, slots=True)
class Mail:
    """An e-mail. What it does not have is empty, or None."""

    subject: str
    senders: tuple[str, ...]
    """The names in From, or the addresses of those without a name."""
    date: datetime | None
    """Its Date, with the zone that it gives."""
    listed: str
    """Its List-Id."""
    message_id: str
    html: Part | None
    """The first HTML that is not an attachment."""
    plain: tuple[Part, ...]
    """The plain texts that are not attachments."""
    images: tuple[Part, ...]
    """Its images, also those that are attached."""


_MOST_BOUNDARIES = 50
_MOST_LINES = 1_000_000
"""Beyond these, only the header fields are read: the library compares each line with the boundaries around it."""


class _Message(Message):
    """A message whose header fields have a limited length, also for the parser itself."""

    def get(self, name: str, failobj: Any = None) -> Any:
        found = next((value for key, value in self.raw_items() if key.lower() == name.lower()), None)
        return failobj if found is None else str(found)[:_LONGEST_FIELD]


def is_mail(content_type: str | None) -> bool:
    """Return whether a Content-Type is that of an e-mail."""
    return (content_type or "").partition(";")[0].strip().lower() == MAIL


def read_mail(octets: bytes) -> Mail:
    """Parse an e-mail. Never raises for any bytes: what can't be read is missing."""
    message: Message = BytesHeaderParser(_Message).parsebytes(octets)
    parts: list[tuple[Part, bool]] = []
    if octets.lower().count(b"boundary") <= _MOST_BOUNDARIES and octets.count(b"\n") <= _MOST_LINES:
        with suppress(RecursionError):
            message = BytesParser(_Message).parsebytes(octets)
            parts = list(islice(_parts(message), _MOST_PARTS))
    shown = [part for part, attached in parts if not attached]
    return Mail(
        subject=_line(message, "subject"),
        senders=_senders(message),
        date=_date(message),
        listed=_line(message, "list-id"),
        message_id=_line(message, "message-id"),
        html=next((part for part in shown if part.mime == "text/html"), None),
        plain=tuple(part for part in shown if part.mime == "text/plain"),
        images=tuple(part for part, _ in parts if _IMAGE.fullmatch(part.mime)),
    )


def _parts(message: Message) -> Iterator[tuple[Part, bool]]:
    """Yield the parts that hold content, and whether each is attached. Attached e-mails are not opened."""
    waiting = [(message, "")]
    while waiting:
        part, section = waiting.pop()
        # The library decodes text by its label, and some labels raise; the bytes are read in _part.
        inner = part.get_payload() if part.is_multipart() else None
        if part.get_content_maintype() == "multipart" and isinstance(inner, list):
            dot = f"{section}." if section else ""
            numbered = [(one, f"{dot}{number}") for number, one in enumerate(inner, 1) if isinstance(one, Message)]
            waiting += reversed(numbered)
        elif not isinstance(inner, list):
            yield _part(part, section or "1"), part.get_content_disposition() == "attachment"


def _part(part: Message, section: str) -> Part:
    body = part.get_payload(decode=True)
    charset = part.get_param("charset")
    return Part(
        section,
        part.get_content_type(),
        body if isinstance(body, bytes) else b"",
        charset=charset if isinstance(charset, str) else charset[2] if charset else None,
        flowed=str(part.get_param("format", "")).lower() == "flowed",
        content_id=_raw(part, "content-id").strip().removeprefix("<").removesuffix(">") or None,
        location=_SPACES.sub("", _raw(part, "content-location")) or None,
    )


def _raw(message: Message, name: str) -> str:
    """Return the first field of a name as it stands; bytes that are not ASCII are surrogates."""
    return str(message.get(name, ""))


def _line(message: Message, name: str) -> str:
    return _words(_raw(message, name))


def _words(text: str) -> str:
    """Decode the encoded words of a field (RFC 2047); fields in raw bytes are decoded, too."""
    try:
        pieces = decode_header(text) if "=?" in text else [(text, None)]
    except (HeaderParseError, ValueError):
        pieces = [(text, None)]
    return " ".join(_SPACES.split("".join(_piece(*piece) for piece in pieces))).strip()


def _piece(piece: str | bytes, charset: str | None) -> str:
    octets = piece.encode("utf-8", "surrogateescape") if isinstance(piece, str) else piece
    return _decoded(octets, charset)


def _decoded(octets: bytes, charset: str | None) -> str:
    label = (charset or "").strip().lower()
    if label in _SEVEN_BITS:
        return octets.decode("hz" if label == "hz-gb-2312" else label, "replace")
    return decode(octets, f"text/plain; charset={label}" if label else None)[0]


def _senders(message: Message) -> tuple[str, ...]:
    """Return who wrote it. The address is read before the words are decoded: a name may have a comma."""
    try:
        found = getaddresses([_raw(message, "from")])
    except (ValueError, IndexError, RecursionError):
        found = []
    names = (_words(name) or _words(address) for name, address in found)
    return tuple(dict.fromkeys(filter(None, names)))


def _date(message: Message) -> datetime | None:
    try:
        return parsedate_to_datetime(_raw(message, "date"))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
