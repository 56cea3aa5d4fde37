"""Answers that repeat the storage of a login, or bring new tokens: they are not archived."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

from scrapy.exceptions import IgnoreRequest

from crawler.run.secret_forms import LEAST
from crawler.run.stand_ins import StandIns, TooMuchStorage
from extractor.values.content import decode_content

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
_SIGNS = re.compile(r"[\W_]+")
_FIELD = re.compile(r"(?:x-)?(?:auth|authorization|authentication|(?:auth|access|refresh|id|session)-?token|token|jwt)")
"""Names of the fields of a head that bring tokens."""


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
    if (item := stand_ins.item_in(*exchange.interim, exchange.received, *head)) is not None:
        return _repeats(item)
    if answer is None or _NO_TEXT.match(_field(answer, b"content-type")):
        return None
    most = min(_LARGEST, _MOST_COMPARED // max(stand_ins.forms, 1))
    decoded = decode_content(_start(answer, most), _field(answer, b"content-encoding").decode("latin-1"), most)
    if decoded.cut or answer.length > most:
        return f"it has more than {most >> 20} MiB, in which the values of the login's storage were not looked for"
    if decoded.error:
        return f"the values of the login's storage can't be looked for in it: {decoded.error}"
    if (item := stand_ins.item_in(decoded.body)) is not None:
        return _repeats(item)
    token = _token_in(answer, decoded.body) if own else None
    return None if token is None else f"it brings a token in {token!r}"


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


def _token_in(answer: Response, body: bytes) -> str | None:
    for name, value in answer.headers:
        if brings_token(name) and len(value) >= LEAST:
            return name.decode("latin-1")
    if body.lstrip()[:1] not in (b"{", b"["):
        return None
    try:
        return next(_tokens(json.loads(body)), None)
    except (ValueError, RecursionError):
        return None


def _tokens(found: Any, depth: int = 0) -> Iterator[str]:
    if isinstance(found, dict):
        for name, one in found.items():
            if isinstance(one, str) and _is_token(name, one):
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
    if isinstance(found, str):
        return stand_ins.hide(found, name, secure=secure) if _is_token(name, found) else stand_ins.hide_known(found)
    return found


def _is_token(name: str, value: str) -> bool:
    return len(value) >= LEAST and _SIGNS.sub("", name).lower() in _TOKENS
