"""Remove secrets from logs and output, by the name of the field and by their value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

HIDDEN = "[redacted]"

# `secrets` is a list of names, not of values.
_NAMES = re.compile(
    r"pass(word|wd)?$|secret(?!s$)|token|authorization|cookie|api[-_]?key|access[-_]?key|private[-_]?key|wacz_?key|credential",
    re.IGNORECASE,
)
_NAMES_IN_URLS = re.compile(
    rf"{_NAMES.pattern}|key$|^sig(nature)?$|^j?session_?id$|^s(ess)?id$|^auth$|口令|密码|密钥|令牌", re.IGNORECASE
)
"""Names of parameters. What a URL in a sentence says may be hidden rather too often than too seldom."""
_USERINFO = re.compile(r"(?<=://)[^/\s@?#]+@")
_BEARER = re.compile(r"(?i)\b(bearer|basic) [A-Za-z0-9._~+/=-]+")
_TOKEN = re.compile(r"\bpressmark_[A-Za-z0-9_-]{43}")
_ENCODED = re.compile(r"\b[a-z][a-z0-9+.-]{0,30}%3a(?:%2f){2}[^\s&;#\"']+", re.IGNORECASE)
"""A URL that is written as a parameter of another one is."""
_PARAMETER = re.compile(r"(?<=[?&;#？])([^=&;#?？\s]+)=((?:[^&;#\s]|;(?![^=&;#?\s]+=)(?=\S))+)")
"""The name and the value. A semicolon that no other name follows is part of the value."""
_DEEPEST = 3
"""URLs within URLs that are looked into."""
_SHORTEST = 6
"""Shorter values are not searched for: they would hide half of every sentence."""
_HOST = re.compile(r"https?://[^/?#@\s]+/?")
"""The address of a host alone, such as that of a webhook. It says no secret, and would hide all pages of the host."""


class Redaction:
    """Hides the secrets that it knows, and whatever looks like one."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets: tuple[str, ...] = ()
        self.hide(secrets)

    def hide(self, secrets: Iterable[str]) -> None:
        """Hide these values too, from now on."""
        long_enough = (secret for secret in secrets if len(secret) >= _SHORTEST)
        known = {*self._secrets, *(secret for secret in long_enough if not _HOST.fullmatch(secret))}
        self._secrets = tuple(sorted(known, key=len, reverse=True))

    def known(self, value: str) -> str:
        """Return a text that people read without the known secrets: `basic research` stays."""
        for secret in self._secrets:
            if secret in value:
                value = value.replace(secret, HIDDEN)
        return value

    def text(self, value: str) -> str:
        value = _TOKEN.sub(HIDDEN, _USERINFO.sub(f"{HIDDEN}@", self.known(value)))
        return _BEARER.sub(rf"\1 {HIDDEN}", value)

    def value(self, value: Any, name: str = "") -> Any:
        """Return `value` without its secrets, whatever its type, as plain JSON types."""
        if name and _NAMES.search(name) and value not in (None, "", True, False):
            return HIDDEN
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {str(key): self.value(inner, str(key)) for key, inner in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.value(inner) for inner in value]
        if value is None or isinstance(value, bool | int | float):
            return value
        return self.text(str(value))


def without_parameters(value: str, depth: int = 0) -> str:
    """Hide the values of the parameters of URLs in a text whose names say that they are secret, such as `?token=`.

    Captured URLs are not treated like that: they are what is archived.
    """

    def shown(found: re.Match[str]) -> str:
        name, given = found.groups()
        inner = unquote(given)
        is_secret = _NAMES_IN_URLS.search(unquote(name)) and any(map(str.isalnum, given))
        if is_secret or (depth < _DEEPEST and inner != given and without_parameters(inner, depth + 1) != inner):
            return f"{name}={HIDDEN}"
        return found[0]

    def decoded(found: re.Match[str]) -> str:
        plain = unquote(found[0])
        return found[0] if without_parameters(plain, depth + 1) == plain else HIDDEN

    value = _PARAMETER.sub(shown, value)
    return _ENCODED.sub(decoded, value) if depth < _DEEPEST else value


redaction = Redaction()
"""The one of this process: the assembly adds the settings' secrets, logs and pages use it."""
