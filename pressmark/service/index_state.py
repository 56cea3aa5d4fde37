"""Whether the index is complete: what the worker found, for the other processes to show."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from archive.database.marks import Marks
from archive.index.months.stored import lost_object, read_month, stored_months
from archive.index.row_counts import uncounted
from archive.intake.compare import ComparisonResult, compare
from archive.spool.sealed import sealed_in
from archive.values.errors import DatabaseUnusable, ObjectNotFound, StoreError
from pressmark.service.exits import Exit, exit_of

if TYPE_CHECKING:
    from archive.database.engine import Database
    from pressmark.service.service import Service

_WRONG = Exit.INTEGRITY
_TAKE_IN = "pressmark serve imports those that are complete, pressmark verify --all lists the others"
_AGAIN = "pressmark serve and pressmark rebuild import these files again"
_PUT_BACK = "restore these files from a backup, as docs/operations/recovery.md describes"


@dataclass(frozen=True, slots=True)
class IndexState:
    """The result of the last comparison of the index with the store, or the progress of the current one."""

    compared_at: str | None = None
    """When the last one ended (ISO 8601); None before the first: the index is new."""
    done: int = 0
    total: int = 0
    """Segments that are being added; 0 when none are."""
    problem: str | None = None
    """Why the store could not be compared, as a sentence."""

    @property
    def incomplete(self) -> str | None:
        """Return why reads find less than the store has; None when nothing is known to be missing."""
        if self.total:
            return (
                f"Pressmark is building the index again from the archived files: {self.done:,} of "
                f"{self.total:,} WARC files are done"
            )
        if self.compared_at is None and self.problem:
            return (
                "the index (the list of all captures) is new, and Pressmark can't fill it from the archived "
                f"files yet: {self.problem}"
            )
        return None

    @property
    def awaited(self) -> str | None:
        """Return that the first comparison of a new index is still to come; None once it has been tried."""
        if self.compared_at or self.total or self.problem:
            return None
        return (
            "the index (the list of all captures) is new, and Pressmark has not filled it from the archived files yet"
        )


def state_of(database: Database) -> IndexState:
    written = _marks(database).get("state")
    return IndexState(**json.loads(written)) if written else IndexState()


def write_state(database: Database, state: IndexState) -> None:
    _marks(database).set("state", json.dumps(asdict(state)))


def compared(service: Service) -> ComparisonResult:
    """Compare the index with the store. Segments still in the spool are left to the shipper.

    Raises StoreError, DatabaseUnusable.
    """
    found = compare(service.store, service.index)
    return found.without(sealed.name for sealed in sealed_in(service.settings.spool_path)) if found.unknown else found


def examine_index(service: Service) -> Iterator[tuple[str, Exit]]:
    """Return, for doctor, the manifests that only the store has, and those that only the index has."""
    yield from _unreadable_months(service)
    try:
        found = compared(service)
    except (StoreError, DatabaseUnusable) as error:
        yield f"Pressmark could not check whether the index has all files of the store: {error}", exit_of(error)
        return
    if found.unknown and not state_of(service.database).total:
        yield (
            (
                "WARC files that are in the store but not in the index, so that their captures can't be found: "
                f"{len(found.unknown):,}, e.g. {found.unknown[0]}; {_TAKE_IN}"
            ),
            _WRONG,
        )
    if found.missing:
        yield (
            (
                f"WARC files that are in the index but missing from the store: {len(found.missing):,}, e.g. "
                f"{found.missing[0]}; {_PUT_BACK}"
            ),
            _WRONG,
        )
    if found.incomplete and not state_of(service.database).total:
        yield (
            (
                f"WARC files with captures that are missing from the index: {len(found.incomplete):,}, e.g. "
                f"{found.incomplete[0]}; {_AGAIN}"
            ),
            _WRONG,
        )
    if found.gone:
        yield (
            (
                "WARC files that the store has lost and whose captures or texts are also partly missing "
                f"from the database, so that Pressmark can't restore them by itself: {len(found.gone):,}, "
                f"e.g. {found.gone[0]}; {_PUT_BACK}"
            ),
            _WRONG,
        )
    if count := len(uncounted(service.database)):
        yield (
            (
                f"WARC files whose texts Pressmark has not counted in the database yet: {count:,}; until "
                "they are counted, Pressmark does not notice if they are deleted; to count them, start "
                "pressmark serve or pressmark run"
            ),
            Exit.OK,
        )
    if not (found.to_import or found.missing or found.gone):
        yield "the index (the list of all captures) covers every WARC file of the store", Exit.OK


def _unreadable_months(service: Service) -> Iterator[tuple[str, Exit]]:
    """Name months whose files the store has lost, or damaged as far as sizes tell."""
    months = service.index.months
    if months:
        with suppress(StoreError):  # what can't be read is named below
            months.find_newer()
    attached = dict(months.attached()) if months is not None else {}
    try:
        stored = stored_months(service.store)
    except StoreError as error:
        yield f"Pressmark could not look for months in the store: {error}", exit_of(error)
        stored = {}
    for name, key in sorted({*attached.items(), *((name, key) for name, keys in stored.items() for key in keys)}):
        is_attached = attached.get(name) == key
        try:
            lost = lost_object(service.store, read_month(service.store, key))
            why, code = (f"{lost.key} is missing or damaged" if lost else ""), _WRONG
        except (StoreError, ObjectNotFound) as error:
            why, code = str(error), exit_of(error)
        if why and is_attached:
            yield (
                (
                    f"the attached month {name} can't be read: {why}; restore it from a copy, or run pressmark months "
                    "detach and pressmark rebuild"
                ),
                code,
            )
        elif why:
            yield (
                (
                    f"the month {name} in the store can't be read: {why}; restore it from a copy, or run pressmark "
                    "months detach (and pressmark rebuild where the database has no rows of it) and pressmark months "
                    "delete; until then, a purge deletes nothing that this month may name"
                ),
                code,
            )


def _marks(database: Database) -> Marks:
    return Marks(database, "index:")
