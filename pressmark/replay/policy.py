"""The policies under which a browser gets archived content."""

from __future__ import annotations

from pressmark.http.hidden.crawlers import NOT_INDEXED

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
"""No script, form, popup, download, or way out of the frame; an opaque origin; nothing from elsewhere.

``default-src 'none'`` instead of ``'self' data: blob:``, because everything not listed is scripts, workers and
connections.
"""
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-DNS-Prefetch-Control": "off",
    "X-Robots-Tag": NOT_INDEXED,
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), fullscreen=()",
    "Cache-Control": "private, max-age=300",
}


_SCENE = (
    "sandbox allow-scripts allow-same-origin allow-forms",
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:",
    "connect-src 'self' data: blob:",
    "worker-src 'self' blob:",
    "frame-src 'self'",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'none'",
)
"""Scripts, on an origin of their own (so that they may have our service worker), and nothing from elsewhere.

Forms are allowed so that scripts get their events; none is sent.
"""


_ALLOWLIST = {"Connection-Allowlist": "(response-origin)"}
"""Content-Security-Policy does not cover some ways out, such as WebRTC; newer Chromium stops them by this: redirects,
too.
"""


def in_scene(bar: str) -> dict[str, str]:
    """Return the policy of a page whose scripts run, and of what it loads.

    `bar` is the origin of the page around it.
    """
    rules = "; ".join((*_SCENE, f"frame-ancestors 'self' {bar}"))
    return {**_HEADERS, **_ALLOWLIST, "Content-Security-Policy": rules}


def start(bar: str) -> dict[str, str]:
    """Return the policy of our pages in a scene: one installs the service worker, one leads on."""
    rules = (
        "sandbox allow-scripts allow-same-origin", "default-src 'none'", "script-src 'self'", "worker-src 'self'",
        f"frame-ancestors 'self' {bar}",
    )  # fmt: skip
    return {**_HEADERS, "Cache-Control": "no-store", "Content-Security-Policy": "; ".join(rules)}


def report_policy(bar: str) -> dict[str, str]:
    """Return the policy of our pages in a scene that say what the frame shows, and may frame that."""
    headers = start(bar)
    headers["Content-Security-Policy"] += "; frame-src 'self'; style-src 'unsafe-inline'"
    return headers


def worker() -> dict[str, str]:
    """Return the policy of that service worker, which requests nothing from other origins either."""
    rules = "default-src 'none'; connect-src 'self'"
    return {**_HEADERS, "Cache-Control": "no-store", "Content-Security-Policy": rules, "Service-Worker-Allowed": "/"}


def headers(home: str | None, *, in_a_page: bool) -> dict[str, str]:
    """Return the headers of everything sent by the origin of replay.

    `home` is the origin of our own pages, which alone may frame a page of the archive. A part of a page (`in_a_page`)
    is framed by pages with an opaque origin, which can't be named, not even by ``*``.
    """
    rules = _INERT if in_a_page else (*_INERT, "frame-ancestors " + (home or "'none'"))
    return {**_HEADERS, "Content-Security-Policy": "; ".join(rules)}
