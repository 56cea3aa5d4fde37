"""Read HTTP heads leniently, and change them without touching any byte that need not change."""

from __future__ import annotations

import re
from functools import lru_cache

from archive.values.reservations import FIELDS
from archive.warc.exchange import Headers

ORIGINAL = b"X-Archive-Orig-"
"""The prefix of a header name that would be wrong for the stored body."""

END = re.compile(rb"\n\r?\n")
"""The empty line after a head."""

_LINES = re.compile(rb"[^\n]*\n(?:[ \t][^\n]*\n)*|[^\n]+\Z")
"""Lines with their folds (RFC 9112, 5.2). A bare CR does not end a line."""
_FOLD = re.compile(rb"\r?\n[ \t]+")
_FRAMING = re.compile(rb"\n(transfer-encoding|content-length)[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)", re.IGNORECASE)
_SECRET = frozenset({"proxy-authorization", "authorization", "cookie"})
_WANTED = re.compile(
    rb"\n(" + b"|".join([b"content-type", b"etag", b"last-modified", b"location", *sorted(FIELDS)]) + rb")"
    rb"[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)",
    re.IGNORECASE,
)
_STATUS = re.compile(rb"HTTP/[0-9.]+[ \t]+([0-9]{3})")


def as_stored(head: bytes, length: int, *, bodiless: bool = False) -> bytes:
    """Return the response head that fits the stored body, which is `length` bytes without transfer-coding.

    Transfer-Encoding and a wrong Content-Length keep their place under the name X-Archive-Orig-…; a correct
    Content-Length is added at the end. `bodiless` is a response to HEAD, a 204 or a 304: its Content-Length describes
    another body and stays.
    """
    framing = _FRAMING.findall(head)
    if not framing:
        return head
    if len(framing) == 1 and framing[0][0][:1] in b"Cc" and (bodiless or framing[0][1].strip() == b"%d" % length):
        return head
    return _reframed(head, length, bodiless)


def _reframed(head: bytes, length: int, bodiless: bool) -> bytes:
    lines, true, changed = [], False, False
    for line in _LINES.findall(head):
        name = field_name(line)
        right = name == b"content-length" and (bodiless or _states_length(line, length))
        wrong = name == b"transfer-encoding" or (name == b"content-length" and not right)
        true, changed = true or right, changed or wrong
        lines.append(ORIGINAL + line if wrong else line)
    if not changed or true or bodiless:
        return b"".join(lines)
    return _with_last_field(b"".join(lines), b"Content-Length: %d\r\n" % length)


def _states_length(line: bytes, length: int) -> bool:
    numbers = [part.strip() for part in _FOLD.sub(b" ", line).partition(b":")[2].split(b",")]
    return all(part.isdigit() and len(part) <= 20 and int(part) == length for part in numbers)


def _with_last_field(head: bytes, field: bytes) -> bytes:
    empty = b"\r\n" if head.endswith(b"\n\r\n") else b"\n" if head.endswith(b"\n\n") else b""
    cut = len(head) - len(empty)
    return head[:cut] + field + head[cut:]


def redacted(head: bytes, names: frozenset[str] = _SECRET) -> bytes:
    """Redact the values of these fields (in any case) of a request head; their names stay.

    The default names are Authorization, Proxy-Authorization and Cookie.
    """
    return _fields_named(names).sub(rb"\1[redacted]", head)


@lru_cache(maxsize=64)
def _fields_named(names: frozenset[str]) -> re.Pattern[bytes]:
    listed = "|".join(map(re.escape, sorted(names))).encode()
    return re.compile(rb"(\n(?:%b)[ \t]*:[ \t]*)(?:[^\n]|\n[ \t])*?(?=\r?\n(?![ \t])|\Z)" % listed, re.IGNORECASE)


def field_name(line: bytes) -> bytes:
    """Return the name of a header line in lower case; empty if the line has no colon."""
    name, colon, _ = line.partition(b":")
    return name.rstrip(b" \t").lower() if colon else b""


@lru_cache(maxsize=16)  # a response with a capture uses its head several times
def headers_of(head: bytes) -> Headers:
    """Return the fields of a head in their order and case, folds joined by one space; skip lines without a colon."""
    fields = []
    for line in _LINES.findall(head)[1:]:
        name, colon, value = line.partition(b":")
        if colon:
            fields.append((name.rstrip(b" \t"), _unfolded(value)))
    return tuple(fields)


def _unfolded(value: bytes) -> bytes:
    value = value.strip(b" \t\r\n")
    return _FOLD.sub(b" ", value) if b"\n" in value else value


def wanted(head: bytes) -> Headers:
    """Return the fields of a head that describe its payload or its use, as `headers_of` does."""
    return tuple([(name, _unfolded(value)) for name, value in _WANTED.findall(head)])


def status_of(head: bytes) -> int | None:
    """Return the status code of a response head; None if its first line has none."""
    found = _STATUS.match(head)
    return int(found[1]) if found else None


def end_of_head(block: bytes) -> int:
    """Return the offset of the body in an HTTP message; its whole length if no empty line ends the head."""
    found = END.search(block)
    return found.end() if found else len(block)
