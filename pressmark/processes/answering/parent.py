"""The processes that answer beside the service: started, told, started again, and stopped."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from config.settings import Settings
from pressmark.http.stage.frames import FramePages
from pressmark.processes.answering.messages import Changed, Greeting, Problems, Shown, line_of
from pressmark.processes.supervisor import Child
from pressmark.processes.watchdog import ANSWERING
from pressmark.service.core_count import number_of
from pressmark.service.states import condition

_LOOK_EVERY = 0.5
"""Seconds between two looks at what does not work."""


def processes_of(settings: Settings) -> int:
    """Return how many processes answer HTTP, the service among them."""
    return number_of(settings.http.processes)


class AnsweringProcesses:
    """All but the service itself: none unless the setting names more than one."""

    def __init__(
        self,
        settings: Settings,
        listener: socket.socket,
        greeting: Greeting,
        problems: Callable[[], Problems],
        handed: int,
    ) -> None:
        """Set up. `greeting` is sent with the `problems` of the moment at which a process starts.

        `handed` is the descriptor of the settings (`pressmark.service.handed_settings`).
        """
        self._settings, self._listener, self._handed = settings, listener, handed
        self._greeting, self._problems = greeting, problems
        self._loop = asyncio.get_running_loop()
        self._told: dict[int, Problems] = {}
        """The problems that each has last been sent, by its number."""
        self._children = [self._child(number) for number in range(processes_of(settings) - 1)]

    def problem(self) -> str | None:
        """Return which of them are missing after a failure, and why, as a sentence; None when none is."""
        failures = [child.failed for child in self._children if child.failed]
        if not failures:
            return None
        everyone = len(self._children) + 1
        return condition("answering-incomplete", missing=len(failures), all=everyone, why=failures[0]).sentence

    async def run(self) -> None:
        """Keep them running until `stop`, and tell them what changes."""
        await asyncio.gather(*(child.run() for child in self._children), self._tell_problems())

    def note_shown(self, frame: str, pages: FramePages) -> None:
        """Tell them what the replay server gave a frame, before its answer is sent. Any thread may call."""
        if self._children:
            self._loop.call_soon_threadsafe(self._tell_shown, Shown(frame, *pages))

    def end(self) -> None:
        """Ask them to end; `stop` waits for them."""
        for child in self._children:
            child.end()

    async def stop(self, timeout: float) -> None:
        """End them, by a kill after that many seconds. One that is still starting answers nothing: it ends at once."""
        await asyncio.gather(*(child.stop(0 if child.problem else timeout) for child in self._children))

    def _child(self, number: int) -> Child:
        return Child(
            self._command,
            what="a process that answers web requests",
            watched_as=ANSWERING,
            files=(self._listener.fileno(), self._handed),
            greeting=partial(self._greet, number),
            stalled_after=self._settings.worker.stalled_after.total_seconds(),
        )

    def _command(self, ready: int) -> list[str]:
        here = self._settings
        files = {"listen": self._listener.fileno(), "settings": self._handed, "ready": ready}
        own = [part for name, number in files.items() for part in (f"--{name}-fd", str(number))]
        return [sys.executable, "-P", "-m", "pressmark", "--home", str(here.home), "answer", *own]

    def _greet(self, number: int) -> bytes:
        self._told[number] = problems = self._problems()
        return line_of(replace(self._greeting, problems=problems, number=number + 1))

    def _tell_shown(self, shown: Shown) -> None:
        for child in self._children:
            child.write(line_of(shown))

    async def _tell_problems(self) -> None:
        """Send each what changed; one that does not read now gets it at a later look."""
        while self._children:
            found = self._problems()
            for number, child in enumerate(self._children):
                if self._told.get(number) != found and child.write(line_of(Changed(found))):
                    self._told[number] = found
            await asyncio.sleep(_LOOK_EVERY)
