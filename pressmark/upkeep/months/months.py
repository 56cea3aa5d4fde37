"""Captures of old months as files in the store: write them, and let lookups use them instead of rows."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from archive.index.months.checking import flaws
from archive.index.months.month import Month
from archive.index.months.months import Months
from archive.index.months.stored import lost_object, read_month, replaced, stored_months
from archive.index.months.writing import months_in_rows, write_months
from archive.index.purges.locks import beside_purges
from archive.store.deletion import delete_everywhere
from archive.values.errors import ArchiveError, Finding, IntegrityError, ObjectNotFound, PurgeUnderWay
from archive.warc.keys import MANIFESTS, MONTHS
from pressmark.service.access.purges import unfinished
from pressmark.upkeep.ledger.decisions_back import bring_decisions_back

if TYPE_CHECKING:
    from pressmark.service.service import Service

_DIRECTORY = "months-"
"""How the names of directories of this work begin, in the home; the id of the process follows."""

MonthState = Literal["rows", "stored", "attached", "damaged"]
"""In rows alone; in the store, too; used by lookups instead of rows; its manifest or its files are not readable."""


class MonthAttached(ArchiveError):
    def __init__(self, name: str) -> None:
        super().__init__(f"the month {name} is attached: run pressmark months detach {name} first")


class MonthNotAttached(ArchiveError):
    def __init__(self, name: str) -> None:
        super().__init__(f"the month {name} is not attached, so there is nothing to detach")


class NoMonth(ArchiveError):
    def __init__(self, name: str) -> None:
        super().__init__(
            f"the store has no month {name}; pressmark months list shows those that it has, and pressmark months write "
            "makes them from the rows of the database"
        )


class BadMonth(ArchiveError):
    """A month is not what its manifest says, or not complete."""

    def __init__(self, name: str, findings: Collection[Finding]) -> None:
        self.findings = tuple(findings)
        first = self.findings[0]
        super().__init__(
            f"the month {name} was not attached: {first.file}: {first.sentence}; problems: {len(self.findings)}; run "
            "pressmark months delete, then pressmark months write where the database has its rows"
        )


@dataclass(frozen=True, slots=True)
class MonthReport:
    """A month, and where its captures are."""

    month: str
    state: MonthState
    rows: int
    """Its captures in rows, of WARC files that the store has."""
    captures: int
    """Those in its files in the store."""
    size: int
    """Bytes of these files."""
    reason: str | None = None


def reports(service: Service) -> list[MonthReport]:
    """Return all months, oldest first. Raises StoreError, DatabaseUnusable."""
    _months(service).find_newer()
    rows, written = months_in_rows(service.database), stored_months(service.store)
    attached = _months(service).attached()
    found = list[MonthReport]()
    for name in sorted({*rows, *written, *attached}):
        key = attached.get(name) or (written[name][-1] if name in written else None)
        count = rows.get(name, 0)
        if key is None:
            found.append(MonthReport(name, "rows", count, 0, 0))
            continue
        try:
            month = read_month(service.store, key)
            if lost := lost_object(service.store, month):
                raise IntegrityError(f"{lost.key} is missing, or not {lost.size} bytes long")
        except (IntegrityError, ObjectNotFound) as error:
            found.append(MonthReport(name, "damaged", count, 0, 0, str(error)))
        else:
            size = sum(one.size for one in month.objects)
            found.append(MonthReport(name, "attached" if name in attached else "stored", count, month.captures, size))
    return found


def to_write(service: Service, before: str) -> Mapping[str, int]:
    """Return the months before one that the store lacks or has fewer captures of, with their captures in rows."""
    attached, written = _months(service).attached(), stored_months(service.store)
    wanted = {name: count for name, count in months_in_rows(service.database).items() if name < before}
    return {
        name: count
        for name, count in wanted.items()
        if name not in attached and not (name in written and _has(service, written[name][-1], count))
    }


def write(service: Service, names: Collection[str], *, table: bool, progress: Callable[[int], None]) -> Iterator[Month]:
    """Write months into the store, and yield each. What is complete stays if it is interrupted; the next call
    continues with the others.

    Raises StoreError, DatabaseUnusable, OSError, MissingExtra, PurgeUnderWay.
    """
    home = service.settings.home
    _clear(home)
    if unfinished(service):
        raise PurgeUnderWay("no month was written: a purge was interrupted; pressmark purge without an id ends it")
    former = stored_months(service.store)
    open_table = None
    if table:
        from archive.export.parquet import MonthTable

        open_table = MonthTable
    with (
        beside_purges(service.database),
        tempfile.TemporaryDirectory(prefix=f"{_DIRECTORY}{os.getpid()}-", dir=home) as directory,
    ):
        written = write_months(
            service.database, service.store, names, Path(directory), open_table=open_table, progress=progress
        )
        for month, key in written:
            if former:
                _delete(service, month.name, but={key, *(one.key for one in month.objects)})
            yield month


def attach(service: Service, name: str) -> Month:
    """Check a month, and let lookups use it. Repeating it is harmless.

    A new database gets the take-downs of the store first. Raises NoMonth, BadMonth, StoreError, DecisionsUnread,
    PurgeUnderWay.
    """
    keys = stored_months(service.store).get(name)
    if not keys:
        raise NoMonth(name)
    bring_decisions_back(service)  # before the captures that they hide
    with beside_purges(service.database):
        there = set(service.store.keys(MANIFESTS))
        if findings := list(flaws(service.store, keys[-1], there)):
            raise BadMonth(name, findings)
        month = read_month(service.store, keys[-1])
        _months(service).attach(month, keys[-1])
    return month


def detach(service: Service, name: str) -> None:
    """Have lookups use rows alone for a month. `pressmark rebuild` makes rows that the database lacks.

    Raises MonthNotAttached.
    """
    if not _months(service).detach(name):
        raise MonthNotAttached(name)


def delete(service: Service, name: str) -> int:
    """Delete the files of a month in all stores; return their number. Raises NoMonth, MonthAttached, StoreError."""
    if name in _months(service).attached():
        raise MonthAttached(name)
    if not (count := _delete(service, name)):
        raise NoMonth(name)
    return count


def month_flaws(service: Service) -> Iterator[tuple[str, list[Finding]]]:
    """Check all attached months, and all that are in the store; yield the key of each manifest, and what is wrong.

    Raises StoreUnreachable, StoreDenied.
    """
    with suppress(IntegrityError):  # it is named below
        _months(service).find_newer()
    written = stored_months(service.store).values()
    old = {key for keys in written for key in replaced(service.store, keys)}
    keys = {*chain.from_iterable(written), *_months(service).attached().values()}
    there = set(service.store.keys(MANIFESTS)) if keys else set()
    for key in sorted(keys - old):
        yield key, list(flaws(service.store, key, there))
    for key in sorted(old):
        yield key, [Finding(key, None, "purged", "this month names what was purged; run pressmark purge without an id")]


def _months(service: Service) -> Months:
    assert service.index.months is not None, "every service has them"
    return service.index.months


def _has(service: Service, key: str, count: int) -> bool:
    """Return whether a month in the store has so many captures. Rows are added; a purge changes both."""
    try:
        return read_month(service.store, key).captures == count
    except (IntegrityError, ObjectNotFound):
        return False


def _delete(service: Service, name: str, *, but: Collection[str] = ()) -> int:
    """Delete the objects of a month `but` some. Return the number of deleted ones."""
    gone = [key for key in service.store.keys(f"{MONTHS}{name}/") if key not in but]
    for key in sorted(gone, key=lambda one: "/month-" not in one):  # the manifest first: without it, there is no month
        delete_everywhere(service.store, key)
    return len(gone)


def _clear(home: Path) -> None:
    """Remove the directories of such work that was killed."""
    for path in home.glob(f"{_DIRECTORY}*-*"):
        owner = path.name.removeprefix(_DIRECTORY).partition("-")[0]
        if owner.isdigit() and not Path("/proc", owner).exists():
            with suppress(OSError):
                shutil.rmtree(path)
