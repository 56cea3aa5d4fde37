"""Exports in parts as the store keeps them: requested, fetched, deleted after a time, and before that by purges."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.database.closed_collections import taken_down
from archive.export.parts.joining import Fetched, fetch
from archive.export.parts.making import IN_PARTS
from archive.export.parts.stored import ExportManifest, ExportMissing, StoredExport, exports_in, taken_down_since
from archive.values.errors import DatabaseUnusable, ObjectNotFound, StoreError
from pressmark.service.readers import batches_of
from pressmark.upkeep.exports import UnfitExport, coding_in, exporter_of, selection_of
from scheduler.ledger.batch_values import Batch, BatchIsOver, UnknownBatch

if TYPE_CHECKING:
    from pressmark.service.service import Service

log = logging.getLogger(__name__)


class ExportTakenDown(Exception):
    """Captures of an export were taken down since it was planned."""

    def __init__(self, id_: str, count: int) -> None:
        super().__init__(
            f"the export {id_} has {count} captures that were taken down since it was requested; request it again: the "
            "new one leaves them out"
        )


def request_export(
    service: Service,
    form: str,
    selection: Mapping[str, Any],
    by: str,
    *,
    posts: bool = False,
) -> tuple[Batch, bool]:
    """Request an export in parts; return it, and whether it is new: one with the same options that is not over is
    joined, so it has what was archived when that one was planned.

    `selection` has the arguments of `selection_of`. Raises UnfitExport, and what `selection_of` raises.
    """
    if form not in IN_PARTS:
        raise UnfitExport(f"services can't share an export as {form}, only as {', '.join(IN_PARTS)}; leave out --queue")
    exporter_of(service, form, posts=posts)
    selection_of(service, **selection)
    options = {"format": form, "posts": posts, "selection": dict(selection)}
    return batches_of(service).request("export", options, by, joins_begun=True)


def fetch_export(
    service: Service,
    id_: str,
    target: Path,
    *,
    compress: str | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> tuple[ExportManifest, Fetched]:
    """Fetch an export to a file, compressed as its name or `compress` says. It is refused if some of its captures were
    taken down since it was planned.

    Raises ExportMissing, ExportTakenDown, UnfitExport, and what `fetch` raises.
    """
    stored = StoredExport(service.store, id_)
    manifest = stored.manifest()
    options = manifest.options
    coding = compress or coding_in(options["format"], target.name)
    exporter = exporter_of(service, options["format"], posts=bool(options["posts"]), compress=coding)
    check_shown(service, stored)
    return manifest, fetch(stored, manifest, exporter, target, progress)


def check_shown(service: Service, stored: StoredExport) -> None:
    """Raise ExportTakenDown if captures of an export were taken down since it was planned; ExportMissing."""
    with service.take_downs.hidden():
        try:
            count = taken_down_since(stored, taken_down())
        except ObjectNotFound:
            raise ExportMissing(stored.id) from None
    if count:
        raise ExportTakenDown(stored.id, count)


def is_export(service: Service, id_: str) -> bool:
    """Return whether an id is that of an export that is known, or that the store has. Raises StoreError."""
    with suppress(UnknownBatch):
        return batches_of(service).get(id_).kind == "export"
    return id_ in exports_in(service.store)


def delete_export(service: Service, id_: str) -> int:
    """Cancel an export if it is not over, and delete its objects; return how many. Raises ExportMissing, StoreError."""
    if not is_export(service, id_):
        raise ExportMissing(id_)
    with suppress(UnknownBatch, BatchIsOver):
        batches_of(service).cancel(id_)
    return StoredExport(service.store, id_).delete()


def delete_if_gone(service: Service, id_: str) -> None:
    """Delete what a process has put that did not know that its export was cancelled, or was over and deleted."""
    with suppress(StoreError, DatabaseUnusable):  # `delete_old` finds it later
        if _is_gone(service, id_):
            StoredExport(service.store, id_).delete()


def delete_old(service: Service) -> None:
    """Delete the exports of the store that are older than the settings allow, and what is left of cancelled and deleted
    ones.

    Raises StoreError, DatabaseUnusable.
    """
    kept = service.settings.litter.exports
    for id_ in exports_in(service.store):
        ended = _ended(service, id_)
        is_old = bool(kept) and ended is not None and service.epochs.now() - ended > kept
        if is_old or _is_gone(service, id_):
            count = StoredExport(service.store, id_).delete()
            log.info("an export was deleted from the store", extra={"export": id_, "objects": count})


def _ended(service: Service, id_: str) -> datetime | None:
    """Return when an export ended; None if it is not over. One that the database does not know ended at once."""
    try:
        return batches_of(service).get(id_).ended_at
    except UnknownBatch:  # a newer database, or so many exports came after it that its row is gone
        return requested_at(id_)


def _is_gone(service: Service, id_: str) -> bool:
    """Return whether an export was cancelled, or is over and its manifest was deleted: that is put before it is over,
    and deleted first.
    """
    with suppress(UnknownBatch):
        outcome = batches_of(service).get(id_).outcome
        return outcome == "cancelled" or (outcome == "done" and not StoredExport(service.store, id_).is_complete())
    return False


def requested_at(id_: str) -> datetime | None:
    """Return the time in the id of an export; None if it has none."""
    try:
        return datetime.strptime(id_.split("-")[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except (IndexError, ValueError):
        return None


def complete_exports(service: Service) -> list[tuple[ExportManifest, datetime | None]]:
    """Return the exports of the store that are complete, the oldest first, with the time when each is deleted; None if
    the settings keep them.

    Raises StoreError, DatabaseUnusable.
    """
    found, kept = list[tuple[ExportManifest, datetime | None]](), service.settings.litter.exports
    for id_ in exports_in(service.store):
        with suppress(ExportMissing):
            manifest, ended = StoredExport(service.store, id_).manifest(), _ended(service, id_)
            found.append((manifest, ended + kept if kept and ended else None))
    return found
