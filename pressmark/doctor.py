"""Everything that can be wrong with a home, looked at; nothing is changed, recovery included."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from pathlib import Path

from archive.database.where import where
from archive.errors import IntegrityError, ObjectNotFound, StoreError
from archive.keys import MANIFESTS
from archive.manifest import Manifest
from archive.recovery import inspect
from archive.salvage import LOST
from archive.store.opened import octets_of
from config.duration import format_duration
from config.errors import ConfigError
from config.missing import missing_secrets
from pressmark.exits import Exit, exit_of
from pressmark.exporting import wacz_signer
from pressmark.health import out_of_reach
from pressmark.service import Service

_LEAST_FREE = 1 << 30
_NEWEST = 20


@dataclass(frozen=True, slots=True)
class Condition:
    """How one part is. `code` is what a command ends with that meets it; 0 for a part that is well."""

    part: str
    sentence: str
    code: Exit = Exit.OK


def examine(service: Service) -> Iterator[Condition]:
    """All parts, those first without which the others can't work."""
    for part, look in _PARTS:
        try:
            yield from (Condition(part, sentence, code) for sentence, code in look(service))
        except Exception as error:
            yield Condition(part, f"it can't be looked at: {type(error).__name__}: {error}", exit_of(error))


_Found = Iterator[tuple[str, Exit]]


def _home(service: Service) -> _Found:
    home = service.settings.home.absolute()
    if os.access(home, os.W_OK | os.X_OK):
        yield str(home), Exit.OK
    else:
        yield f"{home} can't be written to; chown -R {os.getuid()} {home}", Exit.ERROR


def _settings(service: Service) -> _Found:
    warnings = service.settings.warnings
    yield from ((warning, Exit.CONFIG) for warning in warnings)
    if not warnings:
        yield "nothing is odd", Exit.OK


def _sources(service: Service) -> _Found:
    files = [service.sources.file_of(source.name) for source in service.sources]
    yield from ((str(error), Exit.CONFIG) for error in (*service.sources.errors, *missing_secrets(files)))
    yield f"{len(service.sources)} are described", Exit.OK


def _space(service: Service) -> _Found:
    disk = shutil.disk_usage(service.settings.home)
    told = f"{disk.free / (1 << 30):.1f} GiB are free"
    yield (told, Exit.OK) if disk.free >= _LEAST_FREE else (f"only {told}", Exit.DISK_FULL)


def _lock(service: Service) -> _Found:
    holder = _holder(service.settings.spool_path / "LOCK")
    yield (f"the spool is held by {holder}" if holder else "nobody holds the spool"), Exit.OK


def _holder(lock: Path) -> str | None:
    with suppress(FileNotFoundError), lock.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return file.read(200).decode(errors="replace").strip() or "somebody"
    return None


def _recovery(service: Service) -> _Found:
    """What the next start would do to segments that a crash left open."""
    sentences = list(inspect(service.settings.spool_path))
    yield from ((sentence, Exit.OK) for sentence in sentences)
    if not sentences:
        yield "there is nothing to recover", Exit.OK
    lost = list((service.settings.spool_path / "quarantine").glob(f"*{LOST}"))
    if lost:
        yield f"acknowledged captures were lost: see {lost[0]}", Exit.INTEGRITY


def _captures(service: Service) -> _Found:
    """Captures that are listed, and whose bytes are damaged, lost or in quarantine."""
    if told := out_of_reach(service):
        yield told, Exit.INTEGRITY
    else:
        yield "no capture is known to be out of reach", Exit.OK


def _clock(service: Service) -> _Found:
    now = service.now()
    moments = [row.committed_at or row.sealed_at or row.opened_at for row in service.index.segments()]
    ahead = max(moments, default=now) - now
    if ahead.total_seconds() > 0:
        yield f"it is {format_duration(timedelta(seconds=ceil(ahead.total_seconds())))} behind what is kept", Exit.ERROR
    else:
        yield f"{now:%Y-%m-%d %H:%M:%S} UTC", Exit.OK


def _store(service: Service) -> _Found:
    where = service.settings.store_path or f"bucket {service.settings.s3.bucket}"
    try:
        found = next(iter(service.store.keys(MANIFESTS)), None)
    except StoreError as error:
        yield str(error), exit_of(error)
    else:
        yield f"{where} answers{'' if found else ', and is empty'}", Exit.OK


def _shipping(service: Service) -> _Found:
    sealed = service.index.segments("sealed")
    stuck = [segment for segment in sealed if segment.problem]
    yield from ((f"{segment.name}: {segment.problem}", Exit.STORE) for segment in stuck)
    if not stuck:
        yield f"{len(sealed)} sealed segments wait for the store", Exit.OK


def _signing(service: Service) -> _Found:
    """The signatures of the newest manifests; `pressmark verify --all` checks all of them."""
    keys = service.keys
    if service.settings.signing.wacz_key:
        try:
            yield f"WACZ files can be signed (export --sign), by {wacz_signer(service).public}", Exit.OK
        except ConfigError as error:
            yield str(error), Exit.CONFIG
    if not keys.trust.keys:
        yield "manifests are not signed; docs/how-to/sign.md tells how", Exit.OK
        return
    signs = f"manifests are signed; others check that by {keys.public}" if keys.public else "nothing is signed here"
    yield f"{signs}; public keys by which signatures are checked: {len(keys.trust.keys)}", Exit.OK
    shipped = [row.manifest_key for row in service.index.segments("committed", "releasing", "released")]
    newest = [key for key in shipped if key][-_NEWEST:]
    try:
        manifests = [Manifest.parse(octets_of(service.store, key), key) for key in newest]
    except (IntegrityError, ObjectNotFound) as error:
        yield str(error), Exit.INTEGRITY
    except StoreError as error:
        yield str(error), exit_of(error)
    else:
        findings = list(keys.trust.findings(manifests))
        yield from ((f"{finding.file}: {finding.sentence}", Exit.INTEGRITY) for finding in findings)
        if not findings and manifests:
            yield f"the newest manifests, {len(manifests)}, are signed as they should be", Exit.OK


def _database(service: Service) -> _Found:
    service.events.latest()
    yield where(service.database.engine.url), Exit.OK


_PARTS: tuple[tuple[str, Callable[[Service], _Found]], ...] = (
    ("home", _home),
    ("settings", _settings),
    ("sources", _sources),
    ("database", _database),
    ("space", _space),
    ("clock", _clock),
    ("spool", _lock),
    ("recovery", _recovery),
    ("captures", _captures),
    ("store", _store),
    ("shipping", _shipping),
    ("signing", _signing),
)
