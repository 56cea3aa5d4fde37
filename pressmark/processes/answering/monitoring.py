"""What answers HTTP for a service without pages and API: health checks and figures for monitoring."""

from __future__ import annotations

import socket
from collections.abc import Mapping

from pressmark.processes.answering.figures import write_figures
from pressmark.processes.answering.health import OTHERS, service_health
from pressmark.processes.app import create_monitoring
from pressmark.processes.http_connections import limits_of, within_files
from pressmark.processes.http_server import Server, configured
from pressmark.service.health import Check
from pressmark.service.service import Service


class MonitoringServer:
    """Used like `HttpServers`; there are no further processes, and there is no replay."""

    def __init__(self, service: Service, listener: socket.socket, checks: Mapping[str, Check]) -> None:
        self._service, self._listener = service, listener
        app = create_monitoring(service, service_health(service, {**checks, OTHERS: lambda: None}))
        self._server = Server(configured(app, within_files(limits_of(service.settings))))

    async def run(self) -> None:
        """Write what this process counts."""
        await write_figures(self._service)

    async def serve(self) -> None:
        """Answer until `end`, from a copy of the socket: a server closes its own."""
        await self._server.serve(sockets=[self._listener.dup()])

    def end(self, number: int) -> None:
        self._server.handle_exit(number, None)

    async def stop(self) -> None:
        """Return at once: nothing else answers."""
