"""A browser with a window, in which a person logs in to a site.

Its cookies and `localStorage` are taken, and its profile is deleted.

It is the person's own browser: it connects to the network itself, and nothing that it fetches is archived.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import shutil
import signal
import sys
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any, NamedTuple

from crawler.browser.chromium import KEPT_ENVIRONMENT, BrowserMissing, missing_browser
from crawler.browser.devtools import BrowserGone, CommandFailed, Devtools
from crawler.policy.session_cookies import SessionCookie, Storage

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
_SHOWS = "[document.body?.innerText, document.documentElement?.outerHTML].some(one => one?.includes(TEXT))"
_STORED = "[location.origin, Object.fromEntries(Object.entries(localStorage))]"
_PREFIX = "pressmark-login-"
_ENDING = (signal.SIGTERM, signal.SIGHUP)
_LOOK = 1.0
_LAST_LOOK = 20.0
"""Seconds that a page has to say what it shows, once the person is done."""
_START_SECONDS = 60.0
_LEAST_FREE = 10
"""Descriptors of pipes are moved above the two that Chromium expects."""


class LoginByHand(NamedTuple):
    """What a person left in the browser."""

    cookies: list[SessionCookie]
    storage: Storage
    """Of the pages that were open at any time."""
    confirmed: bool
    """Whether a page showed the text that only people who are logged in see."""


async def login_by_hand(program: str, url: str, done: Awaitable[object], check: str | None = None) -> LoginByHand:
    """Open a window at a URL, and return its cookies and storage once `done` is, or the window is closed.

    `check` is the text that confirms the login; None confirms every one. SIGTERM and SIGHUP, which a closed terminal
    sends, end it as SIGINT does. Raises BrowserMissing, KeyboardInterrupt.
    """
    if (found := shutil.which(program)) is None:
        raise missing_browser(program)
    with _profile() as directory, _ended_by_signals():
        devtools = Devtools(lambda event: None)
        process = await _spawn(found, directory, url, devtools)
        try:
            async with asyncio.timeout(_START_SECONDS):
                await devtools.ask("Browser.getVersion")
            return await _login(devtools, done, check)
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


@contextmanager
def _profile() -> Iterator[str]:
    """Make a directory for a profile, and delete it. Those of processes that were killed are deleted, too."""
    for former in Path(gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError), _locked(former):
            shutil.rmtree(former, ignore_errors=True)
    with TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True) as directory, _locked(Path(directory)):
        yield directory


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """Hold the lock of a directory of this user, which ends with the process. Raises OSError."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if os.fstat(descriptor).st_uid != os.geteuid():
            raise PermissionError(f"{directory} is of another user")
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Cancel the task at the first signal that would end the process at once. Raises KeyboardInterrupt then."""
    loop, task, heard = asyncio.get_running_loop(), asyncio.current_task(), list[int]()

    def hear(number: int) -> None:
        if not heard and task is not None:
            task.cancel()
        heard.append(number)

    for number in _ENDING:
        loop.add_signal_handler(number, hear, number)
    try:
        yield
    except asyncio.CancelledError:
        if heard:
            raise KeyboardInterrupt from None
        raise
    finally:
        for number in _ENDING:
            loop.remove_signal_handler(number)


async def _login(devtools: Devtools, done: Awaitable[object], check: str | None) -> LoginByHand:
    """Return the last state of a browser: it has none left to ask for once its window is closed."""
    ends = {asyncio.ensure_future(done), asyncio.ensure_future(devtools.gone.wait())}
    cookies: list[SessionCookie] = []
    storage: dict[str, dict[str, str]] = {}
    confirmed = check is None
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
                    storage |= await _stored(devtools, sessions, page)
                    confirmed = confirmed or await _shows(
                        devtools, sessions, page, check or "", _LAST_LOOK if over else _LOOK
                    )
            if over or not pages:
                return LoginByHand(cookies, {origin: items for origin, items in storage.items() if items}, confirmed)
    finally:
        for end in ends:
            end.cancel()


async def _pages(devtools: Devtools) -> list[str]:
    """Return the targets of its open pages: some systems keep a browser without windows."""
    targets = (await devtools.ask("Target.getTargets"))["targetInfos"]
    return [target["targetId"] for target in targets if target["type"] == "page"]


async def _shows(devtools: Devtools, sessions: dict[str, str], page: str, check: str, seconds: float) -> bool:
    """Return whether a page shows a text; False if it does not say so in time."""
    return await _value(devtools, sessions, page, _SHOWS.replace("TEXT", json.dumps(check)), seconds) is True


async def _stored(devtools: Devtools, sessions: dict[str, str], page: str) -> dict[str, dict[str, str]]:
    """Return the storage of a page's origin; nothing if it has none, or does not say so in time."""
    value = await _value(devtools, sessions, page, _STORED, _LOOK)
    return {str(value[0]): {str(name): str(kept) for name, kept in value[1].items()}} if value else {}


async def _value(devtools: Devtools, sessions: dict[str, str], page: str, script: str, seconds: float) -> Any:
    """Return the value of a script in a page; None if the page does not answer in time."""
    try:
        async with asyncio.timeout(seconds):
            if page not in sessions:
                attached = await devtools.ask("Target.attachToTarget", targetId=page, flatten=True)
                sessions[page] = attached["sessionId"]
            found = await devtools.ask("Runtime.evaluate", sessions[page], expression=script, returnByValue=True)
    except (CommandFailed, TimeoutError):
        return None
    return found["result"].get("value")


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
