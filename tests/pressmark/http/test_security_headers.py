"""Each answer gets the security headers that it lacks, and keeps its own."""

from __future__ import annotations

import asyncio

from starlette.responses import Response
from starlette.types import Message

from pressmark.http.security_headers import with_security_headers


def sent(response: Response) -> list[Message]:
    """Return the messages of ASGI that a response sends through the function."""
    messages: list[Message] = []

    async def send(message: Message) -> None:
        messages.append(message)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    asyncio.run(response(scope, receive, with_security_headers(send)))
    return messages


def headers(response: Response) -> list[tuple[str, str]]:
    return [(name.decode().lower(), value.decode()) for name, value in sent(response)[0]["headers"]]


def test_an_answer_without_them_gets_them_all() -> None:
    found = dict(headers(Response("a")))

    assert found["content-security-policy"].startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in found["content-security-policy"]
    assert "script-src" not in found["content-security-policy"]
    assert found["x-content-type-options"] == "nosniff"
    assert found["referrer-policy"] == found["cross-origin-resource-policy"] == "same-origin"
    assert found["cross-origin-opener-policy"] == "same-origin"
    assert found["cache-control"] == "no-cache"


def test_an_answer_keeps_its_own_whatever_their_case() -> None:
    found = headers(Response("a", headers={"Cache-Control": "max-age=60", "CONTENT-SECURITY-POLICY": "sandbox"}))

    assert [value for name, value in found if name == "cache-control"] == ["max-age=60"]
    assert [value for name, value in found if name == "content-security-policy"] == ["sandbox"]


def test_the_body_passes_unchanged() -> None:
    assert [message.get("body") for message in sent(Response("水"))[1:]] == ["水".encode()]
