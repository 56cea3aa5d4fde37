"""`pressmark serve`: clock, API and pages in this process, the worker in a child of it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from ipaddress import ip_address
from typing import TYPE_CHECKING

from config.errors import ConfigError, Problem
from config.settings import Settings
from pressmark.child import Child
from pressmark.health import Health, out_of_reach

if TYPE_CHECKING:
    import uvicorn
    from starlette.types import ASGIApp

    from pressmark.service import Service
    from pressmark.stopping import Stop
    from scheduler.clock import Clock

log = logging.getLogger(__name__)

_WORKER_STOPS_WITHIN = 25.0
_ANSWERS_END_WITHIN = 3


class OpenToAll(ConfigError):
    def __init__(self, host: str) -> None:
        hint = "set PRESSMARK_TOKEN, such as to the output of openssl rand -hex 32"
        super().__init__(
            Problem(f"without a token, the service listens on loopback only, not on {host}", "host", None, hint)
        )


def serve(settings: Settings, stop: Stop, *, listening: Callable[[str], None] = lambda url: None) -> None:
    """Serve until `stop` is asked for. `listening` hears the URL. Raises OpenToAll, OSError for an address in use."""
    import uvloop

    from pressmark.assembly import open_pressmark

    if settings.token is None and not is_loopback(settings.host):
        raise OpenToAll(settings.host)
    with (
        bound(settings.host, settings.port) as listener,
        bound(settings.host, settings.replay_port) as replaying,
        open_pressmark(settings) as service,
    ):
        uvloop.run(_serve(service, stop, listener, replaying, listening))


async def _serve(
    service: Service,
    stop: Stop,
    listener: socket.socket,
    replaying: socket.socket,
    listening: Callable[[str], None],
) -> None:
    from pressmark.api.app import create_app
    from pressmark.assembly import open_clock, open_stage
    from pressmark.notify.delivery import Delivery
    from pressmark.replay.app import create_replay
    from pressmark.webhooks.dispatch import Dispatch

    def worker(ready: int) -> list[str]:
        home = str(service.settings.home)
        return [sys.executable, "-m", "pressmark", "--home", home, "work", "--ready-fd", str(ready)]

    child = Child(worker)
    clock = open_clock(service)
    stage = open_stage(service, replaying.getsockname()[1])
    server = _server(create_app(service, _health(service, clock, child), stage))
    beside = _server(create_replay(service, stage))
    stop.then(partial(_end, (server, beside)))
    working = asyncio.create_task(child.run())
    delivery = Delivery(service)
    telling = asyncio.create_task(delivery.run())
    hooking = asyncio.create_task(Dispatch(service).run())
    await clock.start()
    url = url_of(listener)
    log.info("the service listens", extra={"url": url})
    listening(url)
    try:
        await asyncio.gather(server.serve(sockets=[listener]), beside.serve(sockets=[replaying]))
    finally:
        telling.cancel()
        hooking.cancel()
        await clock.stop()
        code = await child.stop(_WORKER_STOPS_WITHIN)
        await working
        delivery.log()  # a run that ended with the service may have turned its source
        log.info("the service ends", extra={"worker": code})


def _end(servers: Sequence[uvicorn.Server], number: int) -> None:
    for server in servers:
        server.handle_exit(number, None)


def _server(app: ASGIApp) -> uvicorn.Server:
    import uvicorn

    class Server(uvicorn.Server):
        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            """Signals are ours: more than the server has to be stopped."""
            yield

    options = {"log_config": None, "access_log": False, "lifespan": "off", "server_header": False}
    return Server(
        uvicorn.Config(
            app,
            timeout_graceful_shutdown=_ANSWERS_END_WITHIN,
            proxy_headers=False,
            **options,  # type: ignore[arg-type]
        )
    )


def _health(service: Service, clock: Clock, child: Child) -> Health:
    def database() -> None:
        service.events.latest()

    return Health(
        {"database": database, "clock": lambda: clock.problem, "worker": lambda: child.problem},
        {"captures": lambda: out_of_reach(service)},
    )


@contextlib.contextmanager
def bound(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens there; port 0 takes any free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            error.filename = f"{host}:{port}"
            raise
        listener.listen(128)
        yield listener


def url_of(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}"


def is_loopback(host: str) -> bool:
    """Whether nobody but this machine reaches what listens there."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
