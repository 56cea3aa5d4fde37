"""`pressmark serve`: clock, API and pages in this process, the worker in a child process; all of them, or some."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
import sys
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from archive.values.counters import Figure
from archive.values.errors import SpoolLocked
from config.settings import Settings
from pressmark.processes.essential import ended, essential
from pressmark.processes.supervisor import Child
from scheduler.workers.roles_seen import NOTE_EVERY

if TYPE_CHECKING:
    from archive.database.engine import Database
    from pressmark.processes.answering.monitoring import MonitoringServer
    from pressmark.processes.answering.servers import HttpServers
    from pressmark.processes.stop_signals import Stop
    from pressmark.service.health import Check
    from pressmark.service.service import Service

log = logging.getLogger(__name__)

_WORKER_STOPS_WITHIN = 25.0
"""Seconds that the worker may take to end before it is killed."""
_LOOK_EVERY = 1.0
_LOOKS_FOR = 10.0
"""Seconds that a store may take to say whether it has decisions of people that the database does not know."""


Role = Literal["clock", "api", "work", "read", "ship"]
"""What a service does: timetables and messages; pages and API; crawling; reading texts of what is in the store; without
`work`, uploading what the spool has."""
ROLES: frozenset[Role] = frozenset(("clock", "api", "work"))
"""Those of a service of one machine. Who crawls uploads as well."""


def roles_of(settings: Settings) -> frozenset[Role]:
    """Return the roles of a service that does everything."""
    return ROLES if settings.worker.reads_texts else ROLES | {"read"}


def serve(
    settings: Settings,
    stop: Stop,
    *,
    roles: frozenset[Role] = ROLES,
    listening: Callable[[str], None] = lambda url: None,
) -> None:
    """Serve until `stop` is requested. `listening` gets the URL.

    Without the role api, only `/healthz`, `/readyz` and `/metrics` are answered there.

    Raises UnprotectedAddress, WeakToken, OSError for an address in use.
    """
    import uvloop

    from pressmark.processes.cores import answering_core
    from pressmark.service.access.protection import check_protection
    from pressmark.service.assembly import open_pressmark
    from pressmark.service.handed_settings import handed
    from pressmark.service.private_files import private_files
    from pressmark.upkeep.ledger.decisions_back import try_to_bring_decisions_back

    check_protection(settings, settings.host)
    with (
        private_files(),
        answering_core(0, wanted=settings.http.one_core and "api" in roles),
        bound(settings.host, settings.port) as listener,
        bound(settings.host, settings.replay_port) if "api" in roles else nullcontext() as replaying,
    ):
        again = True
        while again:
            with open_pressmark(settings, mending=True) as service, handed(settings) as file:
                try_to_bring_decisions_back(service, _LOOKS_FOR)  # before anything that they hide is shown
                again = uvloop.run(_serve(service, stop, (listener, replaying), file, listening, roles=roles))


async def _serve(
    service: Service,
    stop: Stop,
    sockets: tuple[socket.socket, socket.socket | None],
    handed: int,
    listening: Callable[[str], None],
    *,
    roles: frozenset[Role],
) -> bool:
    """Serve until a stop, or until the database must be reopened; return whether that is so.

    The `sockets` are those of the pages and of replay, which only the role api has; `handed` is the descriptor of the
    settings for other processes.
    """
    from extractor.values.collector import seldom
    from pressmark.notify.delivery import Delivery
    from pressmark.service.assembly import open_clock

    child = _child(service, handed, crawls="work" in roles) if roles & {"work", "ship"} else None
    reading = _reading(service, handed) if "read" in roles else None
    children = [one for one in (child, reading) if one]
    wake = partial(child.write, b"\n") if child else lambda: None
    clock = open_clock(service, wake) if "clock" in roles else None
    checks: dict[str, Check] = {}
    if clock:
        checks["clock"] = lambda: clock.problem
    if child:
        checks["worker"] = lambda: child.problem
    if reading:
        checks["texts"] = lambda: reading.problem
    servers = _servers(service, sockets, checks, handed)
    end = partial(_end, children, servers)
    stop.then(end)
    broke = partial(end, signal.SIGTERM)
    watching = asyncio.create_task(_watch(service.database, end))
    noting = asyncio.create_task(_note_again([*_notes(service, roles)]))
    delivery = Delivery(service)
    telling = [delivery.run(), *_telling(service)] if clock else []
    parts = [essential(part, broke) for part in (*(one.run() for one in children), servers.run(), *telling)]
    if clock:
        await clock.start()
    url = url_of(sockets[0])
    log.info("the service listens", extra={"url": url, "roles": sorted(roles)})
    listening(url)
    try:
        with seldom():
            await servers.serve()
    finally:
        watching.cancel()
        noting.cancel()
        if clock:
            await clock.stop()
        await servers.stop()
        codes = await asyncio.gather(*(one.stop(_WORKER_STOPS_WITHIN) for one in children))
        if clock and service.database.trouble() is None:
            delivery.log()  # a run that ended with the service may have changed the state of its source
        log.info("the service ends", extra={"processes": codes})
        await ended(*parts)
    return watching.done() and not watching.cancelled() and watching.exception() is None


def _telling(service: Service) -> Iterator[Coroutine[Any, Any, None]]:
    """Yield what sends messages, beside those about runs."""
    from pressmark.http.catalog import translator
    from pressmark.notify.watches.digests import Digests
    from pressmark.notify.watches.following import Following
    from pressmark.notify.webhooks.dispatch import Dispatch
    from pressmark.upkeep.silent_sources import SilentSources

    yield Dispatch(service).run()
    yield Following(service).run()
    yield Digests(service, translator).run()
    yield SilentSources(service).run()
    if service.settings.assistant.url is not None:
        from pressmark.notify.watches.assisting import Assisting

        yield Assisting(service).run()


def _child(service: Service, handed: int, *, crawls: bool) -> Child:
    """Return the worker, not yet started. `crawls`: whether it takes runs, or only uploads what the spool has."""

    def worker(ready: int) -> list[str]:
        files = ("--ready-fd", str(ready), "--settings-fd", str(handed))
        only = () if crawls else ("--upload-only",)
        return [sys.executable, "-P", "-m", "pressmark", "--home", str(service.settings.home), "work", *files, *only]

    if busy := crawled_by(service):  # before the address: people read the last line
        does = "crawls" if crawls else "uploads"
        log.warning(f"another process crawls here; this service {does} once that has ended", extra={"reason": busy})
    after = service.settings.worker.stalled_after.total_seconds()
    is_held = partial(_is_held, service)
    return Child(worker, files=(handed,), stalled_after=after, stalled=partial(_note_stall, service), is_held=is_held)


def _reading(service: Service, handed: int) -> Child:
    """Return the process that reads texts, not yet started."""

    def reader(ready: int) -> list[str]:
        files = ("--ready-fd", str(ready), "--settings-fd", str(handed))
        return [
            sys.executable,
            "-P",
            "-m",
            "pressmark",
            "--home",
            str(service.settings.home),
            "work",
            *files,
            "--read-only",
        ]

    after = service.settings.worker.stalled_after.total_seconds()
    what = "the process that reads texts"
    return Child(reader, what=what, watched_as=what, files=(handed,), stalled_after=after)


def _servers(
    service: Service, sockets: tuple[socket.socket, socket.socket | None], checks: Mapping[str, Check], handed: int
) -> HttpServers | MonitoringServer:
    listener, replaying = sockets
    if replaying is None:
        from pressmark.processes.answering.monitoring import MonitoringServer

        return MonitoringServer(service, listener, checks)
    from pressmark.processes.answering.servers import HttpServers

    return HttpServers(service, listener, replaying, checks, handed)


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


def _notes(service: Service, roles: frozenset[Role]) -> Iterator[Callable[[], None]]:
    """Yield what tells other processes what this service does, and where its spool can be read."""
    yield partial(service.roles_seen.note, roles)
    if roles & {"work", "ship"} and service.database.is_shared:
        from pressmark.service.peers.addresses import SpoolAddresses

        yield partial(SpoolAddresses(service.database).note, service.settings.worker.name, service.settings.worker.url)


async def _note_again(notes: Sequence[Callable[[], None]]) -> None:
    """Note these again and again. One that fails is tried the next time."""
    while True:
        for note in notes:
            try:
                await asyncio.to_thread(note)
            except Exception as error:
                log.warning("the roles of the service can't be noted", extra={"reason": str(error)})
        await asyncio.sleep(NOTE_EVERY.total_seconds())


def _note_stall(service: Service, reason: str) -> None:
    """Count a worker that was killed because it made no progress, and take its runs back."""
    service.figures.count(Figure.STALLS)
    service.runs.requeue(service.settings.worker.name, reason)


def _end(children: Sequence[Child], servers: HttpServers | MonitoringServer, number: int) -> None:
    """Ask the worker and the servers to end: the worker seals and uploads while open responses end."""
    for child in children:
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
