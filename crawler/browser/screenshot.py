"""The picture of a page."""

from __future__ import annotations

import asyncio
import base64

from crawler.browser.devtools import CommandFailed, Devtools
from crawler.policy.shared import BrowserLimits

WIDTH, HEIGHT = 1280, 1024
"""Of the window, in CSS pixels."""
_TALLEST = 8_000
_QUALITY = 60
"""Of a WebP or a JPEG, up to 100."""


_SMALL = 0.25
"""The scale of a small picture: 320 × 256 pixels."""


async def screenshot(devtools: Devtools, session: str, limits: BrowserLimits) -> bytes | None:
    """Return a picture of the page down to 8,000 pixels; None if the browser makes none in time."""
    try:
        async with asyncio.timeout(limits.answers):
            size = (await devtools.ask("Page.getLayoutMetrics", session))["cssContentSize"]
            height = min(max(float(size["height"]), HEIGHT), _TALLEST)
            return await _picture(devtools, session, limits.picture, height)
    except (TimeoutError, CommandFailed):
        return None


async def thumbnail(devtools: Devtools, session: str, limits: BrowserLimits) -> bytes | None:
    """Return a small picture of the first window of the page; None if the browser makes none in time."""
    try:
        async with asyncio.timeout(limits.answers):
            return await _picture(devtools, session, limits.picture, HEIGHT, _SMALL)
    except (TimeoutError, CommandFailed):
        return None


async def _picture(devtools: Devtools, session: str, form: str, height: float, scale: float = 1) -> bytes:
    quality = {} if form == "png" else {"quality": _QUALITY}
    made = await devtools.ask(
        "Page.captureScreenshot",
        session,
        format=form,
        **quality,
        captureBeyondViewport=True,
        clip={"x": 0, "y": 0, "width": WIDTH, "height": height, "scale": scale},
    )
    return base64.b64decode(made["data"])
