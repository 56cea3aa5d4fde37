"""Services that are killed and started again, each with a home and a clock of its own, on one database."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from journeys.household import QUICK, Household, Served
from services.waiting import eventually

FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


def wrong_clock(seconds: int) -> dict[str, str]:
    """Return the environment of a process whose time of day is wrong by so much. Its monotonic clock is right."""
    if not seconds:
        return {}
    return {"LD_PRELOAD": str(FAKETIME), "FAKETIME": f"{seconds:+d}s", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


@dataclass(slots=True)
class Machine:
    """A machine with one service."""

    household: Household
    roles: str
    log: Path
    prefix: Sequence[str] = ()
    """The beginning of the command: for example, one that runs it in another network."""
    port: int = 0
    process: subprocess.Popen[str] | None = None
    kills: int = 0

    def start(self) -> None:
        with self.log.open("a") as output:
            self.process = subprocess.Popen(
                [*self.prefix, *self.household.command("serve", "--port", str(self.port), "--role", self.roles)],
                env=self.household.env(),
                cwd=self.household.home.parent,
                stdout=output,
                stderr=output,
                text=True,
                start_new_session=True,
            )

    def served(self, within: float) -> Served:
        """Return its pages and API, once it answers."""
        assert self.process is not None
        mark = "Pressmark is at "

        def address() -> str:
            return self.log.read_text().rpartition(mark)[2].partition("\n")[0]

        eventually(lambda: mark in self.log.read_text(), within=within)
        return Served(self.process, address(), self.log)

    def kill(self) -> None:
        """Kill the service and all its processes, as a power cut does."""
        self._signal(signal.SIGKILL)
        if self.process is not None:
            self.process.wait(60)
        self.kills += 1

    def pause(self) -> None:
        self._signal(signal.SIGSTOP)

    def wake(self) -> None:
        self._signal(signal.SIGCONT)

    def stop(self) -> int:
        """Stop the service in order; return its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(120)

    def _signal(self, number: signal.Signals) -> None:
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)


@dataclass(slots=True)
class Machines:
    """The machines of a test, by name."""

    directory: Path
    shared: Mapping[str, str]
    """Settings of all."""
    all: dict[str, Machine] = field(default_factory=dict)

    def add(
        self,
        name: str,
        roles: str,
        *,
        clock: int = 0,
        settings: Mapping[str, str] | None = None,
        prefix: Sequence[str] = (),
        port: int = 0,
    ) -> Machine:
        """Start a machine whose clock is wrong by so many seconds."""
        place = self.directory / name
        place.mkdir()
        own = {"PRESSMARK_WORKER__NAME": name, **wrong_clock(clock), **(settings or {})}
        household = Household(place / "home", {**QUICK, **self.shared, **own})
        household.home.mkdir(0o700)
        machine = self.all[name] = Machine(household, roles, place / "log", prefix, port)
        machine.start()
        return machine

    def strike(self, names: list[str], every: float, until: float) -> Iterator[str]:
        """Kill the machines in turn and start each again at once; yield the name of each, then wait."""
        number = 0
        while time.monotonic() < until:
            name = names[number % len(names)]
            self.all[name].kill()
            self.all[name].start()
            yield name
            number += 1
            time.sleep(max(0.0, min(every, until - time.monotonic())))


@contextmanager
def machines(directory: Path, shared: Mapping[str, str]) -> Iterator[Machines]:
    """Give machines to a test; all that run are killed at its end."""
    made = Machines(directory, shared)
    try:
        yield made
    finally:
        for machine in made.all.values():
            machine.wake()
            machine.kill()
