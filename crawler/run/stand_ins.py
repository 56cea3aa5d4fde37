"""Stand-ins for what a login left in the storage of a browser: pages get them, and the site gets the values.

A token in `localStorage` gets into URLs, fields, bodies, documents, consoles and pictures by the scripts of its pages,
in forms that nothing could find again. So no page gets one: text of the same form, without a meaning, replaces each
value of eight characters or more. Instants, origins of URLs, and words under a name that is not one of a secret stay,
as pages compute with them and show them. The names of items and fields stay, too.

When a page requests something of a host of its source, the values are put in as the request is written to the socket,
so neither the browser nor a record has them. A stand-in that scripts have changed (hashed, say) stays as it is, and the
site refuses it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from binascii import Error as NotBase64
from collections.abc import Callable, Set
from string import ascii_lowercase, ascii_uppercase, digits
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from crawler.policy.rows import host_of
from crawler.policy.session_cookies import Storage
from crawler.run.secret_forms import LEAST, forms_of, stands_in

if TYPE_CHECKING:
    from scrapy import Request

_MOST = 200
_DEEP = 20
_KEPT = "-_.~"
"""Signs that no encoding changes: they tell a token from a UUID or a JWT."""
_JWT = re.compile(r"(eyJ[\w-]+)\.([\w-]+)\.([\w-]*)", re.ASCII)
_CODED = re.compile(rb"[A-Za-z0-9+/_-]{11,}={0,2}")
_INSTANT = re.compile(r"1\d{9}|1\d{12}|20\d\d-\d\d-\d\d(?:[T ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?", re.ASCII)
_AUTHORIZATION = re.compile(r"((?:Bearer|Token|JWT|Basic) +)(\S+)", re.IGNORECASE)
"""What a site may keep ready for the field Authorization (RFC 9110, 11.4)."""
_ORIGIN = re.compile(r"https?://[\w.-]+(?::\d+)?/?", re.ASCII)
_WORDS = re.compile(r"(?:(?:[^\W\d_A-Z]{1,20}|[A-Z][^\W\d_A-Z]{1,19}|[A-Z]{1,6})(?:[ .,:/@_-]++|\Z))++")
"""No two of the three ways begin alike: otherwise `A/A/A…` takes exponential time."""
_NO_WORD = re.compile(r"[bcdfghjklmnpqrstvwxz]{5}", re.IGNORECASE)
_SECRET_PART = re.compile(
    r"token|secret|passw|jwt|session|csrf|xsrf|credential|bearer|apikey|auth(?!or)|refresh", re.IGNORECASE
)
_SECRET_WORDS = frozenset(
    ("sid", "pin", "otp", "code", "hash", "key", "sign", "signature", "pass", "pwd", "seed", "phrase", "sess", "nonce")
)
"""Parts and words of names of fields whose values are secrets even where they are words."""
_NAME_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


class TooMuchStorage(ValueError):
    """The storage of a login has too many values to keep them out of an archive."""


class _Value(NamedTuple):
    real: str
    item: str
    """The name of the item that it is of."""
    secure: bool
    """Whether it is only for https."""
    forms: frozenset[bytes]


class StandIns:
    """The stand-ins of one run."""

    def __init__(self, storage: Storage, own: Set[str], key: bytes) -> None:
        """Make stand-ins for what is of the origins of these hosts, those of the source.

        They are the same for the same `key`, a secret of this machine. Raises TooMuchStorage.
        """
        self._own, self._key = own, key
        self._values: dict[str, _Value] = {}
        """By stand-in."""
        self._of: dict[str, str] = {}
        self._pattern: re.Pattern[str] | None = None
        self.storage: dict[str, dict[str, str]] = {}
        """What pages find: for each origin of the source, its items."""
        for origin, items in storage.items():
            if self.is_own(f"{origin}/"):
                secure = origin.startswith("https:")
                self.storage[origin] = {name: self._whole(value, name, secure) for name, value in items.items()}

    def is_own(self, url: str) -> bool:
        """Return whether an absolute URL is on a host of the source."""
        return host_of(url) in self._own

    @property
    def forms(self) -> int:
        """The number of texts that are looked for."""
        return sum(len(value.forms) for value in self._values.values())

    # --- what the site gets -----------------------------------------------------------------------------------------

    def reveal(self, request: Request) -> Request | None:
        """Return a request with the values in place of their stand-ins; None if it has none of them.

        It must be on a host of the source. Values of an https origin are left out of what is not encrypted.
        """
        secure = request.url.startswith("https:")
        before, _, target = request.url.partition("://")
        authority, slash, target = target.partition("/")
        if not slash or not self.is_own(request.url):
            return None
        kind = (request.headers.get(b"Content-Type") or b"").decode("latin-1").lower()
        url = f"{before}://{authority}/" + self._put(target, secure, _in_url)
        write = _in_json if "json" in kind else _in_url if "form-url" in kind else str
        body = self._put_bytes(request.body, secure, write)
        headers = {
            name: [self._put_coded(value, secure) for value in values] for name, values in dict.items(request.headers)
        }
        if (url, body) == (request.url, request.body) and headers == dict(dict.items(request.headers)):
            return None
        real = request.replace(url=url, body=body)
        dict.update(real.headers, headers)
        return real

    def _put(self, text: str, secure: bool, write: Callable[[str], str]) -> str:
        if self._pattern is None:
            return text

        def real(found: re.Match[str]) -> str:
            value = self._values[found[0]]
            return write(value.real) if secure or not value.secure else found[0]

        return self._pattern.sub(real, text)

    def _put_bytes(self, text: bytes, secure: bool, write: Callable[[str], str]) -> bytes:
        """Replace in bytes of any charset: stand-ins are ASCII."""
        put = self._put(
            text.decode("latin-1"), secure, lambda real: write(real).encode("utf-8", "surrogatepass").decode("latin-1")
        )
        return put.encode("latin-1")

    def _put_coded(self, value: bytes, secure: bool) -> bytes:
        """Replace in the value of a field, also in what is base64 there: RFC 7617, and JSON that scripts encode."""
        plain = self._put_bytes(value, secure, str)

        def inside(found: re.Match[bytes]) -> bytes:
            try:
                text = base64.b64decode(found[0] + b"=" * (-len(found[0]) % 4), validate=True)
            except (NotBase64, ValueError):
                return found[0]
            put = self._put_bytes(text, secure, str)
            return found[0] if put == text else base64.b64encode(put)

        return _CODED.sub(inside, plain)

    # --- what pages get ---------------------------------------------------------------------------------------------

    def hide(self, value: str, item: str, *, secure: bool) -> str:
        """Return a value of an item as a page gets it: JSON and the claims of a JWT keep their form.

        Raises TooMuchStorage.
        """
        return self._hide(value, item, secure)

    def hide_known(self, text: str) -> str:
        """Return a text with stand-ins in place of the values that stand in it as they are."""
        for real in sorted(self._of, key=len, reverse=True):
            text = text.replace(real, self._of[real])
        return text

    def _whole(self, value: str, name: str, secure: bool) -> str:
        return value if _are_words(value, name) else self._hide(value, name, secure)

    def _hide(self, value: str, item: str, secure: bool, depth: int = 0) -> str:
        if depth < _DEEP and value.lstrip()[:1] in ("{", "[", '"'):
            try:
                found = json.loads(value)
            except (ValueError, RecursionError):
                pass
            else:
                hidden = self._hide_json(found, item, secure, depth, item)
                return json.dumps(hidden, separators=(",", ":"), ensure_ascii=False)
        if (named := _AUTHORIZATION.fullmatch(value)) is not None:
            return named[1] + self._hide(named[2], item, secure, depth + 1)
        if len(value) < LEAST or _INSTANT.fullmatch(value) or _ORIGIN.fullmatch(value):
            return value
        if value not in self._of:
            self._add(value, self._jwt(value, item, secure, depth) or self._like(value), item, secure)
        return self._of[value]

    def _hide_json(self, found: Any, item: str, secure: bool, depth: int, name: str = "") -> Any:
        if depth >= _DEEP:
            return None
        if isinstance(found, dict):
            return {key: self._hide_json(one, item, secure, depth + 1, f"{name}.{key}") for key, one in found.items()}
        if isinstance(found, list):
            return [self._hide_json(one, item, secure, depth + 1, name) for one in found]
        if isinstance(found, str):
            return found if _are_words(found, name) else self._hide(found, item, secure, depth + 1)
        if isinstance(found, int) and not isinstance(found, bool) and len(str(found)) >= LEAST:
            return int(self._hide(str(found), item, secure, _DEEP)) if found > 0 else 0
        return found

    def _jwt(self, value: str, item: str, secure: bool, depth: int) -> str | None:
        """Return a stand-in for a JWT (RFC 7519), whose parts can be read, and which nobody signed."""
        if (found := _JWT.fullmatch(value)) is None or depth >= _DEEP:
            return None
        parts = []
        for part in found.groups()[:2]:
            try:
                claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
            except (ValueError, RecursionError):
                return None
            hidden = json.dumps(self._hide_json(claims, item, secure, depth + 1), separators=(",", ":"))
            parts.append(base64.urlsafe_b64encode(hidden.encode()).rstrip(b"=").decode())
        return ".".join((*parts, self._like(found[3]) if found[3] else ""))

    def _like(self, value: str, again: int = 0) -> str:
        """Return the same text for a value each time, which says nothing about it without the key."""
        text = value.encode("utf-8", "surrogatepass")
        known = hmac.digest(self._key, again.to_bytes(4) + text, "sha256")
        return _alike(value, hashlib.shake_256(known).digest(2 * len(value)))

    def _add(self, real: str, stand_in: str, item: str, secure: bool) -> None:
        if len(self._values) >= _MOST:
            raise TooMuchStorage(f"its localStorage has more than {_MOST} values; keep only the items of the login")
        again = 0
        while stand_in in self._values or stand_in == real:
            again += 1
            stand_in = self._like(real, again)
        self._of[real] = stand_in
        self._values[stand_in] = _Value(real, item, secure, forms_of(real))
        longest_first = sorted(self._values, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first)))

    # --- what is kept -----------------------------------------------------------------------------------------------

    def item_in(self, *texts: bytes) -> str | None:
        """Return the name of an item of the storage that has a value in one of these texts; None without one."""
        for text in (text.lower() for text in texts if text):
            for value in self._values.values():
                if value.real and stands_in(value.forms, text):
                    return value.item
        return None


def _are_words(value: str, name: str) -> bool:
    """Return whether a value is made of words, under a name that is not one of a secret."""
    if not _WORDS.fullmatch(value) or _NO_WORD.search(value) or _SECRET_PART.search(name):
        return False
    return _SECRET_WORDS.isdisjoint(word.lower() for word in _NAME_WORDS.findall(name))


def _alike(value: str, random: bytes) -> str:
    """Return text of the same length and form; only letters, digits and signs that no encoding changes."""
    letters = value if any(sign.isascii() and sign.isalnum() for sign in value) else "a" * len(value)
    in_hex = all(sign in "0123456789abcdef-" for sign in value.lower())
    pairs = (int.from_bytes(random[2 * place : 2 * place + 2]) for place in range(len(letters)))
    return "".join(
        _sign_like(sign, number, in_hex, first=place == 0)
        for place, (sign, number) in enumerate(zip(letters, pairs, strict=True))
    )


def _sign_like(sign: str, number: int, in_hex: bool, *, first: bool) -> str:
    if sign in _KEPT:
        return sign
    if sign in digits:
        choice = digits[1:] if first else digits
    elif in_hex:
        choice = "ABCDEF" if sign in ascii_uppercase else "abcdef"
    else:
        choice = ascii_uppercase if sign in ascii_uppercase else ascii_lowercase
    return choice[number % len(choice)]


def _in_url(value: str) -> str:
    return quote(value.encode("utf-8", "surrogatepass"), safe="")


def _in_json(value: str) -> str:
    return json.dumps(value)[1:-1]
