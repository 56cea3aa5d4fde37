"""`pressmark serve`: clock, API and pages in this process, the worker in a child process."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from archive.values.counters import Figure
from archive.values.errors import SpoolLocked
from config.settings import Settings
from pressmark.processes.essential import ended, essential
from pressmark.processes.supervisor import Child

if TYPE_CHECKING:
    from archive.database.engine import Database
    from pressmark.processes.answering.servers import HttpServers
    from pressmark.processes.stop_signals import Stop
    from pressmark.service.service import Service

log = logging.getLogger(__name__)

_WORKER_STOPS_WITHIN = 25.0
"""Seconds that the worker may take to end before it is killed."""
_LOOK_EVERY = 1.0
_LOOKS_FOR = 10.0
"""Seconds that a store may take to say whether it has decisions of people that the database does not know."""


def serve(settings: Settings, stop: Stop, *, listening: Callable[[str], None] = lambda url: None) -> None:
    """Serve until `stop` is requested. `listening` gets the URL.

    Raises UnprotectedAddress, WeakToken, OSError for an address in use.
    """
    import uvloop

    from pressmark.service.access.protection import check_protection
    from pressmark.service.assembly import open_pressmark
    from pressmark.service.handed_settings import handed
    from pressmark.service.private_files import private_files
    from pressmark.upkeep.decisions_back import try_to_bring_decisions_back

    check_protection(settings, settings.host)
    with (
        private_files(),
        bound(settings.host, settings.port) as listener,
        bound(settings.host, settings.replay_port) as replaying,
    ):
        again = True
        while again:
            with open_pressmark(settings, mending=True) as service, handed(settings) as file:
                try_to_bring_decisions_back(service, _LOOKS_FOR)  # before anything that they hide is shown
                again = uvloop.run(_serve(service, stop, (listener, replaying), file, listening))


async def _serve(
    service: Service,
    stop: Stop,
    sockets: tuple[socket.socket, socket.socket],
    handed: int,
    listening: Callable[[str], None],
) -> bool:
    """Serve until a stop, or until the database must be reopened; return whether that is so.

    The `sockets` are those of the pages and of replay; `handed` is the descriptor of the settings for other processes.
    """
    from extractor.values.collector import seldom
    from pressmark.notify.delivery import Delivery
    from pressmark.notify.watches.following import Following
    from pressmark.notify.webhooks.dispatch import Dispatch
    from pressmark.processes.answering.servers import HttpServers
    from pressmark.service.assembly import open_clock

    def worker(ready: int) -> list[str]:
        home = str(service.settings.home)
        return [
            sys.executable,
            "-P",
            "-m",
            "pressmark",
            "--home",
            home,
            "work",
            "--ready-fd",
            str(ready),
            "--settings-fd",
            str(handed),
        ]

    if busy := crawled_by(service):  # before the address: people read the last line
        log.warning("another process crawls here; this service crawls once that has ended", extra={"reason": busy})
    after = service.settings.worker.stalled_after.total_seconds()
    is_held = partial(_is_held, service)
    child = Child(worker, files=(handed,), stalled_after=after, stalled=partial(_note_stall, service), is_held=is_held)
    clock = open_clock(service)
    checks = {"clock": lambda: clock.problem, "worker": lambda: child.problem}
    servers = HttpServers(service, *sockets, checks, handed)
    end = partial(_end, child, servers)
    stop.then(end)
    broke = partial(end, signal.SIGTERM)
    working, answering = essential(child.run(), broke), essential(servers.run(), broke)
    watching = asyncio.create_task(_watch(service.database, end))
    delivery = Delivery(service)
    telling, hooking = essential(delivery.run(), broke), essential(Dispatch(service).run(), broke)
    following = essential(Following(service).run(), broke)
    await clock.start()
    url = url_of(sockets[0])
    log.info("the service listens", extra={"url": url})
    listening(url)
    try:
        with seldom():
            await servers.serve()
    finally:
        watching.cancel()
        await clock.stop()
        await servers.stop()
        code = await child.stop(_WORKER_STOPS_WITHIN)
        if service.database.trouble() is None:
            delivery.log()  # a run that ended with the service may have changed the state of its source
        log.info("the service ends", extra={"worker": code})
        await ended(working, answering, telling, hooking, following)
    return watching.done() and not watching.cancelled() and watching.exception() is None


def crawled_by(service: Service) -> str | None:
    """Return who holds the spool that our worker needs, as a sentence; None when nobody does."""
    from archive.spool.spool import holder_of

    spool = service.settings.spool_path
    holder = holder_of(spool)
    return str(SpoolLocked(spool, holder)) if holder else None


def _is_held(service: Service) -> bool:
    return crawled_by(service) is not None


async def _watch(database: Database, end: Callable[[int], None]) -> None:
    """Return, and end the service, once the database must be reopened."""
    while (trouble := await asyncio.to_thread(database.trouble)) is None:
        await asyncio.sleep(_LOOK_EVERY)
    log.error("the service restarts with another database", extra={"reason": trouble})
    end(signal.SIGTERM)


def _note_stall(service: Service, reason: str) -> None:
    """Count a worker that was killed because it made no progress, and take its runs back."""
    service.figures.count(Figure.STALLS)
    service.runs.requeue(service.settings.worker.name, reason)


def _end(child: Child, servers: HttpServers, number: int) -> None:
    """Ask the worker and the servers to end: the worker seals and uploads while open responses end."""
    child.end()
    servers.end(number)


@contextlib.contextmanager
def bound(host: str, port: int) -> Iterator[socket.socket]:
    """Return a socket that listens there; port 0 takes any free one."""
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
