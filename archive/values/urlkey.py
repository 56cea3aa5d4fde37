"""The key of a URL in the index: its SURT, "sort-friendly URI reordering transform", as CDX files use it.

``https://www.Example.org:443/News//a/?b=2&a=1#top`` has the key ``org,example)/news/a?a=1&b=2``. The URL is first
parsed by the WHATWG rules, as browsers do: ``http://ex.com\\@evil.com/`` is a page of ex.com.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal
from urllib.parse import unquote_to_bytes

import can_ada

Match = Literal["exact", "prefix", "host", "domain"]
Range = tuple[str, str]
"""Keys from the first, inclusive, to the second, exclusive."""

_LONG = 2048
"""Longer URLs are not cached."""
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_WWW = re.compile(r"www\d*")
_UNSAFE = re.compile(rb"[\x00-\x20#%\x7f-\xff]")
_SESSION_IN_PATH = (
    re.compile(r"^(.*/)\((?:[a-z]\([0-9a-z]{24}\))+\)/([^?]+\.aspx.*)$"),
    re.compile(r"^(.*/)\([0-9a-z]{24}\)/([^?]+\.aspx.*)$"),
)
_SESSION_IN_QUERY = (
    re.compile(r"^(.*)jsessionid=[0-9a-z]{32}(?:&(.*))?$"),
    re.compile(r"^(.*)phpsessid=[0-9a-z]{32}(?:&(.*))?$"),
    re.compile(r"^(.*)sid=[0-9a-z]{32}(?:&(.*))?$"),
    re.compile(r"^(.*)aspsessionid[a-z]{8}=[a-z]{24}(?:&(.*))?$"),
    re.compile(r"^(.*)cfid=(?:(?!cfid=[^&])[^&])+&cftoken=[^&]+(?:&(.*))?$"),
)


def urlkey(url: str) -> str:
    """Return the key of a URL. Never raises: the key of an invalid URL is its text in lower case, without blanks."""
    return _remembered(url) if len(url) <= _LONG else _key(url)


def _key(url: str) -> str:
    parsed = _parse(url)
    if parsed is None:
        return _plain(url) or "-"
    query = _query(parsed.search[1:])
    if host := parsed.hostname:
        return f"{_host(host, parsed.port)}){_path(parsed.pathname or '/')}{query}"
    path = _strip_slash(_canonical(parsed.pathname))
    return f"{parsed.protocol}{path}{query}"


_remembered = lru_cache(maxsize=8192)(_key)  # a page's key is needed when it is requested, recorded and indexed


def key_ranges(url: str, match: Match) -> tuple[Range, ...]:
    """Return the key ranges that match `url`, in order.

    ``prefix`` matches all keys that begin with the key of `url`, ``host`` all pages of its host, ``domain`` those of
    its subdomains too, at any port.
    """
    key = urlkey(url)
    host, bracket, _ = key.partition(")")
    if match == "exact":
        return (exactly(key),)
    if match == "prefix":
        return (_beginning(key + "/" if url.endswith("/") and not key.endswith("/") else key),)
    if not bracket:
        raise ValueError(f"{url!r} has no host, so it can't be matched by {match}")
    if match == "host":
        return (_beginning(host + ")"),)
    domain = host.partition(":")[0] if not host.startswith(":") else host
    return ((domain + ")", domain + "-"), _beginning(domain + ":"))


def exactly(key: str) -> Range:
    """Return the range of one key: no key has a character before "!"."""
    return key, f"{key}!"


def _beginning(prefix: str) -> Range:
    return prefix, prefix[:-1] + chr(ord(prefix[-1]) + 1)


def _parse(url: str) -> can_ada.URL | None:
    """Parse a URL as browsers do; without a scheme, assume http."""
    for candidate in (url, f"http://{url.strip().lstrip('/')}"):
        try:
            return can_ada.parse(candidate)
        except (ValueError, TypeError):  # TypeError: lone surrogates
            if _SCHEME.match(url.strip()):
                return None
    return None


def _host(host: str, port: str) -> str:
    if host[0] == "[":
        name = host[1:-1]
    else:
        labels = [label for label in host.lower().split(".") if label]
        if len(labels) > 1 and _WWW.fullmatch(labels[0]):
            del labels[0]
        name = ",".join(reversed(labels))
    return f"{name}:{port}" if port and port != "0" else name


def _path(path: str) -> str:
    path = _canonical(path)
    if "//" in path or "/." in path:
        path = _resolve(path)
    if ".aspx" in path:
        path = _without(_SESSION_IN_PATH, path)
    return _strip_slash(path)


def _resolve(path: str) -> str:
    """Remove empty and dot segments, also percent-encoded ones."""
    kept: list[str] = []
    for segment in path[1:].split("/"):
        if segment == ".." and kept:
            kept.pop()
        elif segment != ".":
            kept.append(segment)
    return "/" + "/".join(filter(None, kept))


def _strip_slash(path: str) -> str:
    return path[:-1] if len(path) > 1 and path[-1] == "/" else path


def _query(query: str) -> str:
    query = _canonical(query)
    if "sid" in query or "sessionid" in query or "cfid" in query:
        query = _without(_SESSION_IN_QUERY, query)
    if "&" in query:
        query = "&".join(sorted(query.split("&"), key=lambda argument: argument.partition("=")))
    return f"?{query}" if query else ""


def _without(patterns: Iterable[re.Pattern[str]], text: str) -> str:
    for pattern in patterns:
        if found := pattern.match(text):
            text = found[1] + (found[2] or "")
    return text


def _canonical(text: str) -> str:
    """Return text in lower case, with percent-encoding only where needed, however often it was encoded."""
    if "%" not in text and " " not in text:
        return text.lower()
    plain = text.encode()
    while (once := unquote_to_bytes(plain)) != plain:
        plain = once
    return _UNSAFE.sub(_percent, plain).decode("ascii").lower()


def _plain(text: str) -> str:
    return _UNSAFE.sub(_percent, text.strip().encode(errors="surrogatepass")).decode().lower()


def _percent(unsafe: re.Match[bytes]) -> bytes:
    return b"%%%02x" % ord(unsafe[0])
