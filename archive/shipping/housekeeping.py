"""Clean up the store: uploads that never ended, and objects that no manifest names.

The uploads are abandoned. The objects come from a worker that died between a WARC and its manifest, with its spool
lost: they are listed and, if complete, adopted. Only indexes and texts may be deleted: they are made from a WARC.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from archive.store import ObjectStore
from archive.values.digest import sha256_file
from archive.values.errors import IntegrityError
from archive.warc.keys import CDXJS, MANIFESTS, TEXTS, WARCS, collection_of_key, sha256_of_key
from archive.warc.manifest import Manifest

UNFINISHED = timedelta(hours=24)
"""An unfinished upload of this age is dead."""
LONELY = timedelta(hours=48)
"""An object of this age must have a manifest."""


@dataclass(frozen=True, slots=True)
class Orphan:
    """An object that no manifest names."""

    key: str
    size: int
    at: datetime | None
    """When it was put."""


def orphans(store: ObjectStore, now: datetime) -> Iterator[Orphan]:
    """Yield objects that are older than 48 hours and that no manifest in the store names. Raises StoreError.

    It reads every manifest. A damaged one names nothing: its objects are listed here too, and adopting them is
    harmless.
    """
    held = [key for prefix in (WARCS, CDXJS, TEXTS) for key in store.keys(prefix)]
    named = {key for manifest in _manifests(store) for key in (entry.key for entry in manifest.objects)}
    for key in held:
        stat = store.stat(key) if key not in named else None
        if stat is not None and (stat.at is None or stat.at < now - LONELY):
            yield Orphan(key, stat.size, stat.at)


def leftover_sidecars(store: ObjectStore, known: Collection[str], now: datetime) -> list[Orphan]:
    """Return the indexes and texts that no manifest names; none while a manifest is damaged, or one of `known` is lost.

    Each of them can be made again from its WARC. Raises StoreError.
    """
    there = list(store.keys(MANIFESTS))
    if not there or set(known) - set(there) or any(_manifest(store, key) is None for key in there):
        return []
    return [orphan for orphan in orphans(store, now) if orphan.key.startswith((CDXJS, TEXTS)) and orphan.at]


def lost(
    store: ObjectStore, known: Sequence[tuple[str | None, str | None]], progress: Callable[[int, int], None]
) -> Iterator[str]:
    """Yield the keys of objects that manifests name but that the store does not have. Raises StoreError.

    `known` are the manifests in the index, each with its WARC: so a missing WARC is noticed even if its manifest is
    gone. It lists keys, reads manifests, and checks each object missing from the list once more by its key.
    """
    there = {key for prefix in (MANIFESTS, WARCS, CDXJS, TEXTS) for key in store.keys(prefix)}
    warcs = {manifest: warc for manifest, warc in known if manifest}
    manifests = sorted(warcs.keys() | {key for key in there if key.startswith(MANIFESTS)})
    for done, manifest in enumerate(manifests, 1):
        for key in _named_by(store, manifest, warcs.get(manifest), there):
            if key not in there and store.stat(key) is None:
                yield key
        progress(done, len(manifests))


def _named_by(store: ObjectStore, manifest: str, warc: str | None, there: Collection[str]) -> list[str]:
    """Return the key of the manifest, and the keys that it names if it can be read."""
    if manifest in there and (read := _manifest(store, manifest)):
        return [entry.key for entry in read.objects]
    return [key for key in (manifest, warc) if key]


def ingest_orphan(store: ObjectStore, orphan: Orphan, ingest: Callable[[Path, str], object]) -> bool:
    """Ingest a WARC that no manifest names, by `ingest(file, collection)`. Return False for other objects.

    Raises IntegrityError if it is damaged, and what `ingest` raises.
    """
    if not orphan.key.startswith(WARCS):
        return False
    with tempfile.TemporaryDirectory(prefix="pressmark-adopt-") as directory:
        path = Path(directory) / orphan.key.rpartition("/")[2]
        with store.get(orphan.key) as held, path.open("wb") as copy:
            shutil.copyfileobj(held, copy, 1 << 20)
        with path.open("rb") as copy:
            digest = sha256_file(copy)
        if digest != sha256_of_key(orphan.key):
            raise IntegrityError(f"{orphan.key} has the SHA-256 {digest}: it is damaged, and no manifest lists it")
        ingest(path, collection_of_key(orphan.key))
    return True


def _manifests(store: ObjectStore) -> Iterator[Manifest]:
    yield from filter(None, (_manifest(store, key) for key in store.keys(MANIFESTS)))


def _manifest(store: ObjectStore, key: str) -> Manifest | None:
    """Return a manifest; None if it is damaged."""
    try:
        with store.get(key) as file:
            return Manifest.parse(file.read(), key)
    except IntegrityError:
        return None
