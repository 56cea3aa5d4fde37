"""Answer the requests of a page in the browser from the archive alone."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from archive.retrieval.answers import SentRequest
from archive.retrieval.snapshot import Snapshot
from archive.values.capture import Capture
from archive.values.errors import ArchiveError, CaptureNotFound
from crawler.browser.messages import Asked, NotFetched
from crawler.policy.answers import Answered
from pressmark.service.service import Service

_READ = ("GET", "HEAD")
_ICON = "/favicon.ico"
"""Browsers request it of each site, whether its pages name it or not."""


class ArchivedAnswers:
    """What a page of one capture requests, answered as at that moment. Call it in an event loop."""

    def __init__(self, service: Service, capture: Capture) -> None:
        self._service, self._capture = service, capture
        self.missing: list[str] = []
        """The URLs that the archive does not have, in the order of the requests."""

    async def __call__(self, asked: Asked) -> Answered:
        """Return the archived response. Raises NotFetched."""
        return await asyncio.to_thread(self._answer, asked)

    def page(self) -> Answered:
        """Return the response of the page itself. Raises ArchiveError."""
        with self._service.archive.open(self._capture) as found:
            return _answered(found)

    def _answer(self, asked: Asked) -> Answered:
        try:
            with self._found(asked) as found:
                return _answered(found)
        except (CaptureNotFound, ValueError):
            if urlsplit(asked.url).path != _ICON:
                self.missing.append(asked.url)
            raise NotFetched("requests that are not archived") from None
        except ArchiveError as error:
            self.missing.append(asked.url)
            raise NotFetched(f"requests that can't be read: {error}") from None

    def _found(self, asked: Asked) -> Snapshot:
        archive, at, collection = self._service.archive, self._capture.at, self._capture.collection
        if asked.method in _READ:
            return archive.snapshot(asked.url, at, collection)
        return archive.answer_to(SentRequest(asked.method, asked.url, asked.body), at, collection)


def _answered(found: Snapshot) -> Answered:
    headers = tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in found.headers)
    return Answered(found.status or 200, headers, found.payload().body)
