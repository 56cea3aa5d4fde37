"""Archive the video and audio of the pages of a run: yt-dlp finds them, and the files are fetched like any page.

What was found is recorded beside the page, as a `resource` of ``urn:media:URL`` (`archive.values.media`).
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.exceptions import DownloadTimeoutError, IgnoreRequest

from archive.values.capture import MEDIA, Reference
from archive.values.media import MEDIA_TYPE, Medium, kept_by, read, written
from archive.values.reservations import read as reservations_of
from archive.warc.derived import Derived
from crawler.engine.direct_requests import DirectRequests
from crawler.engine.media_files import Downloads, sent_as
from crawler.engine.media_memory import MediaMemory, gone, records_of, with_files
from crawler.engine.page_tasks import PageTasks
from crawler.engine.run_tools import RunTools
from crawler.frontier.page_fetch import Fetch
from crawler.policy.answers import Answered, body_of
from crawler.policy.rows import Link
from crawler.wire.guard import AddressForbidden
from crawler.wire.incoming import ON_DISK, is_textual

if TYPE_CHECKING:
    from crawler.media.finder import MediaFinder
    from crawler.media.messages import Asked, FoundMedia
    from crawler.spiders.run import Readings
    from crawler.spiders.undecoded import DrawnAnswer, UndecodedAnswer
    from extractor.html.page import Page

_log = logging.getLogger(__name__)
NO_MEDIA_TOOL = "no-media-tool"
"""The count of pages whose media could not be looked for, as yt-dlp is not installed."""
MEDIA_MISSED = "media-missed"
"""The count of videos and recordings that were found and are not archived."""
MEDIA_KEPT = "media-kept"
_SIGNS = re.compile(
    rb"<(?:video|audio|iframe|embed|object)\b|(?:og|twitter):(?:video|audio|player)|(?:Video|Audio)Object|"
    rb"\.(?:m3u8|mpd|mp4|m4v|webm|ogv|mp3|m4a|og[ga]|opus|wav|flac)\b",
    re.IGNORECASE,
)
"""What a page has that plays something. yt-dlp is not asked about any other page."""
_FINAL = ("kept", "left-out")
"""The states that stay, while neither the page nor keep.media changes."""
Then = Callable[[Sequence[Link]], None]


class MediaOfPages:
    """The media of one run, in the event loop of the worker."""

    def __init__(self, tools: RunTools) -> None:
        self._order, self._parts, self._recorder, self._verdicts, self._of_run = tools[:5]
        wake, self._log, self._tally = tools[5:]
        self._wanted, self._limits = tools.order.source.keep.media, tools.order.source.limits
        self._finder: MediaFinder | None = None
        self._requests: DirectRequests | None = None
        self._memory = MediaMemory(tools.parts.lost)
        self.tasks = PageTasks(wake)

    def first(self, fetch: Fetch, answer: UndecodedAnswer | DrawnAnswer, then: Then) -> Then:
        """Return what to do with the links of a page: archive its media, if it has any, and then call `then`."""
        if not self._may_have(fetch) or not answer.is_html or not _SIGNS.search(answer.decoded.body):
            return then
        served = _served(answer.decoded)
        return lambda links: self._begin(fetch, served, partial(then, links), unchanged=False)

    def first_of_unchanged(self, fetch: Fetch, readings: Readings, then: Callable[[Fetch], None]) -> None:
        """Archive the media of an unchanged page that are missing, and then call `then`: the page is read again."""
        capture = fetch.capture
        if not self._may_have(fetch) or capture is None or self._parts.reread is None:
            then(fetch)
            return

        async def look() -> Sequence[Link]:
            page = await readings.archived(fetch.url, capture)
            if _SIGNS.search(page.body):
                found.append(page)
            return ()

        def go_on(_: Sequence[Link]) -> None:
            if found:
                self._begin(fetch, _served(found[0]), partial(then, fetch), unchanged=True)
            else:
                then(fetch)

        found: list[Page] = []
        readings.read(fetch, look, go_on)

    async def close(self) -> None:
        """End the process of yt-dlp."""
        await self.tasks.close()
        if self._finder is not None:
            await self._finder.close()
        if self._requests is not None:
            await self._requests.close()

    # --- one page ---------------------------------------------------------------------------------------------------

    def _may_have(self, fetch: Fetch) -> bool:
        return self._wanted != "none" and fetch.is_page

    def _begin(self, fetch: Fetch, served: Answered, then: Callable[[], None], *, unchanged: bool) -> None:
        self.tasks.begin(self._archive(fetch, served, then, unchanged=unchanged))

    async def _archive(self, fetch: Fetch, served: Answered, then: Callable[[], None], *, unchanged: bool) -> None:
        from crawler.media.messages import MediaFailed, MediaMissing

        try:
            try:
                known, keep = await asyncio.to_thread(self._known, fetch.url)
                if unchanged and known and keep == self._wanted and all(one.state in _FINAL for one in known):
                    await self._record(fetch, known)
                else:
                    await self._find_and_fetch(fetch, served, known)
            except MediaMissing as error:
                self._tally[NO_MEDIA_TOOL] += 1
                self._log.event("no-media", url=fetch.url, reason=str(error))
            except MediaFailed as error:
                self._tally[MEDIA_MISSED] += 1
                self._log.event("no-media", url=fetch.url, reason=str(error))
            then()
        except asyncio.CancelledError:
            self._verdicts.returned(fetch)
            raise
        except Exception as error:  # our bug to fix; the page must not stay in flight forever
            _log.exception("the media of %s could not be archived", fetch.url)
            if fetch.settled is None:
                self._verdicts.failed(fetch, f"{type(error).__name__}: {error}")

    async def _find_and_fetch(self, fetch: Fetch, served: Answered, before: Sequence[Medium]) -> None:
        requests = self._requests = self._requests or DirectRequests(
            self._order, self._parts, self._unrecorded, log=self._log, tally=self._tally
        )
        found = await self._find(requests, fetch, served)
        downloads = Downloads(requests, self._of_run, self._limits, self._wanted, memory=self._memory, before=before)
        media: list[Medium] = []
        for each in found.media:
            context = replace(fetch.context, via=fetch.url, hops=fetch.context.hops + 1, not_modified=None)
            if (one := await downloads.of(each, context)) is not None:
                media.append(one)
                if not any(one.files and one.files == had.files for had in before):
                    self._count(fetch, one)
        for why in found.errors:
            media.append(Medium("", "", "", "failed", why))
            self._count(fetch, media[-1])
        if media:
            await self._record(fetch, media)

    async def _find(self, requests: DirectRequests, fetch: Fetch, served: Answered) -> FoundMedia:
        from crawler.media.finder import MediaFinder

        async def fetched(asked: Asked) -> Answered:
            return await self._fetch(requests, fetch, asked)

        if self._finder is None:
            self._finder = MediaFinder(self._order.frontier.with_suffix(".media"))
        found = await self._finder.find(fetch.url, served, fetched, self._limits.media_time.total_seconds())
        for lacking in self._finder.lacking:
            self._log.event("media-not-confined", reason=lacking)
        self._finder.lacking = []
        return found

    async def _fetch(self, requests: DirectRequests, fetch: Fetch, asked: Asked) -> Answered:
        """Fetch what yt-dlp requests. Raises NotFetched."""
        from crawler.media.finder import LARGEST
        from crawler.media.messages import NotFetched
        from crawler.media.playlist import is_playlist

        context = replace(fetch.context, via=fetch.url, hops=fetch.context.hops + 1, not_modified=None)
        try:
            sent = sent_as(asked.url, asked.headers, requests.identity, method=asked.method, body=asked.body)
            self._of_run.add_identity(sent)
            sent.meta["textual_bytes"] = most = min(self._limits.page_bytes, LARGEST)
            response, _, _ = await requests.answer(sent, page=False, context=context)
        except (IgnoreRequest, AddressForbidden) as error:
            raise NotFetched(f"forbidden: {str(error) or type(error).__name__}") from error
        except DownloadTimeoutError as error:
            raise NotFetched("no answer in time") from error
        except Exception as error:
            raise NotFetched(f"{type(error).__name__}: {error}") from error
        if ON_DISK in response.flags and is_textual(response.headers.get(b"Content-Type") or b""):
            raise NotFetched(f"a text of more than {most >> 20} MiB")
        # What else is on disk is a file: its fields say what it is.
        body = b"" if ON_DISK in response.flags else body_of(response, most)
        if (
            response.status == 200
            and urlsplit(asked.url).path.endswith(".m3u8")
            and asked.method == "GET"
            and not is_playlist(body)
        ):
            raise NotFetched("the server sent something else than a playlist of HTTP Live Streaming")
        return Answered.of(response, body)

    def _known(self, url: str) -> tuple[tuple[Medium, ...], str]:
        """Return what was found of the media of a page before, and by which keep.media; those whose files were purged
        have failed. Raises DatabaseUnusable.
        """
        if self._parts.reread is None:
            return (), ""
        captures = self._parts.index.captures(MEDIA + url)
        ours = [one for one in captures if one.collection == self._order.source.keep.collection and not one.damaged]
        if not ours:
            return (), ""
        payload = self._parts.reread(max(ours, key=lambda one: one.at))
        if payload is None:
            return (), ""
        return with_files(self._parts.index, read(payload.body)), kept_by(payload.body)

    async def _record(self, fetch: Fetch, media: Sequence[Medium]) -> None:
        """Record what was found, once the page itself is on disk."""
        await fetch.written()
        if fetch.kept is None or fetch.error is not None:
            return  # the page is fetched again
        fetch.context = replace(fetch.context, reservations=tuple(reservations_of(fetch.kept.reservations)))
        original = Reference(fetch.kept.record_id, fetch.kept.url, fetch.kept.at)
        media = await self._still_there(fetch, media)
        payload = written(media, self._wanted)
        needs = tuple({record for one in media for record in records_of(one)})
        self._recorder.derive(Derived("resource", MEDIA + fetch.url, MEDIA_TYPE, payload, original, needs=needs), fetch)

    async def _still_there(self, fetch: Fetch, media: Sequence[Medium]) -> Sequence[Medium]:
        """Return the media without files that were purged since, or are about to be. Raises DatabaseUnusable."""
        found = []
        for one in media:
            there = not await asyncio.to_thread(self._parts.lost, records_of(one))
            found.append(one if there else gone(one))
            if not there:
                self._count(fetch, found[-1])
        return found

    def _count(self, fetch: Fetch, one: Medium) -> None:
        self._tally[MEDIA_KEPT] += one.state == "kept"
        self._tally[MEDIA_MISSED] += one.state in ("failed", "too-large", "live")
        size = sum(file.length for file in one.files)
        self._log.event("media", url=fetch.url, title=one.title, state=one.state, reason=one.reason, bytes=size)

    def _unrecorded(self, reason: str) -> None:
        self._log.event("not-kept", reason=reason)


def _served(page: Page) -> Answered:
    content_type = (page.content_type or "text/html").encode("latin-1", "replace")
    return Answered(200, ((b"Content-Type", content_type),), page.body)
