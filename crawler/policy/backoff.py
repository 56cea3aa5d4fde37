"""While the database is away, what can't go on without it waits."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from archive.values.errors import DatabaseUnreachable

T = TypeVar("T")
AGAIN = 5.0
"""Seconds until a database that is away is asked again."""

_log = logging.getLogger(__name__)


async def patiently(ask: Callable[[], Awaitable[T]], waits: Callable[[], bool] = lambda: True) -> T:
    """What `ask` gives, which is called again until the database is there. Raises DatabaseUnreachable, once it waits no
    more.
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
    """What can't be written costs requests of the next run, nothing else, and is told; but not while the database is
    away: then it may be written later. Raises DatabaseUnreachable.
    """
    try:
        yield
    except DatabaseUnreachable:
        raise
    except Exception:
        log.exception(message, *values)
