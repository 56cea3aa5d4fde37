"""One run of a mailbox, in the worker: take the messages that are not archived yet, and mark them when they are.

A message is marked on the server only when its record and those of its images are on disk. The index says what is
archived (`crawler.mail.known`), so a run that was killed continues with what is missing.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import socket
from collections.abc import Callable
from contextlib import suppress
from itertools import count

from archive.index.pages import UnfetchedUrl
from archive.values.capture import Capture, Context
from archive.values.errors import ArchiveError, SpoolFull
from archive.warc.derived import Derived
from config.duration import duration_in_words
from config.values.mailbox import Mailbox
from crawler.engine.direct_requests import DirectRequests
from crawler.frontier.failures import continues
from crawler.frontier.page_fetch import page_id
from crawler.mail.account import Account
from crawler.mail.images import MailImages
from crawler.mail.known import KnownMail, counts_of
from crawler.mail.mailbox import Credentials, Folder, MailboxFailed, NotGiven, NotMoved
from crawler.mail.outcome import ended, missing_images, outcome_of
from crawler.policy.backoff import backoff
from crawler.policy.order import Ending, Order, Outcome
from crawler.policy.run_limits import byte_limit, page_limit
from crawler.policy.shared import Parts
from crawler.wire.guard import AddressForbidden, Guard
from extractor.mail.message import MAIL, read_mail

_log = logging.getLogger(__name__)
_PORTS = (143, 993)
"""Ports of mail servers that need not be in `ports` of the source (RFC 9051, 2.1; RFC 8314)."""
_MOST_BACKLOG = 64
_LOOK = 0.2
_REPORT = 0.5
_SPACE_WAIT = 5.0
_NOT_KEPT = 5
"""The number of attempts to record something that the recorder refused, other than for want of space."""


class _Ends(Exception):
    """The run was asked to end."""


class MailRun:
    """The state of one run, in the event loop of the worker."""

    def __init__(self, order: Order, parts: Parts, progress: Callable[[Outcome], None]) -> None:
        """Set up the run. Raises NotPermitted, SecretNotFound; ValueError for a source without a mailbox."""
        source = order.source
        if source.imap is None:
            raise ValueError(f"the source {source.name} has no mailbox")
        self.over = asyncio.Event()
        self.refusal: Exception | None = None
        """What interrupted the run: a disk or a database that accepts nothing now."""
        self.told: str | None = None
        """Why it was asked to end."""
        self.crawled = False
        self.problem: Exception | None = None
        self._order, self._parts, self._progress = order, parts, progress
        self._box: Mailbox = source.imap
        reveal = order.permissions.reveal
        self._credentials = Credentials(reveal(self._box.user), reveal(self._box.password))
        self._asking = DirectRequests(order, parts, lambda reason: self.end("failed", reason, 0.0))
        self._guard = Guard(source.addresses, (*_PORTS, *source.ports), parts.resolver, parts.figures)
        self._folder: Folder | None = None
        self._known = KnownMail(order.run)
        self._tally = self._asking.tally
        self._failed: MailboxFailed | None = None
        self._ending: Ending | None = None
        self._waiting = 0
        self._incomplete: set[str] | None = None
        """The messages whose images are missing, by URL: the next run takes them again. None until they are known."""
        self._tasks: list[asyncio.Task[None]] = []

    def wake(self) -> None:
        """Do nothing: a paused run checks by itself."""

    def end(self, ending: Ending, reason: str, grace: float) -> None:
        """Take no more messages. What the server is sending is cut off after `grace` seconds; it is read again."""
        if self.told:
            return
        self.told, self._ending = reason, ending
        self._tasks.append(asyncio.ensure_future(self._cut_in(grace)))

    async def run(self) -> Outcome:
        limit = self._order.source.limits.time
        self._tasks.append(asyncio.ensure_future(self._report()))
        if limit is not None:
            words = f"the time limit of {duration_in_words(limit)} was reached"
            self._tasks.append(asyncio.ensure_future(self._limit_time(limit.total_seconds(), words)))
        try:
            await self._read()
        except _Ends:
            pass
        except MailboxFailed as error:
            if not self.told:  # otherwise we cut the connection ourselves
                self._failed = error
        except AddressForbidden as error:
            self._failed = MailboxFailed("unreachable", str(error))
        except socket.gaierror as error:
            self._failed = MailboxFailed("unreachable", f"{self._box.host} has no address: {error.strerror or error}")
        except asyncio.CancelledError:
            self.told, self._ending = "the crawling process is stopping", "interrupted"
            raise
        except Exception as error:
            self._fail(error)
        finally:
            self.crawled = True
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            try:
                if self._folder is not None:
                    await asyncio.to_thread(self._folder.release if self.told else self._folder.leave)
                await self._asking.close()
                await self._store_incomplete()
                outcome = self._close()
            finally:
                self.over.set()  # who stops the worker waits for it
        return outcome

    # --- messages ---------------------------------------------------------------------------------------------------

    async def _read(self) -> None:
        box, order, parts = self._box, self._order, self._parts
        addresses = await self._guard.resolve(box.host, box.port_used)
        timeout, most = order.source.politeness.timeout.total_seconds(), order.source.limits.page_bytes
        folder = self._folder = Folder(box, self._credentials, timeout=timeout, most=most)
        await asyncio.to_thread(folder.open, addresses)
        account = Account(parts, order.source.name, box.server_url, self._credentials.user)
        where = box.server_url, account, folder.url_of(0).removesuffix("UID=0")
        known = self._known = await asyncio.to_thread(KnownMail.of, parts.index, order, *where)
        self._tally += known.counted
        there = await asyncio.to_thread(folder.find)
        self._tally["there"] = len(there)
        sizes = await asyncio.to_thread(folder.sizes, there)
        self._waiting = len(there)
        left = await asyncio.to_thread(self._left)
        self._incomplete = {url for url in map(folder.url_of, there) if url in left}
        for uid in filter(sizes.__contains__, there):  # the others are gone
            is_over = known.is_archived(url := folder.url_of(uid), sizes[uid]) and not known.began_in_this_run(url)
            # Some images of a message that is not marked may be missing.
            if not is_over or not folder.is_marked(uid) or url in self._incomplete:
                await self._may_go_on(limited=not is_over)
                await self._take(folder, uid, sizes[uid])
            self._waiting -= 1
        self._waiting = 0

    async def _take(self, folder: Folder, uid: int, size: int) -> None:
        url, most, known = folder.url_of(uid), self._order.source.limits.page_bytes, self._known
        incomplete = self._incomplete if self._incomplete is not None else set()
        if size > most:
            self._tally["dropped:too-large"] += 1
            self._asking.log.event("too-large", url=url, bytes=size, allowed=most)
            return
        try:
            content = await asyncio.to_thread(folder.message, uid)
        except NotGiven as error:
            self._tally["not-given"] += 1
            self._tally["failures"] += 1
            self._asking.log.event("not-given", url=url, reason=str(error))
            return
        if content is None:  # it was deleted after the search
            return
        digest = hashlib.sha256(content).hexdigest()
        if not known.has(url, digest):
            capture = await self._record_message(folder, url, content, digest)
        else:
            capture = known.messages[url]
            if not known.is_archived(url, size):
                known.note_misjudged()
            if not known.began_in_this_run(url) and folder.is_marked(uid) and url not in incomplete:
                return
        if capture.sha256 == digest:
            incomplete.add(url)  # the run may end between two images
            go_on, remote = self._may_go_on, self._box.remote_images
            images = MailImages(known, self._parts.index, self._asking, self._recorded, go_on, remote)
            mail = await asyncio.to_thread(read_mail, content)
            if not await images.take(capture, mail, self._context(url)):
                return
        incomplete.discard(url)
        await self._mark(folder, uid)

    async def _record_message(self, folder: Folder, url: str, content: bytes, digest: str) -> Capture:
        same = self._known.payloads.get(digest)
        derived = Derived("resource", url, MAIL, content, received=self._parts.now(), ip=folder.ip, same_as=same)
        return await self._recorded(derived, self._context(url))

    async def _mark(self, folder: Folder, uid: int) -> None:
        if self._box.mark == "none":
            return
        try:
            await asyncio.to_thread(folder.mark, uid)
        except NotMoved as error:
            self._tally["unmarked"] += 1
            self._asking.log.event("not-marked", url=folder.url_of(uid), reason=str(error))

    def _left(self) -> frozenset[str]:
        """Return the messages whose images the last run left. Raises DatabaseUnusable."""
        memory = self._parts.memory
        return frozenset(one.url for one in memory.unfetched(self._order.source.name)) if memory else frozenset()

    async def _store_incomplete(self) -> None:
        """Store the messages whose images are missing. Only who has read the list of messages knows them."""
        memory, source = self._parts.memory, self._order.source.name
        if memory is None or self._incomplete is None:
            return
        left = [UnfetchedUrl(url, 0, 0) for url in sorted(self._incomplete)]
        try:
            await asyncio.to_thread(memory.store_unfetched, source, left)
        except Exception as error:
            self._fail(error)

    # --- recording --------------------------------------------------------------------------------------------------

    def _context(self, url: str) -> Context:
        number = int(hashlib.sha256(url.encode()).hexdigest()[:12], 16)
        source = self._order.source
        return Context(source.keep.collection, source.name, self._order.run, page_id(self._order.run, number))

    async def _recorded(self, derived: Derived, context: Context) -> Capture:
        """Record something, and wait until it is on disk. Raises _Ends if the run ends before."""
        for nth in count():
            fetch = self._asking.fetch(self._box.host)
            fetch.context = context
            self._asking.run_recorder.derive(derived, fetch)
            captures = await self._asking.result_writer.of(fetch)
            if fetch.error is None and captures:
                self._known.note(captures[0], context.collection)
                self._tally += counts_of(captures[0])
                return captures[0]
            self._asking.log.event("not-kept", url=derived.url, reason=str(fetch.error))
            if isinstance(fetch.error, SpoolFull):  # it ends some day, and this message did not cause it
                await asyncio.sleep(_SPACE_WAIT)
            elif nth >= _NOT_KEPT:
                self.end("failed", str(fetch.error), 0.0)
            else:
                await asyncio.sleep(backoff(nth, self._parts.backoff))
            if self.told:
                break
        raise _Ends

    async def _may_go_on(self, *, limited: bool = False) -> None:
        """Wait while nothing may be fetched; `limited` says that the limits of the source end the run. Raises _Ends."""
        limits, tally = self._order.source.limits, self._tally
        reached = page_limit(limits, tally["pages"]) or byte_limit(limits, tally["bytes"])
        if limited and not self.told and reached:
            self.end("limited", reached, 0.0)
        while not self.told and (self._parts.paused or self._parts.recorder.backlog >= _MOST_BACKLOG):
            await asyncio.sleep(_LOOK)
        if self.told:
            raise _Ends

    def _fail(self, error: Exception) -> None:
        """End the run because of an error: as interrupted, if it continues by itself when a disk has space."""
        if continues(error):
            self.refusal, self.told, self._ending = error, str(error), "interrupted"
            return
        _log.error("the run %s can't continue", self._order.run, exc_info=error)
        ours = isinstance(error, ArchiveError)
        self.told = self.told or (str(error) if ours else f"{type(error).__name__}: {error}")
        self._ending = self._ending or "failed"

    # --- its end ----------------------------------------------------------------------------------------------------

    async def _cut_in(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        if self._folder is not None:
            await asyncio.to_thread(self._folder.close)

    async def _limit_time(self, seconds: float, reason: str) -> None:
        await asyncio.sleep(seconds)
        self.end("limited", reason, 0.0)

    async def _report(self) -> None:
        while True:
            self._progress(outcome_of(self._tally, self._waiting, None, ""))
            await asyncio.sleep(_REPORT)

    def _close(self) -> Outcome:
        log, ending, reason = self._asking.log, self._ending, self.told or ""
        if ending is None:
            ending, reason = ended(self._box, self._tally, len(self._known.messages), self._failed)
        elif missing := missing_images(self._tally):
            reason += f"; {missing}"
        outcome = outcome_of(self._tally, self._waiting, ending, reason, len(self._known.messages))
        log.event("over", outcome=ending, reason=reason, dropped=outcome.dropped)
        with suppress(OSError):
            log.close()
        self._progress(outcome)
        return outcome
