"""HTTP heads as bytes: read leniently, and changed without touching an octet that need not change."""

from __future__ import annotations

import re
from functools import lru_cache

from archive.warc.exchange import Headers

ORIGINAL = b"X-Archive-Orig-"
"""Goes before the name of a header whose own name would lie about the stored body."""

END = re.compile(rb"\n\r?\n")
"""The empty line after a head."""

_LINES = re.compile(rb"[^\n]*\n(?:[ \t][^\n]*\n)*|[^\n]+\Z")
"""Lines with their folds (RFC 9112, 5.2). A bare CR ends nothing."""
_FOLD = re.compile(rb"\r?\n[ \t]+")
_FRAMING = re.compile(rb"\n(transfer-encoding|content-length)[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)", re.IGNORECASE)
_SECRET = frozenset({"proxy-authorization", "authorization", "cookie"})
_WANTED = re.compile(rb"\n(content-type|etag|last-modified|location)[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)", re.IGNORECASE)
_STATUS = re.compile(rb"HTTP/[0-9.]+[ \t]+([0-9]{3})")


def as_stored(head: bytes, length: int, *, bodiless: bool = False) -> bytes:
    """The response head that is true of the stored body, which is `length` octets without transfer-coding.

    Transfer-Encoding, and a Content-Length that is wrong, keep their place under the name X-Archive-Orig-…; a true
    Content-Length comes last. `bodiless` is an answer to HEAD, a 204 or a 304: its Content-Length speaks of another
    body and stays.
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
        right = name == b"content-length" and (bodiless or _says(line, length))
        wrong = name == b"transfer-encoding" or (name == b"content-length" and not right)
        true, changed = true or right, changed or wrong
        lines.append(ORIGINAL + line if wrong else line)
    if not changed or true or bodiless:
        return b"".join(lines)
    return _with_last_field(b"".join(lines), b"Content-Length: %d\r\n" % length)


def _says(line: bytes, length: int) -> bool:
    numbers = [part.strip() for part in _FOLD.sub(b" ", line).partition(b":")[2].split(b",")]
    return all(part.isdigit() and len(part) <= 20 and int(part) == length for part in numbers)


def _with_last_field(head: bytes, field: bytes) -> bytes:
    empty = b"\r\n" if head.endswith(b"\n\r\n") else b"\n" if head.endswith(b"\n\n") else b""
    cut = len(head) - len(empty)
    return head[:cut] + field + head[cut:]


def redacted(head: bytes, names: frozenset[str] = _SECRET) -> bytes:
    """A request head whose fields of these names (of any case) say only that they were there.

    Without `names`, they are Authorization, Proxy-Authorization and Cookie.
    """
    return _fields_named(names).sub(rb"\1[redacted]", head)


@lru_cache(maxsize=64)
def _fields_named(names: frozenset[str]) -> re.Pattern[bytes]:
    listed = "|".join(map(re.escape, sorted(names))).encode()
    return re.compile(rb"(\n(?:%b)[ \t]*:[ \t]*)(?:[^\n]|\n[ \t])*?(?=\r?\n(?![ \t])|\Z)" % listed, re.IGNORECASE)


def field_name(line: bytes) -> bytes:
    """The name of a header line in lower case; empty when the line has no colon."""
    name, colon, _ = line.partition(b":")
    return name.rstrip(b" \t").lower() if colon else b""


@lru_cache(maxsize=16)  # whoever answers with a capture looks at its head again and again
def headers_of(head: bytes) -> Headers:
    """The fields of a head in their order and case, folds joined by one space; lines without a colon are left out."""
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
    """The fields of a head that say something of its payload, as `headers_of` gives them."""
    return tuple([(name, _unfolded(value)) for name, value in _WANTED.findall(head)])


def status_of(head: bytes) -> int | None:
    """The status code of a response head, None when its first line has none."""
    found = _STATUS.match(head)
    return int(found[1]) if found else None


def end_of_head(block: bytes) -> int:
    """Where the body begins in an HTTP message; its whole length when no empty line ends the head."""
    found = END.search(block)
    return found.end() if found else len(block)
