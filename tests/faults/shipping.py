"""A shipper with everything it needs, a clock that a test sets, and ways to stop it in the middle."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

from faults.segments import START, texts_of

from archive.database.engine import Database, open_database
from archive.index.index import Index
from archive.shipping.shipper import Shipper
from archive.shipping.sidecars import read_texts
from archive.spool.sealed import Sealed
from archive.spool.spool import DIRECTORIES
from archive.store import ObjectStore
from archive.store.memory import MemoryStore
from archive.texts.texts import TextRow, Texts
from archive.values.capture import Capture
from archive.values.digest import sha256
from archive.warc import cdxj, journal
from archive.warc.manifest import Manifest


class Crash(BaseException):
    """The process ends here: none of our code may catch it."""


class Clock:
    def __init__(self) -> None:
        self.at = START + timedelta(days=1)

    def __call__(self) -> datetime:
        return self.at


class Fuse:
    """Lets this many calls of its objects pass, then crashes: before the call has an effect, or after."""

    def __init__(self, calls: int, *, after: bool = False) -> None:
        self.left = calls
        self.after = after

    def around(self, thing: Any) -> Any:
        return _Fused(thing, self)


class _Fused:
    def __init__(self, thing: Any, fuse: Fuse) -> None:
        self._thing = thing
        self._fuse = fuse

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._thing, name)
        if not callable(method):
            return method
        return lambda *arguments, **options: self._call(method, arguments, options)

    def _call(self, method: Callable[..., Any], arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
        fuse = self._fuse
        fuse.left -= 1
        if fuse.left < 0 and not fuse.after:
            raise Crash
        result = method(*arguments, **options)
        if fuse.left < 0:
            raise Crash
        return result


@dataclass
class Works:
    """One start of a process that ships: the same directory may be opened again, as after a crash."""

    directory: Path
    store: ObjectStore
    database: Database
    index: Index
    texts: Texts
    clock: Clock
    shipper: Shipper

    @property
    def spool(self) -> Path:
        return self.directory / "spool"

    def manifests(self) -> list[Manifest]:
        return [Manifest.parse(self.read(key), key) for key in self.store.keys("manifest/v1/")]

    def read(self, key: str) -> bytes:
        with self.store.get(key) as file:
            return file.read()

    def indexed(self, sealed: Sealed) -> list[Capture]:
        found = self.index.captures("https://news.example/", match="host")
        return [capture for capture in found if capture.location.segment == sealed.name]


@contextmanager
def works(
    directory: Path,
    store: ObjectStore,
    *,
    read_texts: Callable[[Sealed], Sequence[TextRow]] = texts_of,
    fuse: Fuse | None = None,
    **options: Any,
) -> Iterator[Works]:
    clock = Clock()
    database = open_database(f"sqlite:///{directory / 'pressmark.db'}")
    index = Index(database, now=clock)
    for part in DIRECTORIES:
        (directory / "spool" / part).mkdir(parents=True, exist_ok=True)
    around = fuse.around if fuse else lambda thing: thing
    shipper = Shipper(around(store), around(index), read_texts, spool=directory / "spool", now=clock, **options)
    try:
        yield Works(directory, store, database, index, Texts(database), clock, shipper)
    finally:
        store.close()
        database.close()


@contextmanager
def running(shipper: Shipper) -> Iterator[None]:
    """Run the shipper in its thread."""
    thread = Thread(target=shipper.run)
    thread.start()
    try:
        yield
    finally:
        shipper.stop()
        thread.join(60)
        assert not thread.is_alive()


def assert_whole(at: Works, sealed: Sealed) -> Manifest:
    """Assert that the store has the segment and its sidecars, and the index says so; everything once."""
    (manifest,) = [manifest for manifest in at.manifests() if manifest.segment == sealed.name]
    for entry in manifest.objects:
        content = at.read(entry.key)
        assert (len(content), sha256(content)) == (entry.size, entry.sha256)
    listed = [capture for capture in journal.read(sealed.journal) if capture.kind != "failed"]
    assert sorted(cdxj.read(at.read(manifest.cdxj.key)), key=repr) == sorted(listed, key=repr)
    assert sorted(at.indexed(sealed), key=repr) == sorted(listed, key=repr)
    assert manifest.text is not None
    assert read_texts(at.read(manifest.text.key)) == [
        at.texts.of(row.record_id) for row in sorted(texts_of(sealed), key=lambda row: row.record_id)
    ]
    row = at.index.segment(sealed.name)
    assert row is not None
    assert (row.state, row.manifest_key, row.object_key) == ("committed", manifest.key, manifest.warc.key)
    return manifest


def contents(at: Works) -> dict[str, bytes]:
    keys = at.store.keys()
    return {key: at.read(key) for key in keys}


def state_of(at: Works, sealed: Sealed) -> str | None:
    row = at.index.segment(sealed.name)
    return row.state if row else None


def wait_until(true: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.01)


def damage(store: MemoryStore, key: str) -> None:
    with store.get(key) as file:
        content = bytearray(file.read())
    content[len(content) // 2] ^= 4
    store.put(key, io.BytesIO(content), sha256(bytes(content)), replace=True)
