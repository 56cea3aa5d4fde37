"""Whether this machine has a browser that starts."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from crawler.browser.chromium import BrowserMissing, Chromium, missing_browser

_REMEMBERED = 300.0
"""Seconds after which a browser that did not start is started again."""
_known: dict[tuple[str, int], tuple[float, str | None]] = {}
"""When each version of a program was started, and why that failed."""


def browser_problem(program: str) -> str | None:
    """Return why pages can't be drawn with this program, as a sentence; None if they can.

    A browser that is there is started, once for each version of its file: call this in a thread without an event loop.
    """
    found = shutil.which(program)
    if found is None:
        return str(missing_browser(program))
    try:
        changed = Path(found).stat().st_mtime_ns
    except OSError as error:
        return f"the browser {found} can't be started: {error.strerror}"
    return _problem(found, changed)


def _problem(program: str, changed: int) -> str | None:
    started, why = _known.get((program, changed), (0.0, ""))
    if why is None or (monotonic() - started < _REMEMBERED and why):
        return why
    why = asyncio.run(_start(program))
    _known[program, changed] = monotonic(), why
    return why


async def _start(program: str) -> str | None:
    with TemporaryDirectory(prefix="pressmark-") as directory:
        try:
            chromium = await Chromium.start(program, Path(directory) / "probe.browser", lambda event: None)
        except BrowserMissing as error:
            return str(error)
        await chromium.end()
        return None
