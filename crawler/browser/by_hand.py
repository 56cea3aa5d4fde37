"""A browser with a window, in which a person logs in to a site. Its cookies are taken, and its profile is deleted.

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
from crawler.policy.session_cookies import SessionCookie

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
_LOOK = 1.0
_START_SECONDS = 60.0
_LEAST_FREE = 10
"""Descriptors of pipes are moved above the two that Chromium expects."""


async def cookies_by_hand(program: str, url: str, done: Awaitable[object]) -> list[SessionCookie]:
    """Open a window at a URL, and return its cookies once `done` is, or the window is closed.

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
            return await _cookies(devtools, done)
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


async def _cookies(devtools: Devtools, done: Awaitable[object]) -> list[SessionCookie]:
    """Return the last cookies of a browser: it has none left to ask for once its window is closed."""
    ends = {asyncio.ensure_future(done), asyncio.ensure_future(devtools.gone.wait())}
    cookies: list[SessionCookie] = []
    try:
        while True:
            over, _ = await asyncio.wait(ends, timeout=_LOOK, return_when=asyncio.FIRST_COMPLETED)
            with suppress(BrowserGone, CommandFailed):
                found = (await devtools.ask("Storage.getCookies"))["cookies"]
                cookies = [_cookie(one) for one in found]
            if over or not await _has_window(devtools):
                return cookies
    finally:
        for end in ends:
            end.cancel()


async def _has_window(devtools: Devtools) -> bool:
    """Return whether a page is open: some systems keep a browser without windows."""
    with suppress(BrowserGone, CommandFailed):
        targets = (await devtools.ask("Target.getTargets"))["targetInfos"]
        return any(target["type"] == "page" for target in targets)
    return False


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
