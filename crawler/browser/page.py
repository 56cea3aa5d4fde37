"""One page in the browser: its requests are answered, it is read to its end, and its document is taken."""

from __future__ import annotations

import asyncio
import base64
from collections import Counter
from typing import Any

from crawler.browser.chromium import Chromium
from crawler.browser.devtools import BrowserGone, CommandFailed, Devtools, Message
from crawler.browser.messages import Drawn, Fetcher, NotFetched, PageFailed, as_command, asked_of
from crawler.policy.answers import Answered
from crawler.policy.shared import BrowserLimits

_WIDTH, _HEIGHT, _TALLEST = 1280, 1024, 8_000
_MOST_SCROLLS = 40
_LOOK = 0.1
_MEMORY_LOOK = 1.0
_SCROLL = """(() => {
  const before = window.scrollY;
  window.scrollBy(0, window.innerHeight);
  return window.scrollY > before;
})()"""
_DOCUMENT = """(() => {
  const html = document.documentElement, type = document.doctype ? `<!DOCTYPE ${document.doctype.name}>` : '';
  const inert = document.implementation.createHTMLDocument('');  // loads and runs nothing that is put in it
  const shown = node => node.shadowRoot ? node.shadowRoot.childNodes
    : node.localName === 'slot' && node.assignedNodes().length ? node.assignedNodes() : node.childNodes;
  const flat = node => {
    if (node.nodeType !== Node.ELEMENT_NODE) return inert.importNode(node, true);
    const copy = inert.importNode(node, false);
    for (const one of shown(node)) copy.append(flat(one));
    return copy;
  };
  const shadowed = [...document.querySelectorAll('*')].some(one => one.shadowRoot);
  return type + (shadowed ? flat(html) : html).outerHTML;
})()"""
"""The document; where elements have open shadow roots, these stand in place of what they hide."""


class BrowserPage:
    """A page in a context of its own: no cookies, storage or cache of any other. Use it once."""

    def __init__(self, chromium: Chromium, url: str, answer: Answered, fetch: Fetcher, limits: BrowserLimits) -> None:
        self._chromium, self._devtools = chromium, chromium.devtools
        self._url, self._answer, self._fetch, self._limits = url, answer, fetch, limits
        self._session: str | None = None
        self._target: str | None = None
        self._begun = self._loaded = False
        self._requests = self._nuisances = 0
        self._refused: Counter[str] = Counter()
        self._fetching: set[asyncio.Task[None]] = set()
        self._busy_at = asyncio.get_running_loop().time()
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
            raise PageFailed(str(error)) from error
        finally:
            tasks = [drawing, watching, *self._fetching]
            for task in tasks:
                task.cancel()
            self._failed.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def heard(self, event: Message) -> None:
        """Take an event of the browser."""
        facts: dict[str, Any] = event["params"]
        match event["method"]:
            case "Fetch.requestPaused":
                self._paused(facts)
            case "Page.loadEventFired":
                self._loaded = True
            case "Page.frameStoppedLoading" if self._begun and facts["frameId"] == self._target:
                self._loaded = True  # also where a script led elsewhere before the page was loaded
            case "Page.javascriptDialogOpening":
                self._devtools.tell("Page.handleJavaScriptDialog", event.get("sessionId"), accept=False)
                self._nuisance("dialogs")
            case "Target.targetCreated" if self._is_window(facts["targetInfo"]):
                self._devtools.tell("Target.closeTarget", targetId=facts["targetInfo"]["targetId"])
                self._nuisance("windows")
            case "Inspector.targetCrashed":
                self._fail("the page crashed in the browser")
            case "Network.webSocketCreated":
                self._refused["web sockets"] += 1
            case "Browser.downloadWillBegin" | "Page.downloadWillBegin":
                self._refused["downloads"] += 1

    # --- from the first request to the document ---------------------------------------------------------------------

    async def _draw(self) -> Drawn:
        ends = asyncio.get_running_loop().time() + self._limits.seconds
        session = await self._open()
        self._devtools.tell("Page.navigate", session, url=self._url)
        whole = await self._quiet(ends)
        for _ in range(_MOST_SCROLLS):
            if not whole or not await self._evaluate(session, _SCROLL):
                break
            whole = await self._quiet(ends)
        html = str(await self._evaluate(session, _DOCUMENT))
        if len(html) > self._limits.markup:
            raise PageFailed(f"the page has {len(html)} characters of markup, and {self._limits.markup} are accepted")
        return Drawn(html, await self._picture(session), self._requests, self._refused, cut=not whole)

    async def _open(self) -> str:
        ask = self._devtools.ask
        await ask("Fetch.enable", patterns=[{"urlPattern": "*"}])
        await ask("Target.setDiscoverTargets", discover=True)
        context = (await ask("Target.createBrowserContext", disposeOnDetach=True))["browserContextId"]
        await ask("Browser.setDownloadBehavior", behavior="deny", browserContextId=context, eventsEnabled=True)
        created = await ask(
            "Target.createTarget", url="about:blank", browserContextId=context, width=_WIDTH, height=_HEIGHT
        )
        self._target = target = created["targetId"]
        session: str = (await ask("Target.attachToTarget", targetId=target, flatten=True))["sessionId"]
        self._session = session
        await ask("Page.enable", session)
        await ask("Inspector.enable", session)
        await ask("Network.enable", session, maxTotalBufferSize=1 << 20, maxResourceBufferSize=1 << 16)
        await ask("Network.setBypassServiceWorker", session, bypass=True)
        return session

    async def _quiet(self, ends: float) -> bool:
        """Wait until the page is loaded and requests nothing; return False when its time is over before."""
        loop = asyncio.get_running_loop()
        self._busy_at = max(self._busy_at, loop.time())
        while loop.time() < ends:
            if self._loaded and not self._fetching and loop.time() - self._busy_at >= self._limits.quiet:
                return True
            await asyncio.sleep(_LOOK)
        return False

    async def _evaluate(self, session: str, script: str) -> Any:
        """Return what a script of ours returns, in a world where no script of the page has changed anything."""
        try:
            async with asyncio.timeout(self._limits.answers):
                world = await self._devtools.ask("Page.createIsolatedWorld", session, frameId=self._target)
                found = await self._devtools.ask(
                    "Runtime.evaluate",
                    session,
                    expression=script,
                    contextId=world["executionContextId"],
                    returnByValue=True,
                )
        except TimeoutError as error:
            raise PageFailed(f"the page's scripts do not end within {self._limits.answers:.0f} s") from error
        if "exceptionDetails" in found:
            raise PageFailed(f"the document can't be read: {found['exceptionDetails'].get('text', '')}")
        return found["result"].get("value")

    async def _picture(self, session: str) -> bytes | None:
        """Return a picture of the page; None if the browser makes none in time, which costs nothing else."""
        try:
            async with asyncio.timeout(self._limits.answers):
                size = (await self._devtools.ask("Page.getLayoutMetrics", session))["cssContentSize"]
                tall = min(max(float(size["height"]), _HEIGHT), _TALLEST)
                made = await self._devtools.ask(
                    "Page.captureScreenshot",
                    session,
                    format="webp",
                    quality=60,
                    captureBeyondViewport=True,
                    clip={"x": 0, "y": 0, "width": _WIDTH, "height": tall, "scale": 1},
                )
        except (TimeoutError, CommandFailed):
            return None
        return base64.b64decode(made["data"])

    # --- requests ---------------------------------------------------------------------------------------------------

    def _paused(self, event: Message) -> None:
        self._busy_at = asyncio.get_running_loop().time()
        number, session = event["requestId"], None
        if event.get("resourceType") == "Document" and event.get("frameId") == self._target:
            if self._begun:
                self._refuse(number, NotFetched("navigations", "Aborted"))
            else:
                self._begun = True
                self._devtools.tell("Fetch.fulfillRequest", session, requestId=number, **as_command(self._answer))
        elif self._requests >= self._limits.requests:
            self._refuse(number, NotFetched(f"requests beyond {self._limits.requests}", "BlockedByClient"))
        elif not event["request"]["url"].startswith(("http://", "https://")):
            self._refuse(number, NotFetched("requests without HTTP", "BlockedByClient"))
        else:
            self._requests += 1
            task = asyncio.ensure_future(self._answer_request(number, event))
            self._fetching.add(task)
            task.add_done_callback(self._fetching.discard)

    async def _answer_request(self, number: str, event: Message) -> None:
        try:
            answer = await self._fetch(asked_of(event))
        except NotFetched as error:
            self._refuse(number, error)
        else:
            self._devtools.tell("Fetch.fulfillRequest", requestId=number, **as_command(answer))
        self._busy_at = asyncio.get_running_loop().time()

    def _refuse(self, number: str, error: NotFetched) -> None:
        self._refused[str(error)] += 1
        self._devtools.tell("Fetch.failRequest", requestId=number, errorReason=error.code)

    # --- what ends a page -------------------------------------------------------------------------------------------

    async def _watch(self) -> None:
        """Return never; raise PageFailed when the browser ends, or takes too much memory."""
        loop, gone = asyncio.get_running_loop(), asyncio.ensure_future(self._devtools.gone.wait())
        try:
            while not gone.done():
                taken = await loop.run_in_executor(None, self._chromium.memory)
                if taken > self._limits.memory:
                    raise PageFailed(f"the page takes more than {self._limits.memory >> 20} MiB of memory")
                await asyncio.wait({gone}, timeout=_MEMORY_LOOK)
        finally:
            gone.cancel()
        raise PageFailed("the browser ended while it drew the page")

    def _is_window(self, target: Message) -> bool:
        return target["type"] == "page" and self._target is not None and target["targetId"] != self._target

    def _nuisance(self, what: str) -> None:
        self._nuisances += 1
        self._refused[what] += 1
        if self._nuisances > self._limits.nuisances:
            self._fail(f"the page opens more than {self._limits.nuisances} dialogs and windows")

    def _fail(self, reason: str) -> None:
        if not self._failed.done():
            self._failed.set_exception(PageFailed(reason))


async def close_page(devtools: Devtools) -> None:
    """Close what is left of a page that was drawn."""
    for target in (await devtools.ask("Target.getTargets"))["targetInfos"]:
        if target["type"] == "page":
            devtools.tell("Target.closeTarget", targetId=target["targetId"])
    for context in (await devtools.ask("Target.getBrowserContexts"))["browserContextIds"]:
        devtools.tell("Target.disposeBrowserContext", browserContextId=context)
