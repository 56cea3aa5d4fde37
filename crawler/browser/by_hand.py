"""A browser with a window, in which a person logs in to a site: its cookies and storage are taken, its profile deleted.

It is the person's own browser: it connects to the network itself, and nothing that it fetches is archived.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import sys
from collections.abc import Awaitable
from contextlib import suppress
from tempfile import TemporaryDirectory

from crawler.browser.chromium import KEPT_ENVIRONMENT, BrowserMissing, missing_browser
from crawler.browser.devtools import BrowserGone, CommandFailed, Devtools
from crawler.policy.session_cookies import SessionCookie, as_state

_FLAGS = (
    "--remote-debugging-pipe",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-sync",
    "--disable-background-networking",
    "--password-store=basic",
)
_OF_WINDOWS = ("DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS", "HOME")
_BECOME = "import os, sys; os.dup2({read}, 3); os.dup2({write}, 4); os.execv(sys.argv[1], sys.argv[1:])"
"""Chromium expects its pipes as descriptors 3 and 4."""
_KEPT = "[location.origin, Object.fromEntries(Object.entries(localStorage))]"
_LOOK = 1.0
_START_SECONDS = 60.0
_LEAST_FREE = 10
"""Descriptors of pipes are moved above the two that Chromium expects."""


async def login_by_hand(program: str, url: str, done: Awaitable[object]) -> str:
    """Open a window at a URL, and return its storage state once `done` is, or the window is closed.

    Raises BrowserMissing.
    """
    if (found := shutil.which(program)) is None:
        raise missing_browser(program)
    with TemporaryDirectory(prefix="pressmark-login-", ignore_cleanup_errors=True) as directory:
        devtools = Devtools(lambda event: None)
        process = await _spawn(found, directory, url, devtools)
        try:
            async with asyncio.timeout(_START_SECONDS):
                await devtools.ask("Browser.getVersion")
            return await _state(devtools, done)
        except (BrowserGone, CommandFailed, TimeoutError) as error:
            raise BrowserMissing(f"the browser {found} does not start: {error}") from error
        finally:
            with suppress(BrowserGone, CommandFailed, TimeoutError):
                async with asyncio.timeout(_LOOK):
                    await devtools.ask("Browser.close")
            devtools.close()
            with suppress(ProcessLookupError):
                process.terminate()
            await process.wait()


async def _state(devtools: Devtools, done: Awaitable[object]) -> str:
    """Return the last state of a browser: it has none left to ask for once its window is closed."""
    ends = {asyncio.ensure_future(done), asyncio.ensure_future(devtools.gone.wait())}
    cookies: list[SessionCookie] = []
    storage: dict[str, dict[str, str]] = {}
    sessions: dict[str, str] = {}
    """The sessions of its pages, by their targets."""
    try:
        while True:
            over, _ = await asyncio.wait(ends, timeout=_LOOK, return_when=asyncio.FIRST_COMPLETED)
            pages: list[str] = []
            with suppress(BrowserGone, CommandFailed):
                cookies = [_cookie(one) for one in (await devtools.ask("Storage.getCookies"))["cookies"]]
            with suppress(BrowserGone, CommandFailed):
                pages = await _pages(devtools)
                for page in pages:
                    storage.update(await _storage(devtools, sessions, page))
            if over or not pages:
                return as_state(cookies, {origin: kept for origin, kept in storage.items() if kept})
    finally:
        for end in ends:
            end.cancel()


async def _pages(devtools: Devtools) -> list[str]:
    """Return the targets of its open pages: some systems keep a browser without windows."""
    targets = (await devtools.ask("Target.getTargets"))["targetInfos"]
    return [target["targetId"] for target in targets if target["type"] == "page"]


async def _storage(devtools: Devtools, sessions: dict[str, str], page: str) -> dict[str, dict[str, str]]:
    """Return what the origin of a page keeps; nothing if the page does not say it in time."""
    try:
        async with asyncio.timeout(_LOOK):
            if page not in sessions:
                attached = await devtools.ask("Target.attachToTarget", targetId=page, flatten=True)
                sessions[page] = attached["sessionId"]
            found = await devtools.ask("Runtime.evaluate", sessions[page], expression=_KEPT, returnByValue=True)
    except (CommandFailed, TimeoutError):
        return {}
    value = found["result"].get("value")
    return {str(value[0]): {str(name): str(kept) for name, kept in value[1].items()}} if value else {}


def _cookie(one: dict[str, object]) -> SessionCookie:
    domain, secure = str(one["domain"]).lower(), bool(one.get("secure"))
    return SessionCookie(str(one["name"]), str(one["value"]), domain, str(one.get("path") or "/"), secure)


async def _spawn(program: str, directory: str, url: str, devtools: Devtools) -> asyncio.subprocess.Process:
    flags = [*_FLAGS, f"--user-data-dir={directory}"]
    if os.geteuid() == 0:
        flags.append("--no-sandbox")  # Chromium refuses to be root with its sandbox
    pipes = [*os.pipe(), *os.pipe()]
    for place, pipe in enumerate(pipes):
        pipes[place] = _above(pipe)
    read, their_write, their_read, write = pipes
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-c", _BECOME.format(read=their_read, write=their_write), program, *flags, url,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            pass_fds=(their_read, their_write),
            cwd=directory,
            env=_environment(),
        )  # fmt: skip
    except BaseException:
        os.close(read)
        os.close(write)
        raise
    finally:
        os.close(their_read)
        os.close(their_write)
    await devtools.open(read, write)
    return process


def _environment() -> dict[str, str]:
    """Return what a window needs of the environment: the settings and secrets of the service are not for it."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in KEPT_ENVIRONMENT or name in _OF_WINDOWS or name.startswith(("XDG_", "LC_"))
    }
    return kept | {"TMPDIR": "."}  # Chromium makes a socket there, whose path may have 107 bytes (unix(7))


def _above(pipe: int) -> int:
    """Return a descriptor that is neither 3 nor 4."""
    moved = fcntl.fcntl(pipe, fcntl.F_DUPFD_CLOEXEC, _LEAST_FREE)
    os.close(pipe)
    return moved
