"""The HTTP server of all commands, on a real socket."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from pressmark.processes.http_server import Server, configured

T = TypeVar("T")
WITHIN = 60


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["path"] == "/slow":
        await asyncio.sleep(3600)
    await PlainTextResponse(scope["client"][0])(scope, receive, send)


def served(act: Callable[[Server, int], Awaitable[T]]) -> T:
    """Run the server in an event loop while `act` gets it and its port; then end it."""

    async def both() -> T:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            server = Server(configured(app))
            serving = asyncio.create_task(server.serve(sockets=[listening]))
            try:
                return await asyncio.wait_for(act(server, listening.getsockname()[1]), WITHIN)
            finally:
                server.handle_exit(signal.SIGTERM, None)
                await asyncio.wait_for(serving, WITHIN)

    return asyncio.run(both())


async def asked(port: int, path: str = "/", *fields: str) -> str:
    """Return the answer to a request, up to its body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = (f"GET {path} HTTP/1.1", "Host: localhost", "Connection: close", *fields, "", "")
    writer.write("\r\n".join(lines).encode())
    try:
        return (await reader.read()).decode()
    finally:
        writer.close()


def test_an_answer_has_a_date_and_names_no_server() -> None:
    answer = served(lambda _, port: asked(port)).lower()

    assert answer.startswith("http/1.1 200")
    assert "\r\ndate: " in answer
    assert "\r\nserver:" not in answer


def test_a_connection_is_not_changed_into_a_web_socket() -> None:
    upgrade = ("Upgrade: websocket", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13")
    answer = served(lambda _, port: asked(port, "/", *upgrade))

    assert answer.startswith("HTTP/1.1 200")


def test_the_address_in_a_header_is_ignored() -> None:
    assert served(lambda _, port: asked(port, "/", "X-Forwarded-For: 192.0.2.7")).endswith("127.0.0.1")


def test_signals_stay_with_the_command() -> None:
    before = signal.getsignal(signal.SIGTERM)

    async def during(_: Server, port: int) -> object:
        await asked(port)
        return signal.getsignal(signal.SIGTERM)

    assert served(during) is before


@pytest.mark.slow
def test_the_server_ends_although_an_answer_does_not() -> None:
    with socket.socket() as slow:

        async def act(_: Server, port: int) -> None:
            slow.connect(("127.0.0.1", port))
            slow.sendall(b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n")
            await asked(port)  # the slow one was accepted before this one

        served(act)
