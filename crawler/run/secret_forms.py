"""The forms in which a secret may stand in an answer, and whether one stands there."""

from __future__ import annotations

import base64
import codecs
import html
import json
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

LEAST = 8
"""The characters from which on a value counts as a secret: shorter ones stand in any page."""
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def forms_of(secret: str) -> frozenset[bytes]:
    """Return the forms of a secret, in lower case: as it is, percent-encoded (also twice), escaped for JSON (also
    twice) and HTML, in hexadecimal, and in base64 at each of the three places of a text.
    """
    raw = secret.encode("utf-8", "surrogatepass")
    texts = dict.fromkeys(_written(secret)) if secret.isascii() or secret.isprintable() else {secret: None}
    found = {raw, raw.hex().encode(), *(text.encode("utf-8", "surrogatepass") for text in texts)}
    for shift in range(3):
        coded = _inner_base64(raw, shift)
        found |= {coded, coded.translate(_URL_SAFE)}
    return frozenset(form.lower() for form in found)


def stands_in(forms: Iterable[bytes], body: bytes) -> bool:
    """Return whether a text in lower case has one of these forms."""
    if body[:2] in _WIDE:
        body = body.replace(b"\0", b"")
    return any(form in body for form in forms)


def _written(secret: str) -> Iterator[str]:
    raw = secret.encode("utf-8", "surrogatepass")
    yield quote(raw, safe="")
    yield quote(raw)
    yield quote_plus(raw)
    yield quote(quote(raw, safe=""), safe="")
    for ascii_only in (True, False):
        once = json.dumps(secret, ensure_ascii=ascii_only)[1:-1]
        yield from (once, once.replace("/", "\\/"), json.dumps(once)[1:-1])
    escaped = html.escape(secret)
    yield from (escaped, html.escape(secret, quote=False), escaped.replace("&#x27;", "&#39;"))


def _inner_base64(raw: bytes, shift: int) -> bytes:
    """Return the characters that depend on nothing but the secret when `shift` bytes of three stand before it."""
    coded = base64.b64encode(bytes(shift) + raw)
    return coded[-(-shift * 8 // 6) : (shift + len(raw)) * 8 // 6]
