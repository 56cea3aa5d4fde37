"""The images of a message: those in it, and those on other servers. A later run fetches what is missing."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from scrapy import Request
from scrapy.exceptions import IgnoreRequest

from archive.values.capture import Capture, Context, Reference
from archive.warc.derived import Derived
from crawler.engine.direct_requests import DirectRequests
from crawler.frontier.failures import continues
from crawler.mail.known import SECTION, KnownMail
from crawler.policy.revisit import Captures
from crawler.wire.guard import AddressForbidden
from extractor.mail.message import Mail
from extractor.mail.reading import remote_images

_MOST_REMOTE = 100
"""Images from other servers that a message may name."""
_LATER = (408, 425, 429)
"""Statuses below 500 of a server that may give the image at another time (RFC 9110, RFC 8470, RFC 6585)."""


def may_come_later(status: int | None) -> bool:
    """Return whether the server may give the image later; None means that it did not answer."""
    return status is None or status >= 500 or status in _LATER


def has_image(index: Captures, source: str, url: str, message: Capture) -> bool:
    """Return whether a source archived an image after it archived a message that names it. Raises DatabaseUnusable."""
    return any(
        capture.source == source
        and capture.damaged is None
        and capture.at >= message.at
        and not may_come_later(capture.status)
        for capture in index.captures(url)
    )


@dataclass(frozen=True, slots=True)
class MailImages:
    """Archives the images of the messages of a run."""

    known: KnownMail
    index: Captures
    asking: DirectRequests
    record: Callable[[Derived, Context], Awaitable[Capture]]
    may_go_on: Callable[[], Awaitable[None]]
    """Waits until a request may be sent, and raises when the run ends."""
    remote: bool
    """Whether the source wants images from other servers."""

    async def take(self, message: Capture, mail: Mail, context: Context) -> bool:
        """Archive what is missing; return whether all is there now. `context` is that of the message.

        The images of a message whose bytes were archived before were archived with it.
        """
        if not message.has_payload:
            return True
        original = Reference(message.record_id, message.url, message.at)
        beside = replace(context, via=message.url, hops=1)
        for part in mail.images:
            url = f"{message.url}{SECTION}{part.section}"
            if part.body and not self.known.has(url, hashlib.sha256(part.body).hexdigest()):
                await self.record(Derived("resource", url, part.mime, part.body, original), beside)
        return not self.remote or await self._fetch(remote_images(mail)[:_MOST_REMOTE], message, beside)

    async def _fetch(self, urls: Sequence[str], message: Capture, context: Context) -> bool:
        tally, source = self.asking.tally, self.asking.source.name
        before = tally["images-missing"]
        tally["images-missing"] += len(urls)  # the run may end between two of them
        for url in urls:
            if not await asyncio.to_thread(has_image, self.index, source, url, message):
                await self.may_go_on()
                if not await self._is_settled(url, context):
                    continue
            tally["images-missing"] -= 1
        return tally["images-missing"] == before

    async def _is_settled(self, url: str, context: Context) -> bool:
        """Fetch an image; return whether it is archived, or not to be fetched at all."""
        try:
            answer, *_ = await self.asking.answer(Request(url, dont_filter=True), page=False, context=context)
        except Exception as error:
            if continues(error):
                raise
            settled, why = isinstance(error, (IgnoreRequest, AddressForbidden)), str(error) or type(error).__name__
        else:
            settled = not may_come_later(answer.status)
            if settled:
                return True
            why = f"the server answered {answer.status}"
        self.asking.tally["failures"] += 1
        self.asking.log.failure(url, why)
        return settled
