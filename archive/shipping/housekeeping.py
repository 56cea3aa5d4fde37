"""Clean up the store: uploads that never ended, and objects that no manifest names.

The uploads are abandoned. The objects come from a worker that died between a WARC and its manifest, with its spool
lost: they are listed and, if complete, adopted. Only an index or texts may be deleted, if the store has their WARC.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from archive.shipping.sidecars import rows_of
from archive.store import ObjectStore
from archive.store.object_reader import octets_of
from archive.values.digest import sha256_file
from archive.values.errors import DamagedRecord, IntegrityError, ObjectNotFound
from archive.warc import cdxj
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
    named = {entry.key for manifest in _manifests(store) for entry in manifest.objects}
    yield from _old(store, (key for key in held if key not in named), now)


def leftover_sidecars(store: ObjectStore, known: Collection[str], now: datetime) -> list[Orphan]:
    """Return the old indexes and texts that no manifest names, and whose WARC the store has under a manifest.

    Those of a lost WARC are its last trace. There are none while a manifest is damaged, or one of `known` is lost.
    Raises StoreError.
    """
    held, warcs = [key for prefix in (CDXJS, TEXTS) for key in store.keys(prefix)], set(store.keys(WARCS))
    named, segments, there = set[str](), defaultdict[str, set[str]](set), list(store.keys(MANIFESTS))
    if set(known) - set(there):
        return []
    for key in there:
        if (manifest := _manifest(store, key)) is None:
            return []
        named.update(entry.key for entry in manifest.objects)
        if manifest.warc.key in warcs:
            segments[_undigested(manifest.warc.key)].add(manifest.segment)
    old = _old(store, (key for key in held if key not in named and _undigested(key) in segments), now)
    return [one for one in old if one.at and _is_made_of(store, one.key, segments[_undigested(one.key)])]


def _old(store: ObjectStore, keys: Iterable[str], now: datetime) -> Iterator[Orphan]:
    for key in keys:
        stat = store.stat(key)
        if stat is not None and (stat.at is None or stat.at < now - LONELY):
            yield Orphan(key, stat.size, stat.at)


def _undigested(key: str) -> str:
    """Return what the key of a WARC shares with those of its sidecars: collection and time, without kind and digest."""
    return key.split("/", 2)[2].rpartition("-")[0]


def _is_made_of(store: ObjectStore, key: str, segments: Collection[str]) -> bool:
    """Return whether a sidecar tells of these segments alone: WARCs of the same second share all of their key but it.

    One that can't be read tells of none.
    """
    try:
        content = octets_of(store, key)
        if key.startswith(CDXJS):
            return all(capture.location.segment in segments for capture in cdxj.read(content))
        return all(row.segment in segments for row in rows_of(content))
    except (DamagedRecord, IntegrityError, ObjectNotFound):
        return False


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
