"""A process that answers HTTP beside the service that started it, on the socket of that service."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
from collections.abc import Callable
from functools import partial

import uvloop

from archive.database.engine import Database
from archive.values.parent_death import die_with_parent
from config.settings import Settings
from extractor.values.collector import seldom
from pressmark.http.stage.frames import FramePages, Frames
from pressmark.http.stage.stage import open_stage
from pressmark.processes.answering.figures import write_figures
from pressmark.processes.answering.health import service_health
from pressmark.processes.answering.messages import Changed, Greeting, Input, Message, Problems, Shown
from pressmark.processes.answering.parent import processes_of
from pressmark.processes.app import create_app
from pressmark.processes.cores import answering_core
from pressmark.processes.essential import ended, essential
from pressmark.processes.heartbeats import Heartbeats, beating
from pressmark.processes.http_connections import limits_of, within_files
from pressmark.processes.http_server import Server, configured
from pressmark.processes.stop_signals import Stop
from pressmark.service.assembly import open_pressmark
from pressmark.service.exits import Exit
from pressmark.service.private_files import private_files
from pressmark.service.service import Service

log = logging.getLogger(__name__)

_LOOK_EVERY = 1.0


def answer(settings: Settings, stop: Stop, listener: int, ready: int) -> Exit:
    """Answer what arrives at the socket `listener` until a stop is requested, or until our input ends."""
    die_with_parent()
    messages = Input(sys.stdin.fileno())
    first: list[Message] = []
    while not first and not messages.ended:
        first.extend(messages.read())
    match first:
        case [Greeting() as greeting, *further]:
            return _answer(settings, stop, listener, ready, (messages, greeting, further))
        case _:
            return Exit.OK  # the service ended meanwhile


def _answer(
    settings: Settings, stop: Stop, listener: int, ready: int, told: tuple[Input, Greeting, list[Message]]
) -> Exit:
    messages, greeting, further = told
    with (
        private_files(),
        answering_core(greeting.number, wanted=settings.http.one_core),
        socket.socket(fileno=listener) as listening,
        beating(ready, settings.worker.stalled_after.total_seconds()) as beats,
        open_pressmark(settings, patience=None) as service,
        seldom(),
    ):
        return uvloop.run(_Answering(service, greeting, further).run(stop, messages, listening, beats))


class _Answering:
    def __init__(self, service: Service, greeting: Greeting, further: list[Message]) -> None:
        self._service, self._frames = service, Frames()
        self._problems: Problems = greeting.problems
        stage = open_stage(service, greeting.replay_port, greeting.key, self._frames)
        checks = {part: partial(self._problem, part) for part in greeting.problems}
        app = create_app(service, service_health(service, checks), stage)
        limits = within_files(limits_of(service.settings, processes_of(service.settings)))
        self._server = Server(configured(app, limits))
        self._hear(further)

    async def run(self, stop: Stop, messages: Input, listening: socket.socket, beats: Heartbeats) -> Exit:
        broke = partial(self._server.handle_exit, signal.SIGTERM, None)
        stop.then(lambda number: self._server.handle_exit(number, None))
        self._follow(messages, broke)
        after = self._service.settings.worker.stalled_after.total_seconds()
        alive = essential(beats.run(after, (), dict), broke)
        watching = essential(_watch(self._service.database, broke), broke)
        counting = essential(write_figures(self._service), broke)
        try:
            await self._server.serve(sockets=[listening])
        finally:
            replaced = watching.done()
            await ended(alive, watching, counting)
        return Exit.TEMPORARY if replaced else Exit.OK

    def _problem(self, part: str) -> str | None:
        return self._problems.get(part)

    def _hear(self, told: list[Message]) -> None:
        for message in told:
            match message:
                case Changed(problems):
                    self._problems = problems
                case Shown(frame, first, last):
                    self._frames.keep(frame, FramePages(first, last))

    def _follow(self, messages: Input, end: Callable[[], object]) -> None:
        loop = asyncio.get_running_loop()

        def hear() -> None:
            self._hear(list(messages.read()))
            if messages.ended:
                loop.remove_reader(sys.stdin.fileno())
                end()

        loop.add_reader(sys.stdin.fileno(), hear)


async def _watch(database: Database, end: Callable[[], object]) -> None:
    """Return, and end this process, once the database must be reopened."""
    while (trouble := await asyncio.to_thread(database.trouble)) is None:
        await asyncio.sleep(_LOOK_EVERY)
    log.error("a process that answers web requests starts again with another database", extra={"reason": trouble})
    end()
