"""What the service leaves behind, bounded by age and size, and announced before it goes.

Nothing here is the only place of something acknowledged: logs and frontiers of runs that are over, bytes in quarantine
of segments that lost no capture, and indexes and texts in the store that no manifest names, but whose WARC one does.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from shutil import rmtree

from archive.database.marks import Marks
from archive.index.objects import Objects
from archive.shipping.housekeeping import leftover_sidecars
from archive.spool.salvage import LOST
from archive.store.replicated import replicas_of
from archive.values.errors import StoreError
from archive.values.size import spoken_size
from archive.values.wrong_clocks import is_ahead
from archive.warc.keys import CDXJS, TEXTS
from pressmark.service.exits import Exit, exit_of
from pressmark.service.service import Service
from pressmark.upkeep.unfinished_exports import forget_export, unfinished_exports

log = logging.getLogger(__name__)

_LONGEST_STEP = timedelta(days=1)
"""What counts at most of the notice for the time between two looks: a clock that is set moves by more than that."""


@dataclass(frozen=True, slots=True)
class Leftover:
    """A file or an object that is no longer needed."""

    at: datetime
    size: int
    delete: Callable[[], None]
    """Raises OSError, StoreError."""


@dataclass(frozen=True, slots=True)
class _Pending:
    """An announcement. Its age is a sum of short steps, since a clock that is set may skip years."""

    seen: datetime
    """When the service last looked."""
    through: datetime
    noticed: timedelta = timedelta(0)
    """How old the announcement was then."""

    def by(self, now: datetime) -> _Pending:
        step = max(timedelta(0), min(now - self.seen, _LONGEST_STEP))
        return _Pending(now, self.through, self.noticed + step)


@dataclass(frozen=True, slots=True)
class Announced:
    """Files of a kind that will be deleted: those up to a time."""

    kind: str
    count: int
    size: int
    through: datetime
    on: datetime
    """When they are deleted."""


def clear_litter(service: Service) -> int:
    """Announce what is older or larger than the settings allow, and delete what was announced long enough ago."""
    deleted = 0
    for kind, find in _KINDS.items():
        try:
            too_much = doomed(service, list(find(service)))
        except StoreError as error:
            log.warning("old files could not be listed", extra={"kind": kind, "reason": str(error)})
            continue
        pending = _pending(service, kind)
        if not too_much:
            _marks(service).set(kind, "null")
        elif pending is None or is_ahead(pending.seen, service.now()):  # the clock was set back
            _announce(service, kind, too_much)
        elif (known := pending.by(service.now())).noticed >= service.settings.litter.notice:
            gone = [one for one in too_much if one.at <= known.through]
            deleted += _delete(kind, gone)
            _marks(service).set(kind, "null")
        else:
            _note(service, kind, known)
    return deleted


def doomed(service: Service, found: Sequence[Leftover]) -> list[Leftover]:
    """Return the files that are too old, and the oldest ones of those that together are too large."""
    settings, now = service.settings.litter, service.now()
    total, chosen = sum(one.size for one in found), list[Leftover]()
    for one in sorted(found, key=lambda each: each.at):
        old = bool(settings.age) and now - one.at > settings.age
        large = bool(settings.size) and total > settings.size
        if not (old or large):
            break
        chosen.append(one)
        total -= one.size
    return chosen


def announced(service: Service) -> list[Announced]:
    """Return what is going to be deleted, and when."""
    found = list[Announced]()
    for kind, find in _KINDS.items():
        going = list[Leftover]()
        if (pending := _pending(service, kind)) is not None:
            with suppress(StoreError):
                going = [one for one in doomed(service, list(find(service))) if one.at <= pending.through]
            if going:
                on = pending.seen + service.settings.litter.notice - pending.noticed
                found.append(Announced(kind, len(going), sum(one.size for one in going), pending.through, on))
    return found


def examine_litter(service: Service) -> Iterator[tuple[str, Exit]]:
    """Return, for the doctor, what there is and what will be deleted."""
    going = {one.kind: one for one in announced(service)}
    for kind, find in _KINDS.items():
        try:
            found = list(find(service))
        except StoreError as error:
            yield f"Pressmark can't check this part: {error}", exit_of(error)
            continue
        sentence = f"{_SPOKEN[kind]} (files: {len(found)}, {spoken_size(sum(one.size for one in found))})"
        if (one := going.get(kind)) is not None:
            old = f"those dated {one.through:%Y-%m-%d} or earlier (files: {one.count}, {spoken_size(one.size)})"
            sentence += f"; on {one.on:%Y-%m-%d}, Pressmark will delete {old}, as set under `litter` in the settings"
        yield sentence, Exit.OK


def _announce(service: Service, kind: str, too_much: Sequence[Leftover]) -> None:
    at, through = service.now(), max(one.at for one in too_much)
    _note(service, kind, _Pending(at, through))
    facts = {
        "kind": kind,
        "files": len(too_much),
        "up_to": str(through),
        "on": str(at + service.settings.litter.notice),
    }
    log.warning("old files will be deleted", extra=facts)


def _delete(kind: str, gone: Sequence[Leftover]) -> int:
    """Delete files; return how many could be deleted."""
    refusals = list[Exception]()
    for one in gone:
        try:
            one.delete()
        except (OSError, StoreError) as error:
            refusals.append(error)
    if deleted := len(gone) - len(refusals):
        log.warning("old files were deleted", extra={"kind": kind, "files": deleted})
    if refusals:
        facts = {"kind": kind, "files": len(refusals), "reason": str(refusals[0])}
        log.warning("old files could not be deleted", extra=facts)
    return deleted


def _remove(path: Path) -> None:
    if path.is_dir():
        rmtree(path)
        return
    path.unlink(missing_ok=True)
    for beside in path.parent.glob(f"{path.name}-*"):  # SQLite's log and its index
        beside.unlink(missing_ok=True)


def _pending(service: Service, kind: str) -> _Pending | None:
    told = json.loads(_marks(service).get(kind) or "null")
    if told is None:
        return None
    seen, through, *noticed = told  # earlier versions noted two times, the first of which was that of the announcement
    return _Pending(datetime.fromisoformat(seen), datetime.fromisoformat(through), timedelta(seconds=sum(noticed)))


def _note(service: Service, kind: str, known: _Pending) -> None:
    told = [known.seen.isoformat(), known.through.isoformat(), known.noticed.total_seconds()]
    _marks(service).set(kind, json.dumps(told))


def _marks(service: Service) -> Marks:
    return Marks(service.database, "litter:")


def _run_logs(service: Service) -> Iterator[Leftover]:
    yield from _of_finished_runs(service, service.settings.home / "logs" / "runs", ".jsonl")


def _frontiers(service: Service) -> Iterator[Leftover]:
    for suffix in (".db", ".spider", ".browser"):
        yield from _of_finished_runs(service, service.settings.home / "frontiers", suffix)


def _of_finished_runs(service: Service, directory: Path, suffix: str) -> Iterator[Leftover]:
    unfinished = {run.id for run in service.runs.unfinished()}
    for path in directory.glob(f"*{suffix}"):
        if path.name.removesuffix(suffix) not in unfinished:
            yield from _leftover(path)


def _quarantine(service: Service) -> Iterator[Leftover]:
    """Yield what is in quarantine of segments that lost nothing: a list of lost captures keeps all of its segment."""
    for directory in (service.settings.home / "spool").glob("*/quarantine"):
        files = list(directory.iterdir())
        bereft = tuple(file.name.removesuffix(LOST) for file in files if file.name.endswith(LOST))
        for path in files:
            if path.is_file() and not (bereft and path.name.startswith(bereft)):
                yield from _leftover(path)


def _leftover(path: Path) -> Iterator[Leftover]:
    with suppress(FileNotFoundError):
        facts = path.stat()
        inside = sum(file.lstat().st_size for file in path.rglob("*")) if path.is_dir() else 0
        yield Leftover(datetime.fromtimestamp(facts.st_mtime, UTC), facts.st_size + inside, partial(_remove, path))


def _orphans(service: Service) -> Iterator[Leftover]:
    """Yield leftover indexes and texts of archived WARCs. The manifests are read only if there may be some."""
    if not Objects(service.database).has_unclaimed((CDXJS, TEXTS)):
        return
    for orphan in leftover_sidecars(service.store, service.index.manifest_keys(), service.now()):
        if orphan.at:
            yield Leftover(orphan.at, orphan.size, partial(_drop, service, orphan.key))


def _drop(service: Service, key: str) -> None:
    for store in (service.store, *replicas_of(service.store).values()):
        store.delete(key)
    Objects(service.database).forget([key])


def _exports(service: Service) -> Iterator[Leftover]:
    """Yield what exports that nobody continued left beside their targets."""
    for directory in unfinished_exports(service.database):
        for found in _leftover(directory):
            yield replace(found, delete=partial(_drop_export, service, directory))


def _drop_export(service: Service, directory: Path) -> None:
    from archive.export.file import remove_unfinished  # and with it all formats of exports

    remove_unfinished(directory)
    forget_export(service.database, directory)


_KINDS: dict[str, Callable[[Service], Iterator[Leftover]]] = {
    "run logs": _run_logs,
    "frontiers": _frontiers,
    "quarantine": _quarantine,
    "orphans": _orphans,
    "exports": _exports,
}
_SPOKEN = {
    "run logs": "logs of past runs",
    "frontiers": "lists of URLs to fetch, left by past runs",
    "quarantine": "damaged parts of archived files, saved separately",
    "orphans": "stored indexes and texts that no manifest lists",
    "exports": "unfinished files of interrupted exports",
}
