"""The URL that a request is about: at the end of one of ours, with its query, as it was sent; or in its query."""

from __future__ import annotations

import codecs
import re
from typing import Annotated
from urllib.parse import parse_qsl, quote, unquote

from fastapi import Depends, Query, Request
from starlette.types import Scope

from archive.values.errors import CaptureNotFound
from config.settings import Settings
from pressmark.views.links import SAFE

_ENCODED = re.compile(r"(?:https?|urn|dns|file)%3a", re.IGNORECASE)
_ONE_SLASH = re.compile(r"(https?):/+(?=[^/])", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://|(?:urn|dns|file):", re.IGNORECASE)
"""The prefixes that `example.org:8080/` does not have."""


def target(raw_path: bytes, query: bytes, before: int) -> str:
    """Return the URL that begins after `before` segments of the path.

    It may be unchanged, percent-encoded as a whole (``https%3A//…``), or without its scheme. Two slashes that a proxy
    merged to one are restored.
    """
    parts = raw_path.split(b"/", before + 1)
    text = _text(parts[-1]) if len(parts) == before + 2 else ""
    if _ENCODED.match(text):
        text = unquote(text)
    text = _ONE_SLASH.sub(lambda found: f"{found[1]}://", text, count=1) if _ONE_SLASH.match(text) else text
    if text and not _SCHEME.match(text):
        text = f"http://{text}"
    return f"{text}?{_text(query)}" if query else text


def parameters(query: bytes, most: int | None = None) -> list[tuple[str, str]]:
    """Return the parameters of a query, in order.

    Bytes that are not UTF-8 stay escaped: URLs of sites in GBK have them.

    Raises ValueError when there are more than `most`.
    """
    return parse_qsl(query.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=most, errors=_ESCAPED)


def named_in(request: Request) -> str:
    """Return the URL in the parameter `url` of a request; empty when there is none."""
    return dict(parameters(request.scope["query_string"])).get("url", "")


def home_of(request: Request) -> str:
    """Return our own origin, as the caller names it."""
    return str(request.base_url).rstrip("/")


def public_home(request: Request, settings: Settings) -> str:
    """Return the prefix of permanent links: our public address, or our origin as the caller names it."""
    return settings.public_url or home_of(request)


def _named(request: Request, url: Annotated[str, Query(min_length=1, max_length=8192)]) -> str:  # noqa: ARG001 (checked)
    return named_in(request)


Named = Annotated[str, Depends(_named)]
"""The URL in the parameter `url`."""


def address_of(scope: Scope) -> str:
    """Return path and query of a request as sent: their escapes may belong to the URL of a snapshot."""
    raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    path, query = raw.partition(b"?")[0], scope["query_string"]
    return quote(path + b"?" + query if query else path, safe=SAFE)


def _escaped(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return quote(error.object[error.start : error.end], safe=""), error.end


_ESCAPED = "pressmark.escaped"
codecs.register_error(_ESCAPED, _escaped)


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return quote(raw, safe=SAFE + "#")


def url_after(request: Request, before: int) -> str:
    """Return the URL at the end of the request's own. Raises CaptureNotFound when there is none."""
    raw_path = request.scope.get("raw_path") or request.scope["path"].encode()
    url = target(raw_path.partition(b"?")[0], request.scope["query_string"], before)
    if not url:
        raise CaptureNotFound("an empty URL")
    return url
