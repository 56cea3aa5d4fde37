"""Work on what a client sent, beside the event loop: other requests are answered meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")


class RequestThreads(ThreadPoolExecutor):
    """Threads that work in the context of the request: collections that are closed to its caller are closed there."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        return super().submit(copy_context().run, partial(fn, *args, **kwargs))


_THREADS = RequestThreads(max_workers=2, thread_name_prefix="parsing")
"""Two at a time: the event loop competes with them for the interpreter."""


async def in_thread(work: Callable[[], T]) -> T:
    """Return the result of `work`, which is done in a thread, after what was given before."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, work)
