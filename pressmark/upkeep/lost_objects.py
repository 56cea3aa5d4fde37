"""Find objects that a manifest names and the store no longer has: by listing keys, without reading any object."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from archive.intake.compare import absent
from archive.shipping.housekeeping import lost
from archive.values.errors import ObjectNotFound, StoreError
from archive.warc.keys import CDXJS, TEXTS, WARCS
from pressmark.service.exits import Exit, exit_of
from pressmark.service.service import Service
from pressmark.service.states import Condition

_PART = "objects"


def examine_objects(service: Service, progress: Callable[[int, int], None]) -> Iterator[Condition]:
    """Return the missing objects, each with the way out.

    `progress` gets how many manifests are done, and their total.
    """
    known = service.index.segments("committed", "releasing", "released")
    local = {row.object_key: row.path for row in known} | {row.manifest_key: row.path for row in known}
    found = False
    try:
        for key in lost(service.store, [(row.manifest_key, row.object_key) for row in known], progress):
            found = True
            yield Condition(_PART, f"{key} is missing in the store: {_way_out(key, local.get(key))}", Exit.INTEGRITY)
    except (StoreError, ObjectNotFound) as error:
        yield Condition(_PART, str(error), exit_of(error))
    else:
        if not found:
            yield Condition(
                _PART, f"the store has every file that its lists (manifests) name; WARC files: {len(known)}"
            )


def lost_warcs(service: Service) -> tuple[str, ...]:
    """Return the WARC files that were shipped and are not there, by a list of the store. Raises StoreError."""
    shipped = {row.object_key for row in service.index.segments("committed", "releasing", "released") if row.object_key}
    return absent(service.store, sorted(shipped.difference(service.store.keys(WARCS))))


def _way_out(key: str, local: str | None) -> str:
    if local is not None and Path(local).exists():
        return f"the spool still has it; the worker uploads it again before it removes {local}"
    if key.startswith(CDXJS):
        return "restore it from a copy, or run pressmark rebuild to read the captures from the WARC"
    if key.startswith(TEXTS):
        return "restore it from a copy; the database still has the texts"
    return "restore it from a copy under the same key, then run pressmark rebuild (docs/operations/backup.md)"
