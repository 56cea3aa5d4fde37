"""The spools of others: of crawls of other programs, and of machines that are gone.

Each crawl of another program has its own, named `scrapy`, `scrapy-2` and so on: a crawl takes the first free one, and
recovers it. Those of killed crawls are emptied.
"""

from __future__ import annotations

import hashlib
import logging
import re
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from socket import gethostname

from archive.index.purges.given_up import names_given_up
from archive.spool.open_segment import FAILED, OPEN
from archive.spool.recovery import lost_in
from archive.spool.sealed import WARC, Sealed, sealed_in
from archive.values.errors import SpoolLocked
from archive.warc import journal
from pressmark.processes.recovered.files import SHIPPED
from pressmark.processes.worker_threads import Facts, WorkerParts, open_worker_parts
from pressmark.service.service import Service
from pressmark.service.threads import in_thread
from scheduler.run import OUTSIDE

log = logging.getLogger(__name__)

_NAME = re.compile(rf"{OUTSIDE}(-\d+)?")
_SUFFIXES = (OPEN, FAILED, WARC, journal.SUFFIX)
_LOOK_EVERY = 60.0
_ENDS_WITHIN = 15.0
"""Seconds: a store that refuses everything ends a rescue before that."""
_SHIPPED_WITHIN = 300.0


@contextmanager
def open_own_works(service: Service, facts: Facts) -> Iterator[tuple[str, WorkerParts]]:
    """Lock the first free spool, and start the threads of a worker on it; return the worker's name, too."""
    with ExitStack() as stack:
        yield _first_free(service, facts, stack)


def rescue(service: Service) -> None:
    """Recover, index and ship what killed crawls left in spools that nobody holds now."""
    for directory in sorted((service.settings.home / "spool").glob(f"{OUTSIDE}*")):
        if _NAME.fullmatch(directory.name) and _has_work(service, directory):
            with suppress(SpoolLocked), open_worker_parts(_as(service, directory.name)):
                log.info("the spool of a crawl that was killed is taken over", extra={"spool": str(directory)})


@dataclass(frozen=True, slots=True)
class Adopted:
    """What was brought out of the spool of another machine."""

    spool: str
    """Its directory."""
    segments: int
    """Its WARC files that are in the store now."""
    captures: int
    """The captures in them."""
    waiting: int
    """Its WARC files that are not in the store yet."""
    given_up: int
    """Its WARC files that people have given up, and that can't be taken back: `pressmark doctor` says why."""
    unreadable: int
    """Its WARC files that its disk can't read."""
    lost: int
    """Acknowledged captures that its disk does not have any more."""


def spools_in(directory: Path) -> list[Path]:
    """Return the spools in a directory: itself, or those below it."""
    return [one for one in (directory, *sorted(directory.glob("*"))) if _is_spool(one)]


def _is_spool(directory: Path) -> bool:
    """Return whether a directory has files of a spool; a damaged disk may have lost one of the two."""
    return any((directory / name).is_dir() for name in ("open", "sealed"))


def adopt(service: Service, directory: Path) -> Adopted:
    """Recover, index and ship what the spool of a machine that is gone has; nothing that is in the store is doubled.

    The files stay. Raises SpoolLocked, SpoolInUse among them, OSError, and what the store refuses with.
    """
    within, named = _SHIPPED_WITHIN, _as(service, adopter(directory))
    parts = open_worker_parts(
        named, shipped_within=within, healing=False, saving=False, directory=directory, adopting=True
    )
    with parts as opened:
        pass
    for error in opened.unshipped:
        raise error
    segments = list(sealed_in(directory))
    rows = [service.index.segment(sealed.name) for sealed in segments]
    lost = names_given_up(service.database) & {sealed.name for sealed in segments}
    shipped = [sealed for sealed, row in zip(segments, rows, strict=True) if row and row.state in SHIPPED]
    captures = sum(len(list(journal.read(sealed.journal))) for sealed in shipped)
    return Adopted(
        str(directory),
        segments=len(shipped),
        captures=captures,
        waiting=len(segments) - len(shipped) - len(lost),
        given_up=len(lost),
        unreadable=len(_names_in(directory / "open") | _names_in(directory / "sealed")) - len(segments),
        lost=len(lost_in(directory)),
    )


def adopter(directory: Path) -> str:
    """Return the name of the worker that adopts a spool: that of an earlier call, whose rows it takes over.

    Another machine may have a copy at the same path: its worker is another one.
    """
    place = f"{gethostname()}:".encode() + bytes(directory.resolve())
    return f"adopted-{hashlib.sha256(place).hexdigest()[:12]}"


def _names_in(directory: Path) -> set[str]:
    """Return the names of the segments there, without their suffixes."""
    return {file.name.partition(".")[0] for suffix in _SUFFIXES for file in directory.glob(f"*{suffix}")}


@contextmanager
def rescuing(service: Service) -> Iterator[None]:
    """Rescue repeatedly, in a separate thread."""
    over = threading.Event()

    def run() -> None:
        while not over.is_set():
            try:
                rescue(service)
            except Exception:
                log.exception("the spools of killed crawls could not be recovered")
            over.wait(_LOOK_EVERY)

    with in_thread("rescuer", run, over.set, ends_within=_ENDS_WITHIN):
        yield


def _first_free(service: Service, facts: Facts, stack: ExitStack) -> tuple[str, WorkerParts]:
    for name in _names():
        with suppress(SpoolLocked):
            parts = open_worker_parts(_as(service, name), shipped_within=_SHIPPED_WITHIN, facts=facts)
            return name, stack.enter_context(parts)
    raise AssertionError("the names never end")


def _names() -> Iterator[str]:
    yield OUTSIDE
    yield from (f"{OUTSIDE}-{number}" for number in count(2))


def _as(service: Service, worker: str) -> Service:
    """Return the same service for a worker of that name.

    It does not choose the cores of the process, which is not ours alone.
    """
    settings = service.settings
    named = settings.worker.model_copy(update={"name": worker, "one_core": False})
    return replace(service, settings=settings.model_copy(update={"worker": named}))


def _has_work(service: Service, directory: Path) -> bool:
    return any((directory / "open").glob("*")) or any(_is_due(service, sealed) for sealed in sealed_in(directory))


def _is_due(service: Service, sealed: Sealed) -> bool:
    """Return whether a sealed segment waits to be shipped, or to be released."""
    row = service.index.segment(sealed.name)
    if row is None or row.state not in SHIPPED:
        return True
    return service.now() - sealed.last_at > service.settings.spool.grace
