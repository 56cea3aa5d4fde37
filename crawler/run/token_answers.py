"""Answers that repeat the storage of a login, or bring new tokens: they are not archived."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import unquote_to_bytes

from scrapy.exceptions import IgnoreRequest

from crawler.run.secret_forms import LEAST
from crawler.run.stand_ins import StandIns, TooMuchStorage
from extractor.values.content import decode_content
from extractor.values.encoding import decode

if TYPE_CHECKING:
    from scrapy.http import Response as Page

    from archive.warc.exchange import Exchange, Response

_LARGEST = 64 << 20
_MOST_COMPARED = 8 << 30
"""Bytes of a body, times forms that are looked for: about a second of CPU, in which the event loop waits."""
_NO_TEXT = re.compile(rb"(?:image/(?!svg)|video/|audio/|font/)", re.IGNORECASE)
"""Types of bodies in which nothing is looked for."""
_DEEP = 50
_TOKENS = frozenset(
    (
        *("accesstoken", "refreshtoken", "idtoken", "authtoken", "sessiontoken", "bearertoken", "token", "jwt"),
        *("sessionid", "apikey", "clientsecret", "secret", "password", "authorization", "accesskey", "secretkey"),
    )
)
"""Names of JSON fields with tokens (RFC 6749, 5.1, and the usual ones of sites), without signs between words."""
_MAYBE = frozenset(("access", "refresh", "session", "sid", "key", "id_token"))
"""Names of fields that have a token if it is long."""
_LONG = re.compile(r"[\w.+/=~-]{24,}", re.ASCII)
_SIGNS = re.compile(r"[\W_]+")
_FIELD = re.compile(r"(?:x-)?(?:auth|authorization|authentication|(?:auth|access|refresh|id|session)-?token|token|jwt)")
"""Names of the fields of a head that bring tokens."""
_JWT = re.compile(rb"(?<![\w-])([\w-]{11,}+)(?=\.eyJ[\w-]{8,}\.)")
"""What may end with the first part of a JWT, from its first sign on: looks from each sign take quadratic time."""
_WRITTEN = re.compile(
    rb"\b((?:access|refresh|id|auth|session|bearer)[_-]?token|jwt)\b[\"']?\s*[:=]\s*[\"']?([\w.+/=~-]{12,})",
    re.IGNORECASE,
)
"""The surest names of tokens, in any text: JSON after a prefix, a form, events, scripts."""
_ESCAPE = re.compile(rb"\\(?:u00([0-9a-fA-F]{2})|x([0-9a-fA-F]{2})|(/))")


class Withheld(IgnoreRequest):
    """An answer is not archived, as it has a secret of a login."""

    def __init__(self, reason: str, response: Page) -> None:
        super().__init__(reason)
        self.response = response


class HasSecret(Exception):
    """Something that is derived from an answer has a secret of a login, and is not archived."""


def why_withheld(stand_ins: StandIns, exchange: Exchange, *, own: bool) -> str | None:
    """Return why an answer is not archived; None if it is. `own` says whether it is of a host of the source."""
    answer = exchange.response
    head = () if answer is None else (answer.head, answer.trailers)
    if (
        item := stand_ins.item_in(*exchange.interim, exchange.received, (exchange.error or "").encode(), *head)
    ) is not None:
        return _repeats(item)
    if answer is None:
        return None
    most = min(_LARGEST, _MOST_COMPARED // max(4 * stand_ins.forms, 1))
    raw, kind = _start(answer, most), _field(answer, b"content-type")
    coding = _field(answer, b"content-encoding").decode("latin-1")
    if not coding and _NO_TEXT.match(kind) and not _looks_like_text(raw):
        return None
    decoded = decode_content(raw, coding, most)
    if decoded.cut or answer.length > most:
        return f"it has more than {most >> 20} MiB, in which the values of the login's storage were not looked for"
    if decoded.error:
        return f"the values of the login's storage can't be looked for in it: {decoded.error}"
    return _why_not(stand_ins, answer, decoded.body, kind, own=own)


def _why_not(stand_ins: StandIns, answer: Response, body: bytes, kind: bytes, *, own: bool) -> str | None:
    text = decode(body, kind.decode("latin-1"))[0].encode("utf-8", "replace")
    texts = {body, text, html.unescape(text.decode()).encode(), unquote_to_bytes(text), _ESCAPE.sub(_character, text)}
    if (item := stand_ins.item_in(*texts)) is not None:
        return _repeats(item)
    token = _token_in(answer, text) if own else None
    return None if token is None else f"it brings a token in {token!r}"


def _looks_like_text(body: bytes) -> bool:
    """Return whether a body that is called a picture is none."""
    start = body[:512]
    try:
        start.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(start) - 3 and b"\0" not in start
    return bool(start) and b"\0" not in start


def _character(found: re.Match[bytes]) -> bytes:
    return b"/" if found[3] else chr(int(found[1] or found[2], 16)).encode()


def shown(stand_ins: StandIns, body: bytes, *, secure: bool) -> bytes | None:
    """Return JSON that was withheld with stand-ins in place of values and tokens; None if they can't be replaced."""
    try:
        found = json.loads(body)
        text = json.dumps(_hidden(stand_ins, found, secure), separators=(",", ":"), ensure_ascii=False).encode()
    except (ValueError, RecursionError, TooMuchStorage):  # UnicodeError is a ValueError
        return None
    return text if stand_ins.item_in(text) is None else None


def brings_token(name: bytes) -> bool:
    """Return whether the name of a field of an answer's head is one of tokens."""
    return _FIELD.fullmatch(name.decode("latin-1").lower()) is not None


def _repeats(item: str) -> str:
    return f"it repeats {item!r} of the login's storage"


def _field(answer: Response, name: bytes) -> bytes:
    return b",".join(value for field, value in answer.headers if field.lower() == name)


def _start(answer: Response, most: int) -> bytes:
    """Return the body, up to the size in which values are looked for; the file stays at its beginning."""
    body: bytes | BinaryIO = answer.body
    if isinstance(body, bytes):
        return body[:most]
    body.seek(0)
    try:
        return body.read(most)
    finally:
        body.seek(0)


def _token_in(answer: Response, text: bytes) -> str | None:
    for field, value in answer.headers:
        if brings_token(field) and len(value) >= LEAST:
            return field.decode("latin-1")
    if _has_jwt(text):
        return "a JWT"
    try:
        if (name := next(_tokens(json.loads(text)), None)) is not None:
            return name
    except (ValueError, RecursionError):
        pass
    written = _WRITTEN.search(text)
    return written[1].decode() if written is not None else None


def _tokens(found: Any, depth: int = 0) -> Iterator[str]:
    if isinstance(found, dict):
        for name, one in found.items():
            if _is_token(name, one):
                yield name
            elif depth < _DEEP:
                yield from _tokens(one, depth + 1)
    elif isinstance(found, list) and depth < _DEEP:
        for one in found:
            yield from _tokens(one, depth + 1)


def _hidden(stand_ins: StandIns, found: Any, secure: bool, name: str = "") -> Any:
    if isinstance(found, dict):
        return {key: _hidden(stand_ins, one, secure, key) for key, one in found.items()}
    if isinstance(found, list):
        return [_hidden(stand_ins, one, secure) for one in found]
    if _is_token(name, found):
        hidden = stand_ins.hide(str(found), name, secure=secure)
        return hidden if isinstance(found, str) else int(hidden)
    return stand_ins.hide_known(found) if isinstance(found, str) else found


def _is_token(name: str, value: Any) -> bool:
    if isinstance(value, int) and not isinstance(value, bool):
        return value > 0 and len(str(value)) >= LEAST and _SIGNS.sub("", name).lower() in _TOKENS
    if not isinstance(value, str) or len(value) < LEAST:
        return False
    bare = _SIGNS.sub("", name).lower()
    return bare in _TOKENS or (bare in _MAYBE and _LONG.fullmatch(value) is not None) or _has_jwt(value.encode())


def _has_jwt(text: bytes) -> bool:
    return any(b"eyJ" in found[1][:-8] for found in _JWT.finditer(text))
