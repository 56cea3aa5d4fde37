"""The recording of one run: the rules of its wire, and the way of its exchanges to the recorder."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from archive.values.errors import ArchiveError
from archive.warc.exchange import Exchange
from archive.warc.http_head import redacted
from config.secret import Secret, reveal
from config.source import Source
from crawler.frontier.page_fetch import Fetch
from crawler.policy.shared import Parts
from crawler.wire.guard import PORTS, Guard
from crawler.wire.recording import MIB, TlsPolicy, WireLimits

if TYPE_CHECKING:
    from scrapy import Request


def _in_memory(source: Source) -> int:
    if source.spider:
        return min(source.limits.page_bytes, 63 * MIB)  # a spider reads what it asked for, whatever it is
    return 16 * MIB if source.walked_as == "sitemap" else MIB  # sitemaps come as gzip, and are read


class Keeping:
    """A `crawler.wire.recording.Recording`."""

    def __init__(self, source: Source, parts: Parts, directory: Path) -> None:
        """Long bodies arrive in files in `directory`: the system's own may be in memory. Raises SecretNotFound."""
        self.guard = Guard(source.addresses, (*PORTS, *source.ports), parts.resolver, parts.figures)
        self.limits = WireLimits(
            page_bytes=source.limits.page_bytes,
            timeout=source.politeness.timeout.total_seconds(),
            memory_bytes=_in_memory(source),
            directory=directory,
        )
        self.tls: TlsPolicy = source.tls
        self.proxy = reveal(source.proxy) if source.proxy is not None else None
        self._parts = parts
        self._record_auth = source.keep.record_auth
        self._secret = frozenset(name for name, value in source.headers.items() if isinstance(value, Secret))

    def now(self) -> datetime:
        return self._parts.now()

    def record(self, exchange: Exchange, request: Request) -> None:
        """Hand an exchange to the recorder; its receipt comes to `Settling.acknowledged`."""
        fetch: Fetch = request.meta["fetch"]
        if not self._record_auth:
            exchange = self._without_secrets(exchange, form=fetch.secret)
        try:
            self._parts.recorder.record(exchange, fetch.context, fetch)
        except ArchiveError as error:  # it is closed: the page stays in the frontier
            fetch.error = error
        else:
            fetch.recorded += 1  # the receipt comes through the loop, so never before this

    def _without_secrets(self, exchange: Exchange, *, form: bool) -> Exchange:
        """Header fields whose values are secrets say so; of a login's form, as many stars are kept as it had octets.

        What opens doors whoever sends it, such as Cookie, the archive itself leaves out.
        """
        if not form and not self._secret:
            return exchange
        sent = exchange.request
        head = redacted(sent.head, self._secret) if self._secret else sent.head
        return replace(exchange, request=replace(sent, head=head, body=b"*" * len(sent.body) if form else sent.body))
