"""An archived snapshot as Scrapy gives it to a spider, and the console to explore it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import scrapy
from scrapy import Request
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes
from scrapy.utils.console import DEFAULT_PYTHON_SHELLS, start_python_console

_NOT_AS_SENT = frozenset((b"content-encoding", b"transfer-encoding"))
"""Headers that Scrapy's own middlewares remove together with the content coding."""


def response_of(url: str, status: int | None, headers: Iterable[tuple[str, str]], body: bytes) -> Response:
    """Build the response that a callback would get.

    `headers` are decoded as Latin-1; `body` is without its content coding. A record without a status counts as 200.
    """
    fields = Headers()
    for name, value in headers:
        if (field := name.encode("latin-1")).lower() not in _NOT_AS_SENT:
            fields.appendlist(field, value.encode("latin-1"))
    kind = responsetypes.from_args(headers=fields, url=url, body=body)
    return kind(url, status=status or 200, headers=fields, body=body, request=Request(url, dont_filter=True))


def names_of(response: Response) -> dict[str, Any]:
    """Return the names that `scrapy shell` defines and that need no network."""
    return {"scrapy": scrapy, "response": response, "request": response.request}


def open_console(names: dict[str, Any], banner: str) -> None:
    """Start a Python console with these names: the first one installed, or the one that SCRAPY_PYTHON_SHELL names."""
    wanted = os.environ.get("SCRAPY_PYTHON_SHELL", "").lower().split(",")
    shells = [name.strip() for name in wanted if name.strip()] or list(DEFAULT_PYTHON_SHELLS)
    start_python_console(names, banner=banner, shells=[*shells, "python"])
