"""A world of our own scripts in a page: no script of the page sees or changes what they use."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from itertools import islice
from typing import Any

from crawler.browser.devtools import CommandFailed, Devtools, Message
from crawler.browser.messages import PageFailed

_CLOSED = re.compile(rb"shadowrootmode\s*=\s*\\?[\"']?closed", re.IGNORECASE)
_MOST_ROOTS = 1_000
_WORLD = "pressmark"
IDLE = """new Promise(done => {
  const idle = () => requestIdleCallback(() => done(null), {timeout: 1000});
  requestAnimationFrame(() => requestAnimationFrame(idle));
  setTimeout(idle, 2000);
})"""
"""Ends when the page has been painted, what came into view was noticed, and no script runs; after three seconds of
scripts that never pause, or without being painted.
"""
_TELL = "function (root) { (globalThis.closedRoots ??= new WeakMap()).set(this, root); }"


def has_closed_roots(body: bytes) -> bool:
    """Return whether markup, or a script with markup, declares a closed shadow root."""
    return _CLOSED.search(body) is not None


class World:
    """The world of a page, also after the page went elsewhere."""

    def __init__(self, devtools: Devtools, session: str, frame: str, answers: float) -> None:
        """Set up. `answers` is how many seconds the scripts of the page may keep it from answering."""
        self._devtools, self._session, self._frame, self._answers = devtools, session, frame, answers

    async def evaluate(self, script: str) -> Any:
        """Return what a script returns. Raises PageFailed, CommandFailed, BrowserGone."""
        async with self._in_time():
            found = await self._ask(
                "Runtime.evaluate",
                expression=script,
                contextId=await self._context(),
                returnByValue=True,
                awaitPromise=True,
            )
        if "exceptionDetails" in found:
            raise PageFailed(f"the document can't be read: {found['exceptionDetails'].get('text', '')}")
        return found["result"].get("value")

    async def open_closed_roots(self) -> None:
        """Put the closed shadow roots of the page, which no script gets, into the map `closedRoots`, by their hosts.

        Raises as `evaluate`.
        """
        async with self._in_time():
            context, document = await self._context(), await self._ask("DOM.getDocument", depth=-1, pierce=True)
            for pair in islice(_closed(document["root"]), _MOST_ROOTS):
                with suppress(CommandFailed):  # it has left the page
                    host, root = [await self._object(context, node) for node in pair]
                    told = {"objectId": host, "arguments": [{"objectId": root}]}
                    await self._ask("Runtime.callFunctionOn", functionDeclaration=_TELL, **told)

    async def _object(self, context: int, node: int) -> str:
        found = await self._ask("DOM.resolveNode", backendNodeId=node, executionContextId=context)
        return str(found["object"]["objectId"])

    async def _context(self) -> int:
        world = await self._ask("Page.createIsolatedWorld", frameId=self._frame, worldName=_WORLD)
        return int(world["executionContextId"])

    async def _ask(self, method: str, **parameters: Any) -> Message:
        return await self._devtools.ask(method, self._session, **parameters)

    @asynccontextmanager
    async def _in_time(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._answers):
                yield
        except TimeoutError as error:
            raise PageFailed(f"the page's scripts do not end within {self._answers:.0f} s") from error


def _closed(document: dict[str, Any]) -> Iterator[tuple[int, int]]:
    """Yield hosts and their closed roots, as ids of their nodes, within one frame."""
    waiting = [document]
    while waiting:
        node = waiting.pop()
        for root in node.get("shadowRoots", ()):
            if root.get("shadowRootType") == "closed":
                yield node["backendNodeId"], root["backendNodeId"]
            if root.get("shadowRootType") != "user-agent":
                waiting.append(root)
        waiting.extend(node.get("children", ()))
