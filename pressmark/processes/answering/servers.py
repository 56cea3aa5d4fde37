"""All that answers HTTP for a service: two servers in its own process, and the processes beside it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping

from pressmark.http.stage.frames import Frames
from pressmark.http.stage.stage import open_stage, stage_key
from pressmark.processes.answering.figures import write_figures
from pressmark.processes.answering.health import OTHERS, service_health
from pressmark.processes.answering.messages import Greeting, Problems
from pressmark.processes.answering.parent import AnsweringProcesses, processes_of
from pressmark.processes.app import create_app
from pressmark.processes.http_connections import limits_of, within_files
from pressmark.processes.http_server import Server, configured
from pressmark.replay.app import create_replay
from pressmark.service.health import Check
from pressmark.service.service import Service

_STOPS_WITHIN = 5.0


class HttpServers:
    def __init__(
        self,
        service: Service,
        listener: socket.socket,
        replaying: socket.socket,
        checks: Mapping[str, Check],
        handed: int,
    ) -> None:
        """Set up. Pages and API answer at `listener`, and replay at `replaying`. `checks` are those of the health.

        `handed` is the descriptor of the settings for the other processes.
        """

        def problems() -> Problems:
            return {part: check() for part, check in known.items()}

        self._service, self._sockets = service, (listener, replaying)
        key, replay_port = stage_key(service.settings), replaying.getsockname()[1]
        greeting = Greeting(key, replay_port, {})
        self._others = AnsweringProcesses(service.settings, listener, greeting, problems, handed)
        known = {**checks, OTHERS: self._others.problem}
        stage = open_stage(service, greeting.replay_port, greeting.key, Frames(noted=self._others.note_shown))
        app = create_app(service, service_health(service, known), stage)
        share = limits_of(service.settings, processes_of(service.settings))
        self._servers = (
            Server(configured(app, within_files(share))),
            Server(configured(create_replay(service, stage), within_files(limits_of(service.settings)))),
        )

    async def run(self) -> None:
        """Keep the other processes running, and write what this one counts."""
        await asyncio.gather(self._others.run(), write_figures(self._service))

    async def serve(self) -> None:
        """Answer until `end`, from a copy of each socket: a server closes its own.

        Connections made meanwhile wait for the next server.
        """
        copies = (one.dup() for one in self._sockets)
        await asyncio.gather(
            *(server.serve(sockets=[copy]) for server, copy in zip(self._servers, copies, strict=True))
        )

    def end(self, number: int) -> None:
        """End all: open responses get some seconds."""
        self._others.end()
        for server in self._servers:
            server.handle_exit(number, None)

    async def stop(self) -> None:
        """Wait for the end of the other processes, and kill those that do not end."""
        await self._others.stop(_STOPS_WITHIN)
