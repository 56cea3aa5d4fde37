"""Recording for a user's own Scrapy project: its settings apply, and its spiders get what Scrapy gives them."""

from __future__ import annotations

import asyncio
import sys
from asyncio import to_thread
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urljoin, urlsplit

from scrapy import Request
from scrapy.exceptions import IgnoreRequest, NotSupported

from archive.values.errors import ArchiveError
from archive.values.reservations import SITE_FILES, Field
from config.values.use import Use
from crawler.engine.run_recorder import without_answer
from crawler.policy.answers import body_of
from crawler.policy.order import Counts
from crawler.policy.robots import (
    LARGEST,
    MOST_REDIRECTS,
    RECEIVED,
    Robots,
    Rules,
    origin_of,
    product,
    robots_url,
    rules_of,
    too_many_redirects,
    unreachable,
    with_file,
)
from crawler.policy.site_reservations import WELL_KNOWN
from crawler.policy.uses import not_kept, not_kept_of
from crawler.wire.download import RecordingDownloadHandler
from crawler.wire.guard import EVERYTHING, PORTS, Guard
from crawler.wire.recording import MIB, TlsPolicy, WireLimits, recording_of
from extractor.values.urls import normalise

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.settings import BaseSettings

    from archive.spool.recorder import Receipt, Recorder
    from archive.values.capture import Context
    from archive.warc.exchange import Exchange
    from crawler.wire.signatures import RequestSigner

SKIP = "dont_archive"
"""The key of request.meta that keeps an exchange out of the archive."""
_SAID, _RESERVED, _OF_SITE = "pressmark_said", "pressmark_reserved", "pressmark_site"
"""Keys of request.meta: what the site says of the use of the page, why its answer was not kept, a file of a site."""
_MOVED = (301, 302, 303, 307, 308)
_MOST_BACKLOG = 512
"""From this number of exchanges waiting for the disk, a new request waits for them."""
_LARGE = 16 * MIB
"""From this many bytes of a body, the recorder's queue is emptied first, so that the recorder never refuses one."""


@dataclass(frozen=True, slots=True)
class RecordingTarget:
    """Where a project's exchanges go, who is notified of one that could not be written, and who signs the requests."""

    recorder: Recorder
    context: Context
    now: Callable[[], datetime]
    failed: Callable[[ArchiveError], None]
    """Called from any thread."""
    signer: RequestSigner | None = None
    """What signs the requests; None: they are sent without a signature."""
    use: Use | None = None
    """Why the pages are archived, which says what a reservation of a site forbids. None: nothing."""
    reserved: Callable[[str], None] = lambda _: None
    """Called with what reserves a page that is therefore not kept."""


@dataclass(slots=True)
class Tally:
    """Counts of acknowledged exchanges, made in the thread of the recorder."""

    pages: int = 0
    captures: int = 0
    revisits: int = 0
    failures: int = 0
    bytes: int = 0
    errors: list[ArchiveError] = field(default_factory=list)
    reserved: list[str] = field(default_factory=list)
    """What reserves the pages that were therefore not kept, a line for each. Written in the thread of the crawl."""

    def count(self, receipts: Sequence[Receipt]) -> None:
        """Count the receipts of a group commit."""
        for receipt in receipts:
            if receipt.error:
                self.errors.append(receipt.error)
            if capture := receipt.capture:
                self.captures += 1
                self.pages += 200 <= (capture.status or 0) < 300 and urlsplit(capture.url).path != "/robots.txt"
                self.revisits += capture.refers_to is not None
                self.failures += capture.kind == "failed"
                self.bytes += capture.payload_length

    def counts(self) -> Counts:
        """Return the counts as the ledger records them for a run."""
        return Counts(self.pages, self.captures, self.revisits, self.failures, self.bytes)

    @property
    def unchanged(self) -> bool:
        """Whether there were answers, and the archive had the content of each."""
        return self.captures - self.failures == self.revisits > 0


class ProjectRecording:
    """A `crawler.recording.Recording` that follows the settings of a Scrapy project."""

    proxy = None
    """Scrapy's own middleware chooses the proxy and writes it into request.meta."""

    def __init__(self, settings: BaseSettings, kept: RecordingTarget, *, guarded: bool) -> None:
        """Set up the recording. With `guarded`, only public addresses are allowed; otherwise all are, as in Scrapy."""
        most = settings.getint("DOWNLOAD_MAXSIZE")
        self.guard = Guard((), PORTS) if guarded else Guard(EVERYTHING)
        self.tls: TlsPolicy = "strict" if settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES") else "record"
        self.limits = WireLimits(
            page_bytes=most,
            timeout=settings.getfloat("DOWNLOAD_TIMEOUT"),
            memory_bytes=most or sys.maxsize,  # a spider gets each body whole, so no body goes to a file
        )
        self._kept = kept
        self.use, self.reserved = kept.use, kept.reserved
        self.signer = kept.signer

    def now(self) -> datetime:
        return self._kept.now()

    def record(self, exchange: Exchange, request: Request) -> None:
        """Hand an exchange to the recorder, unless the request asks not to archive it."""
        if request.meta.get(SKIP):
            return
        if exchange.response and exchange.response.length > _LARGE:
            self._kept.recorder.flush()
        context = replace(
            self._kept.context, hops=request.meta.get("depth", 0), reservations=request.meta.get(_SAID, ())
        )
        if not _says_what_is_reserved(request) and (why := not_kept_of(self.use, exchange, context)):
            request.meta[_RESERVED] = why
            exchange = without_answer(exchange, why)
        try:
            self._kept.recorder.record(exchange, context)
        except ArchiveError as error:
            self._kept.failed(error)

    async def wait_for_room(self) -> None:
        """Wait while too many exchanges wait for the disk."""
        if self._kept.recorder.backlog >= _MOST_BACKLOG:
            await to_thread(self._kept.recorder.flush)


class SiteRules:
    """What sites say of the use of their pages, in files that are requested once for an origin and recorded."""

    def __init__(self, send: Callable[[Request], Awaitable[Response]], delay: float) -> None:
        """`send` fetches and records; `delay` is the number of seconds after each of these requests."""
        self._send, self._delay = send, delay
        self._robots = Robots()
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def of(self, request: Request) -> tuple[Rules, tuple[Field, ...]]:
        """Return the rules of the site of a request, and what they say of its page."""
        url = normalise(request.url) or request.url
        origin, agent = origin_of(url), request.headers.get(b"User-Agent") or b""
        async with self._turns[origin]:
            rules = self._robots.of(origin, complete=True)
            if rules is None:
                rules = await self._read(origin, request)
                self._robots.store(origin, rules)
        return rules, rules.site.of(url, product(agent.decode("latin-1")) if agent else "*")

    async def _read(self, origin: str, request: Request) -> Rules:
        try:
            answer = await self._answer(robots_url(origin), request)
            if answer is None:
                rules = too_many_redirects(origin)
            else:
                rules = rules_of(origin, answer.status, body_of(answer, LARGEST))
        except Exception as error:  # of the connection, and any that a hostile file causes in the parser
            return unreachable(origin, str(error))
        if rules.verdict == "forbid":
            return rules
        for file in WELL_KNOWN:
            with suppress(Exception):  # what can't be fetched or read says nothing
                answer = await self._answer(origin + file, request)
                if answer is not None and 200 <= answer.status < 300:
                    rules = with_file(rules, file, body_of(answer, LARGEST))
        return replace(rules, site=replace(rules.site, complete=True))

    async def _answer(self, url: str, like: Request) -> Response | None:
        """Return the last answer after redirects, requested as the page is; None after too many of them."""
        meta = {key: like.meta[key] for key in ("proxy", "download_timeout") if key in like.meta}
        fields = {name: like.headers[name] for name in (b"User-Agent",) if name in like.headers}
        for _ in range(MOST_REDIRECTS + 1):
            asked = Request(url, headers=fields, meta=meta | {"download_maxsize": RECEIVED, "download_prefix": True})
            asked.meta[_OF_SITE] = True
            answer = await self._send(asked)
            await asyncio.sleep(self._delay)
            target = answer.headers.get(b"Location")
            if answer.status not in _MOVED or not target:
                return answer
            url = urljoin(url, target.decode("latin-1"))
        return None


def _says_what_is_reserved(request: Request) -> bool:
    """Return whether a request is for a file in which a site says something of all its pages."""
    return _OF_SITE in request.meta or urlsplit(request.url).path in SITE_FILES


class ProjectDownloadHandler(RecordingDownloadHandler):
    """Fetch and record for a Scrapy project.

    It respects the keys of request.meta that RecordingDownloadHandler does; `dont_archive` also keeps an exchange out
    of the archive.
    """

    def __init__(self, crawler: Crawler) -> None:
        """Raise LookupError when the add-on is not active in this crawler."""
        super().__init__(crawler)
        recording = recording_of(crawler)
        assert isinstance(recording, ProjectRecording), "the add-on has attached it"
        self._project = recording
        self._sites = SiteRules(super().download_request, crawler.settings.getfloat("DOWNLOAD_DELAY"))
        self._bound = crawler.settings.get("DOWNLOAD_BIND_ADDRESS")

    async def download_request(self, request: Request) -> Response:
        """Fetch one page.

        Raises NotSupported for a request to bind to a local address, and IgnoreRequest for a page that is not kept as
        its site reserves it; otherwise as RecordingDownloadHandler does.
        """
        if request.meta.get("bindaddress", self._bound):
            raise NotSupported(
                "pressmark.addon.Archive does not bind to a local address; take DOWNLOAD_BIND_ADDRESS out of the "
                "settings, and bindaddress out of request.meta"
            )
        await self._project.wait_for_room()
        for key in (_SAID, _RESERVED):  # of the request before this one, if it was redirected
            request.meta.pop(key, None)
        if self._project.use is not None and not request.meta.get(SKIP) and not _says_what_is_reserved(request):
            await self._check(request)
        answer = await super().download_request(request)
        if (why := request.meta.pop(_RESERVED, None)) is not None:
            self._leave(why)
        return answer

    async def _check(self, request: Request) -> None:
        """Note what the site says of the use of a page. Raises IgnoreRequest if it may not be kept."""
        rules, said = await self._sites.of(request)
        if self._project.use == "general" and rules.verdict == "forbid":  # what it reserves is not known
            self._leave(rules.reason)
        if why := not_kept(self._project.use, said):
            self._leave(why)
        request.meta[_SAID] = said

    def _leave(self, why: str) -> NoReturn:
        self._project.reserved(why)
        raise IgnoreRequest(f"Reserved by the site: {why}")
