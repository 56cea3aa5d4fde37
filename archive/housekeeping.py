"""What a store gathers that nobody asked for: uploads that never ended, and objects that no manifest names.

The first are abandoned. The second come from a worker that died between a WARC and its manifest, and whose spool is
lost: they are listed and, when they are whole, adopted. Nothing is ever removed.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from archive.digest import sha256_file
from archive.errors import IntegrityError
from archive.keys import CDXJS, MANIFESTS, TEXTS, WARCS, collection_of_key, sha256_of_key
from archive.manifest import Manifest
from archive.store import ObjectStore

UNFINISHED = timedelta(hours=24)
"""An upload that began so long ago is dead."""
LONELY = timedelta(hours=48)
"""An object that old would have its manifest by now."""


@dataclass(frozen=True, slots=True)
class Orphan:
    """An object that no manifest names."""

    key: str
    size: int
    at: datetime | None
    """When it was put."""


def orphans(store: ObjectStore, now: datetime) -> Iterator[Orphan]:
    """The objects that are older than 48 hours and that no manifest of the store names. Raises StoreError.

    Every manifest is read. A damaged one names nothing: what belongs to it is listed here too, and adopting it is
    harmless.
    """
    held = [key for prefix in (WARCS, CDXJS, TEXTS) for key in store.keys(prefix)]
    named = {key for manifest in _manifests(store) for key in (entry.key for entry in manifest.objects)}
    for key in held:
        stat = store.stat(key) if key not in named else None
        if stat is not None and (stat.at is None or stat.at < now - LONELY):
            yield Orphan(key, stat.size, stat.at)


def adopt(store: ObjectStore, orphan: Orphan, ingest: Callable[[Path, str], object]) -> bool:
    """Take a WARC that no manifest names into the archive, by `ingest(file, collection)`. False for what is no WARC.

    Raises IntegrityError when it is damaged, and what `ingest` raises.
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
            raise IntegrityError(f"{orphan.key} has the SHA-256 {digest}: it is damaged, and no manifest names it")
        ingest(path, collection_of_key(orphan.key))
    return True


def _manifests(store: ObjectStore) -> Iterator[Manifest]:
    for key in store.keys(MANIFESTS):
        try:
            with store.get(key) as file:
                content = file.read()
            yield Manifest.parse(content, key)
        except IntegrityError:
            continue
