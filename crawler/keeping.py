"""The recording of one run: the rules of its wire, and the way of its exchanges to the recorder."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from archive.errors import ArchiveError
from archive.exchange import Exchange
from config.secret import reveal
from config.source import Source
from crawler.fetch import Fetch
from crawler.guard import PORTS, Guard
from crawler.parts import Parts
from crawler.recording import MIB, TlsPolicy, WireLimits

if TYPE_CHECKING:
    from scrapy import Request


class Keeping:
    """A `crawler.recording.Recording`."""

    def __init__(self, source: Source, parts: Parts, directory: Path) -> None:
        """Long bodies arrive in files in `directory`: the system's own may be in memory. Raises SecretNotFound."""
        self.guard = Guard(source.addresses, (*PORTS, *source.ports), parts.resolver)
        self.limits = WireLimits(
            page_bytes=source.limits.page_bytes,
            timeout=source.politeness.timeout.total_seconds(),
            memory_bytes=16 * MIB if source.walked_as == "sitemap" else MIB,  # sitemaps come as gzip, and are read
            directory=directory,
        )
        self.tls: TlsPolicy = source.tls
        self.proxy = reveal(source.proxy) if source.proxy is not None else None
        self._parts = parts
        self._record_auth = source.keep.record_auth

    def now(self) -> datetime:
        return self._parts.now()

    def record(self, exchange: Exchange, request: Request) -> None:
        """Hand an exchange to the recorder; its receipt comes to `Settling.acknowledged`."""
        fetch: Fetch = request.meta["fetch"]
        if fetch.secret and not self._record_auth:
            exchange = _without_body(exchange)
        try:
            self._parts.recorder.record(exchange, fetch.context, fetch)
        except ArchiveError as error:  # it is closed: the page stays in the frontier
            fetch.error = error
        else:
            fetch.recorded += 1  # the receipt comes through the loop, so never before this


def _without_body(exchange: Exchange) -> Exchange:
    """A login's form has a password in it: as many stars are kept as it had octets."""
    request = exchange.request
    return replace(exchange, request=replace(request, body=b"*" * len(request.body)))
