"""An archive with a secret page, and what its stores hold before and after a purge."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from specimens.segments import SegmentFile, answered
from specimens.worlds import LATER, World, publish, text_of

from archive.archive import Archive
from archive.database.engine import Database
from archive.index.index import Index
from archive.intake.purge import Purge
from archive.intake.purge_plan import Purged, Why
from archive.store import ObjectStore
from archive.texts.texts import Texts
from archive.values.capture import Capture
from archive.values.digest import Sha256, sha256
from archive.values.errors import StoreUnreachable
from archive.warc import journal
from archive.warc.journal import Heading, heading_line, line
from pressmark.upkeep.audit_store import audit_store

SECRET = b"zanzibarite"
WHY = Why("5f2c81d0", "a court order", "ada")


def world_of(tmp_path: Path, database: Database, another: Callable[[], Database], store: Any) -> World:
    """Return an archive of three segments, the second with a secret page among others. The store alone has them."""
    world = World(tmp_path, database, Index(database, now=lambda: LATER), another, store)
    world.ship(0)
    segment = SegmentFile(tmp_path, "20260131T120100Z-1-1-abcd")
    pages = [
        segment.write(answered(f"https://example.org/{name}", body, minute=1 + number / 60))
        for number, (name, body) in enumerate((("a", b"first"), ("secret", SECRET), ("b", b"last")))
    ]
    texts = [text_of(page) for page in pages]
    world.manifests.append(publish(world.store, segment, texts, world.manifests[-1].link))
    world.index.commit(world.manifests[-1], segment.captures, texts)
    world.ship(2)
    world.index.note_keys(store.keys())
    return world


def secrets_of(world: World, index: Index | None = None) -> list[Capture]:
    return list((index or world.index).captures("https://example.org/secret"))


def purge_these(
    store: Any, index: Index, wanted: Iterable[Capture], *, with_revisits: bool = False, **options: Any
) -> Purged:
    """Purge captures, also those that the plan keeps back: the purge itself must keep them."""
    purging, some = Purge(store, index, **options), list(wanted)
    planned = purging.plan(some, with_revisits=with_revisits).records
    return purging.run(planned | {one.record_id for one in some}, WHY, with_revisits=with_revisits)


def purge(world: World, store: ObjectStore | None = None) -> Any:
    """Purge the secret page; end what was left of an earlier purge."""
    return Purge(store or world.store, world.index).run([one.record_id for one in secrets_of(world)], WHY)


def contents(store: ObjectStore) -> dict[str, bytes]:
    """Return all objects, decompressed."""
    from zstandard import ZstdDecompressor

    found = {}
    for key in store.keys(""):
        with store.get(key) as file:
            content = file.read()
        if key.endswith(".gz"):
            content = gzip.decompress(content)
        elif key.endswith(".zst"):
            content = ZstdDecompressor().decompressobj().decompress(content)
        found[key] = content
    return found


def holding(store: ObjectStore, what: bytes = SECRET) -> list[str]:
    """Return the keys of the objects with some bytes."""
    return [key for key, content in contents(store).items() if what in content]


def readable(world: World, database: Database | None = None, store: ObjectStore | None = None) -> dict[str, bytes]:
    """Return what each capture of the archive has, by URL and time."""
    index = Index(database or world.database, now=lambda: LATER)
    archive = Archive(index, Texts(index.database), store or world.store)
    found = {}
    for capture in index.captures("https://example.org/", match="prefix"):
        assert f"{capture.at} {capture.url}" not in found, "each capture is listed once"
        with archive.open(capture) as snapshot:
            found[f"{capture.at} {capture.url}"] = snapshot.raw().read()
    return found


def findings(store: ObjectStore) -> list[Any]:
    return [finding for checked in audit_store(store) for finding in checked.findings]


def copy_all(first: ObjectStore, replica: ObjectStore) -> None:
    for key in first.keys(""):
        with first.get(key) as file:
            content = file.read()
        replica.put(key, BytesIO(content), sha256(content))


def spooled(spool: Path, directory: str, segment: SegmentFile) -> None:
    """Write the journal of a segment, as a worker that was killed before its index had the captures."""
    (spool / directory).mkdir(parents=True)
    heading = Heading(segment.name, "default", "main", 1, LATER)
    lines = [heading_line(heading), *map(line, segment.captures)]
    (spool / directory / f"{segment.name}{journal.SUFFIX}").write_bytes(b"".join(lines))


class Failing:
    """A store that does not respond any more after some changes."""

    def __init__(self, store: ObjectStore, changes: int) -> None:
        self._store, self.left = store, changes

    def _change(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise StoreUnreachable("the power is off")

    def put(self, key: str, body: BinaryIO, digest: Sha256, *, replace: bool = False) -> Any:
        self._change()
        return self._store.put(key, body, digest, replace=replace)

    def delete(self, key: str) -> None:
        self._change()
        self._store.delete(key)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)
