"""One page in the browser: its requests are answered, it is read to its end, and its document is taken."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

from crawler.browser.activity import Activity
from crawler.browser.behaviours import (
    CONSENT,
    EXPAND,
    KEEP,
    LEFT,
    MORE,
    SCROLL,
    SRCSET,
    TURN,
    Behaviour,
    of_site,
    script,
)
from crawler.browser.budget import Budget
from crawler.browser.chromium import Chromium
from crawler.browser.devtools import BrowserGone, CommandFailed, Message
from crawler.browser.messages import Drawn, Fetcher, NotFetched, NotOpened, PageFailed, as_command, asked_of
from crawler.browser.open_page import open_page
from crawler.browser.page_log import PageLog
from crawler.browser.screenshot import screenshot, thumbnail
from crawler.browser.world import IDLE, World, has_closed_roots
from crawler.policy.answers import Answered
from crawler.policy.rows import host_of
from crawler.policy.session_cookies import Storage
from crawler.policy.shared import BrowserLimits

_LOOK = 0.1
_LIMITS_LOOK = 1.0


class _Left(Exception):
    """A press led to another page; the document is that before the press."""

    def __init__(self, document: str) -> None:
        super().__init__("a press led to another page")
        self.document = document


class BrowserPage:
    """A page in a context of its own: no cookies, storage or cache of another page. Use it once."""

    def __init__(self, chromium: Chromium, url: str, answer: Answered, fetch: Fetcher, limits: BrowserLimits) -> None:
        self._chromium, self._devtools = chromium, chromium.devtools
        self._url, self._answer, self._fetch, self._limits = url, answer, fetch, limits
        self.storage: Storage = {}
        """What its frames find in `localStorage`, each that of its own origin."""
        self._target: str | None = None
        self._begun = self._loaded = self._deaf = False
        self._nuisances = 0
        self._budget = Budget(url, limits)
        self._behaved: Counter[str] = Counter()
        self._log = PageLog()
        self._fetching: set[asyncio.Task[None]] = set()
        self._activity = Activity(asyncio.get_running_loop().time)
        self._closes = has_closed_roots(answer.body)
        self._failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def draw(self) -> Drawn:
        """Draw the page. Raises PageFailed."""
        drawing = asyncio.ensure_future(self._draw())
        watching = asyncio.ensure_future(self._watch())
        try:
            ends: set[asyncio.Future[Any]] = {drawing, watching, self._failed}
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            for one in (self._failed, watching):
                if one.done():
                    one.result()
            return await drawing
        except (BrowserGone, CommandFailed) as error:
            raise self._failure(str(error)) from error
        finally:
            tasks = [drawing, watching, *self._fetching]
            for task in tasks:
                task.cancel()
            self._failed.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def heard(self, event: Message) -> None:
        """Take an event of the browser."""
        facts: dict[str, Any] = event["params"]
        self._log.happened(event["method"], facts)
        if self._log.is_full and not self._deaf:
            self._deaf = True
            self._devtools.tell("Runtime.disable", event.get("sessionId"))
        match event["method"]:
            case "Fetch.requestPaused":
                self._paused(facts)
            case "Page.loadEventFired":
                self._loaded = True
            case "Page.frameStoppedLoading" if self._begun and facts["frameId"] == self._target:
                self._loaded = True  # also where a script led elsewhere before the page was loaded
            case "Page.javascriptDialogOpening":
                self._devtools.tell("Page.handleJavaScriptDialog", event.get("sessionId"), accept=False)
                self._budget.refused["dialogs"] += 1
                self._nuisance()
            case "Target.targetCreated" if self._is_window(facts["targetInfo"]):
                self._devtools.tell("Target.closeTarget", targetId=facts["targetInfo"]["targetId"])
                self._nuisance()
            case "Inspector.targetCrashed":
                self._fail(self._failure("the page crashed in the browser"))
            case "Page.windowOpen":  # also where the browser itself keeps it from opening
                self._budget.refused["windows"] += 1
            case "Network.webSocketCreated":
                self._budget.refused["web sockets"] += 1
            case "Network.requestWillBeSent" | "Network.loadingFinished" | "Network.loadingFailed" as method:
                self._activity.happened(method, facts)
            case "Browser.downloadWillBegin":
                self._budget.refused["downloads"] += 1

    # --- from the first request to the document ---------------------------------------------------------------------

    async def _draw(self) -> Drawn:
        ends = asyncio.get_running_loop().time() + self._limits.seconds
        try:
            async with asyncio.timeout(self._limits.answers):
                self._target, session = await open_page(self._devtools, self.storage)
        except TimeoutError as error:
            raise NotOpened(f"the browser does not answer within {self._limits.answers:.0f} s") from error
        world = World(self._devtools, session, self._target, self._limits.answers)
        self._devtools.tell("Page.navigate", session, url=self._url)
        picture, small, timing = None, None, {}
        try:
            whole = await self._quiet(world, ends) and await self._behave(world, ends)
            picture = await screenshot(self._devtools, session, self._limits)
            small = await thumbnail(self._devtools, session, self._limits) if picture else None
            whole = whole and await self._repeat(TURN, world, ends)
            html = await self._document(world)
            timing = await world.evaluate(script("timing"))
        except _Left as before:
            html, whole = before.document, True
            self._budget.refused["navigations"] += 1
        if len(html) > self._limits.markup:
            raise PageFailed(
                f"the page is too long: {len(html)} characters of HTML, and {self._limits.markup} are allowed"
            )
        budget = self._budget
        facts = self._log.facts() | {"timing": timing}
        done = self._behaved
        return Drawn(
            html, picture, budget.requests, budget.bytes, budget.refused, done, cut=not whole, small=small, facts=facts
        )

    async def _document(self, world: World) -> str:
        """Return the document, with what no script of a page gets: closed shadow roots, and blobs."""
        blobs: dict[str, int] = await world.evaluate(script("blobs")) or {}
        if kept := blobs.pop("kept", 0):
            self._behaved["blobs written into the document"] += kept
        self._budget.refused.update(blobs)
        if self._closes:
            await world.open_closed_roots()
        return str(await world.evaluate(script("document")))

    async def _behave(self, world: World, ends: float) -> bool:
        """Do to the page what brings all of it; return False when its time is over before."""
        if not await self._repeat(CONSENT, world, ends):
            return False
        if (own := of_site(self._limits.scripts, host_of(self._url))) is not None:
            try:
                await self._repeat(own, world, ends)
            except PageFailed:  # the page fails only if it answers no other script, either
                self._behaved[f"{own.name} failed"] += 1
        if not await self._repeat(SCROLL, world, ends):
            return False
        await world.evaluate(KEEP)
        for _ in range(MORE.budget):
            pressed = sum(self._behaved.values())
            if not await self._repeat(MORE, world, ends, times=1):
                return False
            if sum(self._behaved.values()) == pressed:
                break
            if not await self._repeat(SCROLL, world, ends):
                return False
        return await self._repeat(EXPAND, world, ends) and await self._repeat(SRCSET, world, ends)

    async def _repeat(self, behaviour: Behaviour, world: World, ends: float, times: int | None = None) -> bool:
        """Act until there is nothing left to do, or the budget is used; return False when the time is over before."""
        for _ in range(behaviour.budget if times is None else times):
            if (rule := await world.evaluate(behaviour.script)) is None:
                break
            self._behaved[str(rule)] += 1
            quiet = await self._quiet(world, ends)
            if behaviour in (MORE, EXPAND, TURN) and (document := await world.evaluate(LEFT)) is not None:
                raise _Left(document)
            if not quiet:
                return False
        return True

    async def _quiet(self, world: World, ends: float) -> bool:
        """Wait until the page is loaded, requests nothing and runs no script; return False if time is over before.

        What its scripts began before they ended is known by then: the page's own events come in their order.
        """
        now = asyncio.get_running_loop().time
        self._activity.touch()
        while now() < ends:
            if self._loaded and self._activity.is_quiet(self._limits.quiet):
                before = self._activity.changes
                await world.evaluate(IDLE)
                if self._activity.changes == before:
                    return True
            await asyncio.sleep(_LOOK)
        return False

    # --- requests ---------------------------------------------------------------------------------------------------

    def _paused(self, event: Message) -> None:
        self._activity.touch()
        number, session = event["requestId"], None
        if event.get("resourceType") == "Document" and event.get("frameId") == self._target:
            if self._begun:
                self._refuse(number, NotFetched("navigations", "Aborted"))
            else:
                self._begun = True
                self._devtools.tell("Fetch.fulfillRequest", session, requestId=number, **as_command(self._answer))
            return
        try:
            self._budget.admit(event["request"]["url"])
        except NotFetched as error:
            self._log.refused(asked_of(event), str(error))
            self._refuse(number, error)
        else:
            self._activity.began()
            task = asyncio.ensure_future(self._answer_request(number, event))
            self._fetching.add(task)
            task.add_done_callback(self._fetching.discard)

    async def _answer_request(self, number: str, event: Message) -> None:
        asked = asked_of(event)
        try:
            answer = await self._fetch(asked)
        except NotFetched as error:
            self._log.refused(asked, str(error))
            self._refuse(number, error)
        else:
            self._budget.bytes += len(answer.body)
            self._closes = self._closes or has_closed_roots(answer.body)
            self._log.answered(asked, answer.status)
            self._devtools.tell("Fetch.fulfillRequest", requestId=number, **as_command(answer))
        finally:
            self._activity.ended()

    def _refuse(self, number: str, error: NotFetched) -> None:
        self._budget.refused[str(error)] += 1
        self._devtools.tell("Fetch.failRequest", requestId=number, errorReason=error.code)

    # --- what ends a page -------------------------------------------------------------------------------------------

    async def _watch(self) -> None:
        """Return never; raise PageFailed when the browser ends, or takes too much memory or CPU."""
        gone, limits = asyncio.ensure_future(self._devtools.gone.wait()), self._limits
        try:
            before = None
            while not gone.done():
                too_much_memory, cpu = await asyncio.to_thread(self._chromium.taken, limits.memory)
                before = cpu if before is None else before  # that of earlier pages
                if too_much_memory:
                    raise PageFailed(f"the page takes more than {limits.memory >> 20} MiB of memory")
                if cpu - before > limits.cpu:
                    raise PageFailed(f"the page takes more than {limits.cpu:.0f} s of CPU")
                await asyncio.wait({gone}, timeout=_LIMITS_LOOK)
        finally:
            gone.cancel()
        raise self._failure("the browser ended while it rendered the page")

    def _is_window(self, target: Message) -> bool:
        return target["type"] == "page" and self._target is not None and target["targetId"] != self._target

    def _nuisance(self) -> None:
        self._nuisances += 1
        if self._nuisances > self._limits.nuisances:
            self._fail(PageFailed(f"the page opens more than {self._limits.nuisances} dialogs and windows"))

    def _failure(self, reason: str) -> PageFailed:
        """Return the error of a browser that failed: a page that has requested something was opened."""
        return PageFailed(reason) if self._budget.requests else NotOpened(reason)

    def _fail(self, error: PageFailed) -> None:
        if not self._failed.done():
            self._failed.set_exception(error)
