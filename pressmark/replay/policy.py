"""Under which conditions a browser gets what strangers wrote."""

from __future__ import annotations

_INERT = (
    "sandbox",
    "default-src 'none'",
    "img-src 'self' data: blob:",
    "style-src 'self' 'unsafe-inline' data:",
    "font-src 'self' data:",
    "media-src 'self' data: blob:",
    "frame-src 'self'",
    "object-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
)
"""No script, form, popup, download, or way out of the frame; an origin that is nobody's; nothing from elsewhere.

``default-src 'none'`` where ``'self' data: blob:`` would do: what is not named here is script, worker, connection.
"""
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-DNS-Prefetch-Control": "off",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), fullscreen=()",
    "Cache-Control": "private, max-age=300",
}


def headers(home: str | None, *, in_a_page: bool) -> dict[str, str]:
    """Those of everything that leaves the origin of replay.

    `home` is the origin of our own pages, which alone may frame a page of the archive. What is only part of one
    (`in_a_page`) is framed by pages of no origin, which can't be named, not even by ``*``.
    """
    rules = _INERT if in_a_page else (*_INERT, "frame-ancestors " + (home or "'none'"))
    return {**_HEADERS, "Content-Security-Policy": "; ".join(rules)}
