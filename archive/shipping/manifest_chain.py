"""The chain of manifests: each names the one before it of the same collection and worker, and its hash.

So a manifest can't be removed from the store, or changed, without contradicting the next one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from threading import Lock

from archive.shipping.purge_chains import purged_manifests
from archive.store import ObjectStore
from archive.store.failover import with_failover
from archive.values.atomic_files import write_whole
from archive.values.digest import Sha256, sha256
from archive.values.errors import IntegrityError
from archive.warc.keys import chain_prefix
from archive.warc.manifest import Link, Manifest

_UPLOADING = "uploading"
"""The name in the file for the manifests whose upload began, by the prefix of their chain."""


class Chain:
    """The ends of the chains that this spool has uploaded, stored in a small file of the spool.

    If the file is lost, the ends are the newest manifests in the store or in its replicas.
    """

    def __init__(self, path: Path, store: ObjectStore, known: Callable[[], Iterable[str]] = frozenset) -> None:
        """Open the file. `known` returns keys of manifests that were uploaded: lists of some stores lag behind."""
        self._known = known
        self._path = path
        self._store = store
        self._places = with_failover(store, writes=True)
        self._lock = Lock()
        for unfinished in path.parent.glob(f".{path.name}.*.tmp"):  # from a killed process; the spool is ours
            unfinished.unlink(missing_ok=True)

    def end(self, collection: str, worker: str) -> Link | None:
        """Return the last manifest of a chain; None if the next one will be the first. Raises StoreError."""
        prefix = chain_prefix(collection, worker)
        with self._lock:
            content = self._read()
            noted = content.get(prefix)
            end = Link(noted["segment"], Sha256(noted["sha256"])) if noted else self._newest(prefix)
            landed = self._landed(content.get(_UPLOADING, {}).get(prefix), end)
            if landed:
                self._note(prefix, landed)
        return landed or end

    def begin(self, collection: str, worker: str, key: str) -> None:
        """Note that the upload of the manifest under `key` begins.

        If it ends with an error, or the process ends, the store may have the manifest nevertheless. Then the next one
        must follow it; otherwise two manifests would follow the same one.
        """
        with self._lock:
            content = self._read()
            self._write(content | {_UPLOADING: content.get(_UPLOADING, {}) | {chain_prefix(collection, worker): key}})

    def advance(self, manifest: Manifest) -> None:
        """Note that `manifest` was uploaded: it is the end now. Repeating this is harmless."""
        with self._lock:
            self._note(chain_prefix(manifest.collection, manifest.worker), manifest.link)

    def _note(self, prefix: str, end: Link) -> None:
        content = self._read()
        uploading = {other: key for other, key in content.pop(_UPLOADING, {}).items() if other != prefix}
        self._write(content | {prefix: asdict(end)} | ({_UPLOADING: uploading} if uploading else {}))

    def _write(self, content: dict[str, dict[str, str]]) -> None:
        write_whole(self._path, json.dumps(content, sort_keys=True, indent=1).encode())

    def _read(self) -> dict[str, dict[str, str]]:
        try:
            ends = json.loads(self._path.read_bytes())
        except (FileNotFoundError, ValueError):
            return {}
        return ends if isinstance(ends, dict) else {}

    def _landed(self, key: str | None, end: Link | None) -> Link | None:
        """Return the manifest whose upload began last, if the first store has it intact and it follows `end`.

        Replicas get it from the first store, so they need not respond.
        """
        if key is None or self._store.size(key) is None:
            return None
        with self._store.get(key) as file, suppress(IntegrityError):  # a damaged one is uploaded again unchanged
            manifest = Manifest.parse(file.read(), key)
            return manifest.link if manifest.previous == end else None
        return None

    def _newest(self, prefix: str) -> Link | None:
        purged = {one.key: one.link for one in purged_manifests(self._store) if one.key.startswith(prefix)}
        listed = {*self._places.keys(prefix), *purged}
        unlisted = sorted((key for key in self._known() if key.startswith(prefix)), reverse=True)
        newest = max(listed, default="")
        key = next((key for key in unlisted if key > newest and self._places.size(key) is not None), newest)
        if not key:
            return None
        if key in purged:
            return purged[key]
        with self._places.get(key) as file:
            content = file.read()
        return Link(key.rpartition("/")[2].removesuffix(".json"), sha256(content))
