"""Unlisted collections: every reader with the address of a capture reads it, and no list has it.

A request for a capture is answered without the unlisted collections first. If it is found nowhere, it is answered
again with them: so a page of a listed collection never names an unlisted one.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from archive.database.closed_collections import closing_collections

Names = frozenset[str]
OpenSources = Callable[[Names], Names]
"""Returns the sources that are left when collections are closed."""


async def answer_listed_first(
    app: ASGIApp, scope: Scope, receive: Receive, send: Send, *, closed: tuple[Names, Names], open_sources: OpenSources
) -> None:
    """Have a request answered without what is closed to its caller.

    `closed` are the closed collections, and those among them that its address may name; only a GET request has any.
    """
    everything, linked = closed[0], closed[0] & closed[1]
    if linked:
        with closing_collections(everything, await run_in_threadpool(open_sources, everything)):
            if await _answered_if_found(app, scope, receive, send):
                return
    left = everything - linked
    with closing_collections(left, await run_in_threadpool(open_sources, left) if left else frozenset()):
        await app(scope, receive, send)


async def _answered_if_found(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> bool:
    """Answer a request unless the answer is 404; return whether it was sent."""
    missing = False

    async def sending(message: Message) -> None:
        nonlocal missing
        missing = missing or (message["type"] == "http.response.start" and message["status"] == 404)
        if not missing:
            await send(message)

    await app({**scope}, receive, sending)
    return not missing
