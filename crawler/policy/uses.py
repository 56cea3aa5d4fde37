"""What the use of an archive keeps of pages whose site reserves something: docs/how-to/rights.md."""

from __future__ import annotations

from collections.abc import Iterable

from archive.values.capture import Context
from archive.values.reservations import Field, reservations, reserved
from archive.warc.exchange import Exchange
from config.values.use import Use
from crawler.policy.reserved_in_page import said_in_page


def not_kept(use: Use | None, said: Iterable[Field]) -> str | None:
    """Return what forbids to keep a page; None if it may be kept. Only general use has to ask."""
    return next(iter(reserved(said).values()), None) if use == "general" else None


def not_kept_of(use: Use | None, exchange: Exchange, context: Context) -> str | None:
    """Return what forbids to keep an answer: what its site, its head and its `<meta>` elements reserve.

    Answers without a page, such as redirects and errors, are kept.
    """
    response = exchange.response
    if use != "general" or response is None or not (200 <= response.status < 300 or response.status == 304):
        return None
    head = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers]
    said = (*context.reservations, *reservations(None, head), *said_in_page(exchange.request.url, response))
    return not_kept(use, said)
