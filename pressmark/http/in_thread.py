"""Work on what a client sent, beside the event loop: other requests are answered meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

_THREADS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="parsing")
"""Two at a time: the event loop competes with them for the interpreter."""


async def in_thread(work: Callable[[], T]) -> T:
    """Return the result of `work`, which is done in a thread, after what was given before."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, work)
