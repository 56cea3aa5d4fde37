"""Open a page in a context of its own, and have the browser report what happens in it."""

from __future__ import annotations

import json

from crawler.browser.behaviours import script
from crawler.browser.devtools import Devtools
from crawler.browser.screenshot import HEIGHT, WIDTH
from crawler.policy.session_cookies import Storage


async def open_page(devtools: Devtools, storage: Storage) -> tuple[str, str]:
    """Open an empty page; return its target, which is its main frame, too, and a session with it.

    Its frames find `storage` in their `localStorage`, each that of its own origin.

    Raises CommandFailed, BrowserGone.
    """
    ask = devtools.ask
    await ask("Fetch.enable", patterns=[{"urlPattern": "*"}])
    await ask("Target.setDiscoverTargets", discover=True)
    context = (await ask("Target.createBrowserContext", disposeOnDetach=True))["browserContextId"]
    await ask("Browser.setDownloadBehavior", behavior="deny", browserContextId=context, eventsEnabled=True)
    created = await ask("Target.createTarget", url="about:blank", browserContextId=context, width=WIDTH, height=HEIGHT)
    target: str = created["targetId"]
    session: str = (await ask("Target.attachToTarget", targetId=target, flatten=True))["sessionId"]
    for domain in ("Page", "Inspector", "Runtime"):
        await ask(f"{domain}.enable", session)
    await ask("Network.enable", session, maxTotalBufferSize=1 << 20, maxResourceBufferSize=1 << 16)
    await ask("Network.setBypassServiceWorker", session, bypass=True)
    await ask("Page.addScriptToEvaluateOnNewDocument", session, source=script("open_roots"))
    for origin, items in storage.items():
        ours = f"({script('storage')})({json.dumps(origin)}, {json.dumps(items)})"
        await ask("Page.addScriptToEvaluateOnNewDocument", session, source=ours)
    return target, session
