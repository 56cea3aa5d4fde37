"""The HTTP servers of all commands: uvicorn, configured in one place."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from types import FrameType
from typing import TYPE_CHECKING

import uvicorn

from pressmark.processes.http_connections import HttpLimits, limited

if TYPE_CHECKING:
    from starlette.types import ASGIApp

BACKLOG = 65_535
"""Connections that wait to be accepted; the kernel takes net.core.somaxconn at most. One that finds no place tries
again after a second (RFC 6298): so a flood of others would delay a health check.
"""
_ANSWERS_END_WITHIN = 3
_DATE_EVERY = 1.0


def configured(app: ASGIApp, limits: HttpLimits | None = None, *, lifespan: bool = False) -> uvicorn.Config:
    """Configure a server.

    Only a socket that other programs can't open needs no `limits`. `lifespan` sends ASGI's lifespan events to the
    application, which must support them.
    """
    return uvicorn.Config(
        app,
        backlog=BACKLOG,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        lifespan="on" if lifespan else "off",
        timeout_graceful_shutdown=_ANSWERS_END_WITHIN,
        http="auto" if limits is None else limited(limits),
        ws="none",  # a socket that changes its protocol would never leave the register of connections
    )


class Server(uvicorn.Server):
    """Wakes once a second, and to end: uvicorn's own loop checks ten times a second whether it must."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._ending = asyncio.Event()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self._ending.set()

    async def main_loop(self) -> None:
        while not await self.on_tick(0):  # sets the date of answers
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), _DATE_EVERY)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle the signals ourselves: more than the server must be stopped."""
        yield
