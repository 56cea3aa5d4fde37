"""Draw the pages of a run in a browser, whose every request goes through the recorder.

What was drawn is recorded beside the page: its document as a `conversion` of its URL, and a picture of it.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.exceptions import DownloadTimeoutError, IgnoreRequest

from archive.values.capture import PAGE_INFO, SCREENSHOT, THUMBNAIL, Reference
from archive.values.reservations import read
from archive.warc.derived import Derived
from crawler.engine.direct_requests import DirectRequests
from crawler.engine.fetch_choices import FetchChoices
from crawler.engine.page_tasks import PageTasks
from crawler.engine.run_tools import RunTools
from crawler.frontier.page_fetch import Fetch
from crawler.policy.answers import Answered, body_of
from crawler.policy.fetch_choice import Choice
from crawler.policy.scope import Scope
from crawler.policy.skip_reasons import WITHHELD, count_dropped
from crawler.run.token_answers import HasSecret, Withheld, brings_token, shown
from crawler.spiders.run import NotShown
from crawler.spiders.undecoded import DRAWN_TYPE
from crawler.wire.guard import AddressForbidden
from crawler.wire.incoming import ON_DISK
from extractor.values.verdict import Verdict

if TYPE_CHECKING:
    from crawler.browser.browser import Browser
    from crawler.browser.messages import Asked, Drawn

_log = logging.getLogger(__name__)
NO_BROWSER = "no-browser"
"""The count of pages that no browser could draw, for none started."""
_NOT_SENT = frozenset(("user-agent", "accept-encoding", "service-worker", "upgrade-insecure-requests"))
"""Fields of Chromium's requests that are ours to set, or say that it is a browser without a window."""


class Drawing:
    """The browser of one run, in the event loop of the worker."""

    def __init__(self, tools: RunTools, scope: Scope) -> None:
        """Set up; `scope` says which pages are drawn."""
        self._order, self._parts, self._recorder, self._verdicts, self._of_run = tools[:5]
        wake, self._log, self._tally = tools[5:]
        self._scope = scope
        self._stand_ins = tools.recorder.stand_ins
        self._browser: Browser | None = None
        self._requests: DirectRequests | None = None
        self.tasks = PageTasks(wake)
        self._choices = FetchChoices(tools.order.source.name, tools.parts, tools.log)
        self._reasons: dict[str, str] = {}

    def wants(self, url: str, verdict: Verdict | None, body: bytes) -> bool:
        """Return whether the page of a URL, whose answer has that verdict and that decoded body, is drawn."""
        mode, rule = self._scope.fetch_mode(url)
        choice = self._choices.choose(url, verdict, body) if mode == "auto" else Choice(mode == "browser", rule)
        if choice.draw:
            self._reasons[url] = choice.reason
        return choice.draw

    def draw(self, fetch: Fetch, served: Answered, then: Callable[[str], None]) -> None:
        """Draw the page of an answer, and give its markup to `then`."""
        self.tasks.begin(self._draw(fetch, served, then))

    async def close(self) -> None:
        """End the browser, and save what was learnt."""
        await self.tasks.close()
        await self._choices.save()
        if self._browser is not None:
            await self._browser.close()
        if self._requests is not None:
            await self._requests.close()

    async def _draw(self, fetch: Fetch, served: Answered, then: Callable[[str], None]) -> None:
        from crawler.browser.browser import BrowserMissing
        from crawler.browser.messages import PageFailed

        try:
            drawn = await self._drawn(fetch, fetch.url, served)
            await self._record(fetch, drawn)
            self._note(fetch, drawn)
            before = fetch.verdict
            then(drawn.html)
            self._choices.note(fetch.url, before, fetch.verdict, drawn.html)
        except asyncio.CancelledError:
            self._verdicts.returned(fetch)
            raise
        except (PageFailed, BrowserMissing, HasSecret) as error:
            self._tally["not-drawn"] += 1
            self._tally[NO_BROWSER] += isinstance(error, BrowserMissing)
            self._log.event("not-drawn", url=fetch.url, reason=str(error))
            self._verdicts.failed(fetch, f"not drawn: {error}")
        except Exception as error:  # our bug to fix; the page must not stay in flight forever
            _log.exception("%s could not be drawn and read", fetch.url)
            if fetch.settled is None:
                self._verdicts.failed(fetch, f"{type(error).__name__}: {error}")

    async def look(self, fetch: Fetch, url: str, served: Answered) -> str | None:
        """Return the document of an answer if the storage of the source's session is what scripts log in with.

        Only what it requests is recorded. Raises NotShown.
        """
        if self._stand_ins is None:
            return None
        from crawler.browser.browser import BrowserMissing
        from crawler.browser.messages import PageFailed

        try:
            return (await self._drawn(fetch, url, served)).html
        except (PageFailed, BrowserMissing) as error:
            raise NotShown(str(error)) from error

    async def _drawn(self, fetch: Fetch, url: str, served: Answered) -> Drawn:
        requests = self._requests = self._requests or DirectRequests(
            self._order, self._parts, self._unrecorded, log=self._log, tally=self._tally, stand_ins=self._stand_ins
        )

        async def fetched(asked: Asked) -> Answered:
            return await self._fetch(requests, fetch, url, asked)

        self._browser = self._browser or self._new_browser()
        return await self._browser.draw(url, served, fetched)

    def _new_browser(self) -> Browser:
        from crawler.browser.browser import Browser

        storage = self._stand_ins.storage if self._stand_ins else {}
        return Browser(self._order.frontier.with_suffix(".browser"), self._parts.browser, storage)

    async def _fetch(self, requests: DirectRequests, fetch: Fetch, url: str, asked: Asked) -> Answered:
        """Fetch what a page requests. Raises NotFetched."""
        from crawler.browser.messages import NotFetched

        context = replace(fetch.context, via=url, hops=fetch.context.hops + 1, not_modified=None)
        try:
            if self._recorder.secret_in(asked.url, asked.body, *(value for _, value in asked.headers)) is not None:
                raise NotFetched("requests with secrets of the login", "BlockedByClient")
            sent = _request(asked, requests.identity)
            if self._of_run.add_identity(sent) and self._stand_ins is not None:
                sent.meta["reveal"] = self._stand_ins.reveal
            response, captures, _ = await requests.answer(sent, page=False, context=context)
        except NotFetched:
            raise
        except Withheld as error:
            return self._shown(error)
        except (IgnoreRequest, AddressForbidden) as error:
            raise NotFetched(f"forbidden: {str(error) or type(error).__name__}", "BlockedByClient") from error
        except DownloadTimeoutError as error:
            raise NotFetched("requests without an answer in time", "TimedOut") from error
        except Exception as error:
            raise NotFetched(f"failed: {type(error).__name__}") from error
        fetch.fed = fetch.fed or any(one.kind == "response" and one.status == 200 for one in captures)
        if ON_DISK in response.flags:
            raise NotFetched("answers too large for a browser")
        return Answered.of(response, body_of(response, self._order.source.limits.page_bytes))

    def _shown(self, withheld: Withheld) -> Answered:
        """Return an answer that is not archived as the page gets it: with stand-ins for its secrets. Raises NotFetched.

        Pages need the answers that bring new tokens.
        """
        from crawler.browser.messages import NotFetched

        answer, stand_ins = withheld.response, self._stand_ins
        self._log.event("not-kept", url=answer.url, reason=str(withheld))
        count_dropped(self._tally, WITHHELD)
        body = None
        if stand_ins is not None and ON_DISK not in answer.flags:
            decoded = body_of(answer, self._order.source.limits.page_bytes)
            body = shown(stand_ins, decoded, secure=answer.url.startswith("https:"))
        if stand_ins is None or body is None:
            raise NotFetched("answers with secrets of the login", "BlockedByClient") from withheld
        kept = Answered.of(answer, body)
        fields = [one for one in kept.headers if not brings_token(one[0]) and stand_ins.item_in(one[1]) is None]
        fields = [one for one in fields if one[0].lower() != b"content-type"]
        return kept._replace(headers=(*fields, (b"Content-Type", b"application/json; charset=utf-8")))

    async def _record(self, fetch: Fetch, drawn: Drawn) -> None:
        """Hand the document and the picture to the recorder, once the page itself is on disk."""
        await fetch.written()
        if fetch.kept is None or fetch.error is not None:
            return  # the page is fetched again
        fetch.context = replace(fetch.context, reservations=tuple(read(fetch.kept.reservations)))
        original = Reference(fetch.kept.record_id, fetch.kept.url, fetch.kept.at)
        document, mime = drawn.html.encode("utf-8", "replace"), f"image/{self._parts.browser.picture}"
        made = [Derived("conversion", fetch.url, DRAWN_TYPE, document, original)]
        pictures = ((SCREENSHOT, drawn.picture), (THUMBNAIL, drawn.small))
        made += [_beside(prefix, mime, picture, original) for prefix, picture in pictures if picture]
        info = json.dumps(_info(fetch, drawn), separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")
        made.append(_beside(PAGE_INFO, "application/json", info, original))
        for one in made:
            self._recorder.check(one)
        for one in made:
            self._recorder.derive(one, fetch)

    def _note(self, fetch: Fetch, drawn: Drawn) -> None:
        self._tally["drawn-pages"] += 1
        self._log.event(
            "drawn",
            url=fetch.url,
            reason=self._reasons.pop(fetch.url, ""),
            requests=drawn.requests,
            bytes=drawn.bytes,
            refused=dict(drawn.refused),
            behaviours=dict(drawn.behaved),
            seconds=round(drawn.seconds, 3),
            complete=not drawn.cut,
        )

    def _unrecorded(self, reason: str) -> None:
        self._log.event("not-kept", reason=reason)


def _beside(prefix: str, mime: str, body: bytes, original: Reference) -> Derived:
    return Derived("resource", prefix + original.url, mime, body, original)


def _info(fetch: Fetch, drawn: Drawn) -> dict[str, object]:
    """Return what is known of how a page was drawn, in the form of Browsertrix' page information, and more."""
    return {
        "pageid": fetch.context.page_id,
        "url": fetch.url,
        "ts": fetch.kept.at.isoformat() if fetch.kept else None,
        **drawn.facts,
        "refused": dict(drawn.refused),
        "behaviours": dict(drawn.behaved),
        "seconds": round(drawn.seconds, 3),
        "complete": not drawn.cut,
    }


def _request(asked: Asked, identity: str) -> Request:
    """Return the request that a page wants to make, as this crawler makes it."""
    headers: dict[str, list[str]] = {}
    for name, value in asked.headers:
        if name.lower() not in _NOT_SENT and not name.lower().startswith("sec-ch-"):
            headers.setdefault(name, []).append(value)
    headers["User-Agent"] = [identity]
    return Request(
        asked.url,
        method=asked.method,
        headers=headers,
        body=asked.body,
        meta={"verbatim_url": True},
        dont_filter=True,
    )
