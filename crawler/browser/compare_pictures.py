"""Compare two pictures in the browser, which decodes them anyway."""

from __future__ import annotations

import base64
import json

from crawler.browser.behaviours import script
from crawler.browser.devtools import Devtools


class PictureUnreadable(ValueError):
    """The browser can't decode a picture."""


async def picture_distance(devtools: Devtools, first: bytes, second: bytes) -> float:
    """Return how much two pictures differ, from 0.0 (equal) to 1.0 (black and white).

    Each is scaled to a width of 128 pixels; the mean difference of the brightness of their pixels counts. What only one
    of them has, for it is longer, is compared with white. Raises PictureUnreadable, CommandFailed, BrowserGone.
    """
    ask = devtools.ask
    context = (await ask("Target.createBrowserContext", disposeOnDetach=True))["browserContextId"]
    target = (await ask("Target.createTarget", url="about:blank", browserContextId=context))["targetId"]
    try:
        session = (await ask("Target.attachToTarget", targetId=target, flatten=True))["sessionId"]
        given = json.dumps([base64.b64encode(one).decode() for one in (first, second)])
        found = await ask(
            "Runtime.evaluate",
            session,
            expression=f"({script('compare')})({given})",
            returnByValue=True,
            awaitPromise=True,
        )
    finally:
        devtools.tell("Target.closeTarget", targetId=target)
        devtools.tell("Target.disposeBrowserContext", browserContextId=context)
    if "exceptionDetails" in found:
        raise PictureUnreadable("the browser can't decode one of two pictures")
    return float(found["result"]["value"])
