"""How long to wait before the next attempt, and waits while the database is unreachable."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from archive.values.errors import DatabaseUnreachable

T = TypeVar("T")
LONGEST = 300.0
"""Seconds between two attempts at most."""
AGAIN = 5.0
"""Seconds until an unreachable database is asked again."""

_log = logging.getLogger(__name__)


def backoff(attempts: int, base: float) -> float:
    """Return the seconds before the next attempt, after `attempts` that failed.

    They are doubled each time, up to `LONGEST`.
    """
    return min(base * 2.0 ** min(attempts, 16), LONGEST)


async def patiently(ask: Callable[[], Awaitable[T]], waits: Callable[[], bool] = lambda: True) -> T:
    """Return the result of `ask`, and call it again until the database is reachable.

    Raises DatabaseUnreachable once it may wait no longer.
    """
    while True:
        try:
            return await ask()
        except DatabaseUnreachable as error:
            if waits():
                _log.warning("waiting for the database: %s", error)
                await asyncio.sleep(AGAIN)
            if not waits():
                raise


@contextmanager
def forgone(log: logging.Logger, message: str, *values: object) -> Iterator[None]:
    """Log what can't be written: it costs only requests of the next run.

    Raises DatabaseUnreachable: then it may be written later.
    """
    try:
        yield
    except DatabaseUnreachable:
        raise
    except Exception:
        log.exception(message, *values)
