"""Wait until something is true, for as long as the slowest machine may take."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
PATIENCE = 600.0
"""Seconds."""


def eventually(ask: Callable[[], T | None], *, within: float = PATIENCE) -> T:
    """Return the result of `ask` as soon as it is true; ask repeatedly until then."""
    until = time.monotonic() + within
    while not (found := ask()):
        assert time.monotonic() < until, f"nothing came within {within} s"
        time.sleep(0.05)
    return found


async def until(true: Callable[[], object]) -> None:
    """Return as soon as that is true. Raises TimeoutError."""
    async with asyncio.timeout(PATIENCE):
        while not true():
            await asyncio.sleep(0.01)
