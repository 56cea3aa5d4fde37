"""The security headers that each answer gets, unless it has its own."""

from __future__ import annotations

from starlette.types import Message, Send

_POLICY = {
    # Archived content must never run here: no script at all, nothing from other origins, in no frame.
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
_DEFAULTS = [(name.lower().encode(), value.encode()) for name, value in _POLICY.items()]


def with_security_headers(send: Send) -> Send:
    """Add the headers that an answer lacks."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            there = {name.lower() for name, _ in message["headers"]}
            message["headers"] = [*message["headers"], *(field for field in _DEFAULTS if field[0] not in there)]
        await send(message)

    return sending
