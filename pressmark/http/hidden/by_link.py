"""Unlisted collections: every reader with the address of a capture reads it, and no list has it.

A request for a capture is answered without the unlisted collections first. If it is found nowhere, it is answered
again with each of them alone: so a page never names an unlisted collection but its own.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from archive.database.closed_collections import closing_collections

Names = frozenset[str]
OpenSources = Callable[[Names], Names]
"""Returns the sources that are left when collections are closed."""
_MISSING = frozenset({404, 451})
"""The statuses of what may be found in another collection: of what was taken down, other captures may be there."""


async def answer_listed_first(
    app: ASGIApp, scope: Scope, receive: Receive, send: Send, *, closed: tuple[Names, Names], open_sources: OpenSources
) -> None:
    """Have a request answered without what is closed to its caller.

    `closed` are the closed collections, and those among them that its address may name; only a GET request has any.
    """
    everything = closed[0]
    *before, last = everything, *(everything - {name} for name in sorted(everything & closed[1]))
    for shut in before:
        with closing_collections(shut, await run_in_threadpool(open_sources, shut)):
            if await _answered_if_found(app, scope, receive, send):
                return
    with closing_collections(last, await run_in_threadpool(open_sources, last) if last else frozenset()):
        await app(scope, receive, send)


async def _answered_if_found(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> bool:
    """Answer a request unless there is nothing, or nothing that was not taken down; return whether it was answered."""
    missing = False

    async def sending(message: Message) -> None:
        nonlocal missing
        missing = missing or (message["type"] == "http.response.start" and message["status"] in _MISSING)
        if not missing:
            await send(message)

    await app({**scope}, receive, sending)
    return not missing
