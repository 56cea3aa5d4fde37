"""An archive of a few segments, and the indexes that are rebuilt from its store."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from specimens.captures import NOON
from specimens.segments import SegmentFile, answered

from archive.database.engine import Database
from archive.index.index import Index
from archive.intake.rebuild import Rebuild, Rebuilt
from archive.shipping.sidecars import text_bytes
from archive.shipping.upload import Publisher
from archive.spool.sealed import Sealed
from archive.store.memory import MemoryStore
from archive.texts.texts import TextRow
from archive.values.capture import Capture
from archive.values.digest import sha256
from archive.warc.manifest import Link, Manifest

LATER = NOON + timedelta(days=1)


@dataclass
class World:
    """An archive, and the contents of its store."""

    directory: Path
    database: Database
    index: Index
    another: Callable[[], Database]
    store: MemoryStore = field(default_factory=MemoryStore)
    manifests: list[Manifest] = field(default_factory=list)

    def ship(self, number: int) -> Manifest:
        """Publish and commit the segment of that number: three pages, a revisit, a 304, a failed exchange."""
        segment = SegmentFile(self.directory, f"20260131T12{number:02}00Z-1-{number}-abcd")
        url = f"https://example.org/{number}"
        pages = [segment.write(answered(f"{url}/{n}", b"%d" % n, minute=number + n / 60)) for n in range(3)]
        segment.revisit(pages[0], answered(f"{url}/same", b"0", minute=number + 0.5))
        segment.unchanged(pages[1], minute=number + 0.6)
        texts = [text_of(page) for page in pages]
        previous = self.manifests[-1].link if self.manifests else None
        manifest = publish(self.store, segment, texts, previous)
        self.index.commit(manifest, segment.captures, texts)
        self.manifests.append(manifest)
        return manifest

    def rebuilt(self, **options: Any) -> tuple[Rebuilt, Database]:
        """Rebuild the index into a new database."""
        database = self.another()
        done = Rebuild(self.store, Index(database, now=lambda: LATER), **options).run()
        return done, database

    def spoil(self, key: str, content: bytes) -> None:
        self.store.put(key, io.BytesIO(content), sha256(content), replace=True)

    def content(self, key: str) -> bytes:
        with self.store.get(key) as file:
            return file.read()


def publish(store: MemoryStore, segment: SegmentFile, texts: list[TextRow], previous: Link | None) -> Manifest:
    times = [capture.at for capture in segment.captures]
    content = segment.path.read_bytes()
    sealed = Sealed(
        name=segment.name,
        path=segment.path,
        journal=segment.path.with_suffix(".none"),
        sha256=sha256(content),
        size=len(content),
        records=1 + 2 * len(times),
        first_at=min(times),
        last_at=max(times),
        collection="default",
        epoch=1,
        worker="w",
    )
    return Publisher(store).publish(sealed, segment.captures, text_bytes(texts) if texts else None, previous)


def text_of(capture: Capture) -> TextRow:
    return TextRow(
        capture.record_id,
        capture.location.segment,
        capture.url,
        capture.at,
        capture.digest,
        "done",
        title="字",
        text="x",
    )
