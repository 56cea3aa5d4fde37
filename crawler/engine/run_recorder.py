"""The recording of one run: the rules of its connections, and the path of its exchanges to the recorder."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from archive.values.errors import ArchiveError
from archive.warc.derived import Derived
from archive.warc.exchange import Exchange
from archive.warc.http_head import redacted
from config.errors import SecretNotFound
from config.source import Source
from config.values.secret import Secret
from crawler.frontier.page_fetch import Fetch
from crawler.policy.scope import own_hosts
from crawler.policy.session_cookies import session_storage
from crawler.policy.shared import Parts
from crawler.policy.uses import not_kept_of
from crawler.run.stand_ins import StandIns
from crawler.run.token_answers import HasSecret, why_withheld
from crawler.wire.guard import PORTS, Guard
from crawler.wire.recording import MIB, TlsPolicy, WireLimits

if TYPE_CHECKING:
    from scrapy import Request

    from crawler.policy.order import Order


def _in_memory(source: Source) -> int:
    if source.spider or source.fetch != "http":
        return min(source.limits.page_bytes, 63 * MIB)  # a spider or a browser reads what it requested, of any type
    return 16 * MIB if source.walked_as == "sitemap" else MIB  # sitemaps are served as gzip and are read


class RunRecorder:
    """A `crawler.wire.recording.Recording`."""

    def __init__(self, order: Order, parts: Parts, stand_ins: StandIns | None = None) -> None:
        """Prepare the recording. `stand_ins` are those of the run, if it has them already.

        Long bodies are written to files beside the frontier: the system's temporary directory may be in memory. Raises
        NotPermitted, SecretNotFound.
        """
        source, permissions = order.source, order.permissions
        permissions.check(source)
        self.guard = Guard(source.addresses, (*PORTS, *source.ports), parts.resolver, parts.figures)
        self.limits = WireLimits(
            page_bytes=source.limits.page_bytes,
            timeout=source.politeness.timeout.total_seconds(),
            memory_bytes=_in_memory(source),
            directory=order.frontier.parent,
        )
        self.tls: TlsPolicy = source.tls
        self.signer = order.signer
        self.proxy = permissions.proxy_of(source)
        self._parts, self._use = parts, order.use
        self._record_auth = source.keep.record_auth
        self._secret = frozenset(name for name, value in source.headers.items() if isinstance(value, Secret))
        self.stand_ins = stand_ins or _stand_ins_of(order)
        """Those for the storage of the source's session; None if it has no storage."""

    def now(self) -> datetime:
        return self._parts.now()

    def record(self, exchange: Exchange, request: Request) -> None:
        """Hand an exchange to the recorder; its receipt goes to `ResultWriter.acknowledged`."""
        fetch: Fetch = request.meta["fetch"]
        if not self._record_auth:
            exchange = self._without_secrets(exchange, form=fetch.secret)
        if not fetch.says_what_is_reserved and (why := not_kept_of(self._use, exchange, fetch.context)):
            fetch.reserved = why
            exchange = without_answer(exchange, why)
        request.meta.pop("withheld", None)
        if self.stand_ins is not None:
            own = self.stand_ins.is_own(exchange.request.url)
            if (why := why_withheld(self.stand_ins, exchange, own=own)) is not None:
                fetch.withheld = request.meta["withheld"] = f"the answer is not kept, as {why}"
                exchange = replace(_without_response(exchange), interim=(), received=b"", error=fetch.withheld)
        try:
            self._parts.recorder.record(exchange, fetch.context, fetch)
        except ArchiveError as error:  # the recorder is closed: the page stays in the frontier
            fetch.error = error
        else:
            fetch.recorded += 1  # the receipt is delivered through the loop, so never before this line

    def derive(self, derived: Derived, fetch: Fetch) -> None:
        """Hand what was derived from the answer of a fetch to the recorder; the fetch is over when it is on disk."""
        try:
            self._parts.recorder.record(derived, fetch.context, fetch)
        except ArchiveError as error:
            fetch.error = error
        else:
            fetch.recorded += 1

    def secret_in(self, *texts: str | bytes) -> str | None:
        """Return the name of an item of the login's storage that has a value in one of these texts; None without."""
        if self.stand_ins is None:
            return None
        return self.stand_ins.item_in(
            *(one.encode("utf-8", "replace") if isinstance(one, str) else one for one in texts)
        )

    def check(self, derived: Derived) -> None:
        """Raise HasSecret if what was derived has a value of the login's storage."""
        if (item := self.secret_in(derived.url, derived.body)) is not None:
            raise HasSecret(f"what was drawn is not kept, as it has {item!r} of the login's storage")

    def _without_secrets(self, exchange: Exchange, *, form: bool) -> Exchange:
        """Replace secret values of header fields, and the bytes of a login form by the same number of asterisks.

        The archive itself leaves out fields that grant access to any sender, such as Cookie.
        """
        if not form and not self._secret:
            return exchange
        sent = exchange.request
        head = redacted(sent.head, self._secret) if self._secret else sent.head
        return replace(exchange, request=replace(sent, head=head, body=b"*" * len(sent.body) if form else sent.body))


def _stand_ins_of(order: Order) -> StandIns | None:
    """Return the stand-ins for the storage of a source's session. Raises NotPermitted, SecretNotFound."""
    session = order.source.session
    if session is None:
        return None
    try:
        storage = session_storage(order.permissions.reveal(session.cookies))
        own = own_hosts(order.source, order.source.seeds)
        return StandIns(storage, own, _key(order.permissions.directory)) if storage else None
    except ValueError as error:
        raise SecretNotFound(session.cookies.secret, str(error)) from error


def _key(directory: Path | None) -> bytes:
    """Return the key of this machine for stand-ins, made at its first use; one for this process if it can't be kept.

    No source can refer to its file: the name is none of a secret.
    """
    if directory is None:
        return secrets.token_bytes(32)
    file = directory / "stand-ins.key"
    try:
        directory.mkdir(mode=0o700, exist_ok=True)
        with suppress(FileExistsError):
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            os.write(descriptor, secrets.token_bytes(32))
            os.close(descriptor)
        key = file.read_bytes()
    except OSError:
        key = b""
    return key if len(key) == 32 else secrets.token_bytes(32)


def without_answer(exchange: Exchange, why: str) -> Exchange:
    """Return an exchange without an answer that its site reserves, and with the reason."""
    return replace(_without_response(exchange), error=f"the answer is not kept, as the site reserves it: {why}")


def _without_response(exchange: Exchange) -> Exchange:
    """Return an exchange without its response, and release what that holds."""
    if exchange.response is not None and not isinstance(exchange.response.body, bytes):
        exchange.response.body.close()
    return replace(exchange, response=None)
