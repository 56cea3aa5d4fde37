"""Chromium's DevTools protocol over a pair of pipes: JSON messages, each ended by a zero byte."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any

Message = dict[str, Any]
_LONGEST = 256 << 20
"""Bytes of a message above which the browser is given up: a page's markup, or its picture, is far below it."""


class BrowserGone(Exception):
    """The browser ended, or does not speak the protocol any more."""


class CommandFailed(Exception):
    """The browser refused a command."""


class Devtools:
    """A connection. `heard` gets its events, in the event loop."""

    def __init__(self, heard: Callable[[Message], None]) -> None:
        self.heard = heard
        self.gone = asyncio.Event()
        self._waiting: dict[int, asyncio.Future[Message]] = {}
        self._last = 0
        self._writer: asyncio.WriteTransport | None = None
        self._reader: asyncio.ReadTransport | None = None
        self._listening: asyncio.Task[None] | None = None

    async def open(self, read: int, write: int) -> None:
        """Take over two pipes."""
        loop = asyncio.get_running_loop()
        stream = asyncio.StreamReader(limit=_LONGEST)
        reading, writing = os.fdopen(read, "rb"), os.fdopen(write, "wb")
        try:
            self._reader, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stream), reading)
            self._writer, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, writing)
        except BaseException:
            writing.close()  # asyncio closes only the pipe whose connection failed
            raise
        self._listening = loop.create_task(self._listen(stream))

    async def ask(self, method: str, session: str | None = None, **parameters: Any) -> Message:
        """Send a command, and return its result. Raises BrowserGone, CommandFailed."""
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._waiting[number := self._send(method, session, parameters)] = answer
        try:
            reply = await answer
        finally:
            self._waiting.pop(number, None)
        if "error" in reply:
            raise CommandFailed(f"{method}: {reply['error'].get('message', '')}")
        result: Message = reply.get("result", {})
        return result

    def tell(self, method: str, session: str | None = None, **parameters: Any) -> None:
        """Send a command whose result does not matter."""
        with suppress(BrowserGone):
            self._send(method, session, parameters)

    def close(self) -> None:
        """Close both pipes."""
        self._end()
        for pipe in (self._reader, self._writer):
            if pipe is not None:
                pipe.close()
        if self._listening is not None:
            self._listening.cancel()

    def _send(self, method: str, session: str | None, parameters: Message) -> int:
        if self._writer is None or self.gone.is_set():
            raise BrowserGone("the browser is gone")
        self._last += 1
        message = {"id": self._last, "method": method, "params": parameters}
        if session is not None:
            message["sessionId"] = session
        self._writer.write(json.dumps(message).encode() + b"\0")
        return self._last

    async def _listen(self, stream: asyncio.StreamReader) -> None:
        try:
            while True:
                self._take(json.loads((await stream.readuntil(b"\0"))[:-1]))
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError, ValueError):
            self._end()

    def _take(self, message: Message) -> None:
        if "id" not in message:
            self.heard(message)
        elif (waiting := self._waiting.get(message["id"])) is not None and not waiting.done():
            waiting.set_result(message)

    def _end(self) -> None:
        self.gone.set()
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(BrowserGone("the browser ended"))
