"""The picture of a page."""

from __future__ import annotations

import asyncio
import base64

from crawler.browser.devtools import CommandFailed, Devtools
from crawler.policy.shared import BrowserLimits

WIDTH, HEIGHT = 1280, 1024
"""Of the window, in CSS pixels."""
_TALLEST = 8_000


async def screenshot(devtools: Devtools, session: str, limits: BrowserLimits) -> bytes | None:
    """Return a JPEG of the page down to 8,000 pixels; None if the browser makes none in time, which costs nothing."""
    try:
        async with asyncio.timeout(limits.answers):
            size = (await devtools.ask("Page.getLayoutMetrics", session))["cssContentSize"]
            made = await devtools.ask(
                "Page.captureScreenshot",
                session,
                format="jpeg",
                quality=60,
                captureBeyondViewport=True,
                clip={
                    "x": 0,
                    "y": 0,
                    "width": WIDTH,
                    "height": min(max(float(size["height"]), HEIGHT), _TALLEST),
                    "scale": 1,
                },
            )
    except (TimeoutError, CommandFailed):
        return None
    return base64.b64decode(made["data"])
