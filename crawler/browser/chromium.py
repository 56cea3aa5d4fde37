"""One Chromium: the leader of a process group of its own, with a fresh profile, and without a network."""

from __future__ import annotations

import asyncio
import os
import resource
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from archive.values.core_affinity import begun_on_all_cores
from crawler.browser.devtools import Devtools, Message

KEPT_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TZ", "FONTCONFIG_PATH", "FONTCONFIG_FILE")
_FLAGS = (
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-breakpad",
    "--disable-client-side-phishing-detection",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-features=IsolateOrigins,site-per-process,Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--hide-scrollbars",
    "--mute-audio",
    "--no-pings",
    "--password-store=basic",
    # Each request is fetched by the worker. What should escape that has nowhere to go, beside the missing network.
    "--proxy-server=127.0.0.1:1",
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
_START_SECONDS = 60.0
_END_SECONDS = 10.0
_MOST_SAID = 2_000


class BrowserMissing(Exception):
    """There is no browser on this machine, or it does not start."""


def missing_browser(program: str) -> BrowserMissing:
    """Return the error of a machine without the program."""
    return BrowserMissing(
        f"the browser {program!r} is not installed on this machine; install Debian's package chromium"
    )


def _unstarted(program: str, why: str) -> BrowserMissing:
    if "permission denied" in why.lower():
        return BrowserMissing(
            f"the browser {program} can't use a file elsewhere: {why}; set browser.executable to the browser itself"
        )
    return BrowserMissing(f"the browser {program} does not start: {why}")


class Chromium:
    """A running browser. `heard` gets the events of its protocol."""

    def __init__(self, process: asyncio.subprocess.Process, directory: Path, heard: Callable[[Message], None]) -> None:
        self._process, self._directory = process, directory
        self.devtools = Devtools(heard)

    @classmethod
    async def start(cls, program: str, directory: Path, heard: Callable[[Message], None]) -> Chromium:
        """Start a browser with its profile in `directory`, which is emptied first. Raises BrowserMissing."""
        if (found := shutil.which(program)) is None:
            raise missing_browser(program)
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        read, their_write = os.pipe()
        their_read, write = os.pipe()
        try:
            process = await _spawn(found, directory, their_read, their_write)
        except BaseException as error:
            os.close(read)
            os.close(write)
            if not isinstance(error, OSError):
                raise
            raise BrowserMissing(f"the browser {found} can't be started: {error}") from error
        finally:
            os.close(their_read)
            os.close(their_write)
        started = cls(process, directory, heard)
        try:
            await started.devtools.open(read, write)
            async with asyncio.timeout(_START_SECONDS):
                await started.devtools.ask("Browser.getVersion")
        except Exception as error:
            said = started._said()
            await started.end()
            raise _unstarted(found, said or str(error)) from error
        except BaseException:  # the run was cancelled
            await started.end()
            raise
        return started

    @property
    def process(self) -> int:
        """The id of its main process, and of its process group."""
        return self._process.pid

    def taken(self, memory: int) -> tuple[bool, float]:
        """Return whether all its processes take more bytes than `memory`, what they share counted once, and their CPU
        seconds, those that have ended included.

        To count what they share, the kernel walks through all their pages: some 10 ms of CPU a process. It does only if
        the sum with what they share is above the limit.
        """
        processes = list(_group(self._process.pid))
        too_much = sum(map(_resident, processes)) > memory and sum(map(_proportional, processes)) > memory
        return too_much, sum(map(_cpu_seconds, processes))

    async def end(self) -> None:
        """Kill all its processes, wait until they are dead, and remove its profile."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self.devtools.close()
        await self._process.wait()
        with suppress(TimeoutError):
            async with asyncio.timeout(_END_SECONDS):
                while others := list(_working_in(self._directory)):
                    for process in others:
                        with suppress(ProcessLookupError, PermissionError):
                            os.kill(process, signal.SIGKILL)
                    await asyncio.sleep(0.01)
        shutil.rmtree(self._directory, ignore_errors=True)

    def _said(self) -> str:
        with suppress(OSError):
            said = (self._directory / "said").read_text("utf-8", "replace")[-_MOST_SAID:].strip()
            if "No usable sandbox" in said:
                return "its sandbox needs user namespaces, which this computer or container forbids"
            return said.splitlines()[-1] if said else ""
        return ""


async def close_page(devtools: Devtools) -> None:
    """Close what is left of a page that was drawn."""
    for target in (await devtools.ask("Target.getTargets"))["targetInfos"]:
        if target["type"] == "page":
            devtools.tell("Target.closeTarget", targetId=target["targetId"])
    for context in (await devtools.ask("Target.getBrowserContexts"))["browserContextIds"]:
        devtools.tell("Target.disposeBrowserContext", browserContextId=context)


async def _spawn(program: str, directory: Path, read: int, write: int) -> asyncio.subprocess.Process:
    environment = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
    own = {name: str(directory) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")}
    own["TMPDIR"] = "."  # Chromium makes a socket there, whose path may have 107 bytes (unix(7))
    flags = [*_FLAGS, f"--user-data-dir={directory / 'profile'}"]
    if os.geteuid() == 0:
        flags.append("--no-sandbox")  # Chromium refuses to be root with its sandbox
    with (directory / "said").open("wb") as said:
        return await begun_on_all_cores(asyncio.create_subprocess_exec(
            sys.executable, "-P", "-B", "-m", "crawler.browser.launch", str(read), str(write), program, *flags,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env=environment | own | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            pass_fds=(read, write),
            start_new_session=True,
            cwd=directory,
        ))  # fmt: skip


def _group(leader: int) -> Iterator[int]:
    """Yield the processes of a group."""
    for process in _processes():
        with suppress(ProcessLookupError):
            if os.getpgid(process) == leader:
                yield process


def _working_in(directory: Path) -> Iterator[int]:
    """Yield the processes whose working directory it is. Those that report crashes have left the group."""
    for process in _processes():
        with suppress(OSError):
            if Path(f"/proc/{process}/cwd").samefile(directory):
                yield process


def _processes() -> Iterator[int]:
    """Yield all processes of the machine (proc(5))."""
    return (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())


def _cpu_seconds(process: int) -> float:
    """Return the CPU time of a process, and of its children that have ended (proc(5), stat: utime to cstime)."""
    with suppress(OSError):
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def _resident(process: int) -> int:
    """Return the resident set size of a process in bytes (proc(5), statm)."""
    with suppress(OSError):
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * resource.getpagesize()
    return 0


def _proportional(process: int) -> int:
    """Return the proportional set size of a process in bytes (proc(5), smaps_rollup)."""
    with suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) << 10
    return 0
