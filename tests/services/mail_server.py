"""A real mail server on loopback, in a thread of its own, and the mails that it received."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword


class Letters:
    """The mails that a server received."""

    def __init__(self) -> None:
        self.letters: list[Message] = []
        self.envelopes: list[Envelope] = []
        self.then: Callable[[], None] | None = None
        """What is done when a mail is taken, before the sender learns it."""

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        if "refused@example.org" in envelope.rcpt_tos:
            return "550 nobody of that name"
        self.envelopes.append(envelope)
        assert isinstance(envelope.content, bytes)
        self.letters.append(message_from_bytes(envelope.content))
        if self.then:
            self.then()
        return "250 taken"


def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"ann", b"hunter22")
    return AuthResult(success=right, handled=right)


async def close(server: asyncio.Server) -> None:
    server.close()
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.sleep(0)  # the transports close


@contextmanager
def mail_server(letters: Letters, port: int = 0) -> Iterator[int]:
    """Run a mail server, and yield its port."""
    loop = asyncio.new_event_loop()

    def protocol() -> SMTP:
        return SMTP(letters, hostname="mail", authenticator=authenticate, auth_require_tls=False, loop=loop)

    server = loop.run_until_complete(loop.create_server(protocol, "127.0.0.1", port))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(close(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
