"""A process that ships is killed at any instant: shipping again gives one of everything, byte for byte."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import figure
from faults import doomed_shipper
from faults.nursery import Nursery
from faults.segments import seal
from faults.shipping import Works, works

from archive.spool.sealed import Sealed, sealed_in
from archive.store.s3_settings import S3Settings
from archive.values.capture import Capture
from archive.values.digest import sha256
from archive.warc import cdxj, journal
from archive.warc.manifest import Manifest

KILLS = {"local": figure(6, 120, 3000), "s3": figure(4, 80, 2000)}
LARGE = 6 << 20
"""Bytes of a page; three make a segment that is uploaded in parts."""


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with closing(Nursery(doomed_shipper.__file__)) as nursery:
        yield nursery


def ship(nursery: Nursery, directory: Path, s3: dict[str, Any] | None, killed_after: float | None) -> int:
    """Let a process ship, and kill it after this many seconds if it still runs; return its exit code."""
    pid = nursery.start(json.dumps({"directory": str(directory), "s3": s3}))
    if killed_after is not None:
        time.sleep(killed_after)
        os.kill(pid, signal.SIGKILL)
    return nursery.end()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["local", pytest.param("s3", marks=pytest.mark.s3)])
def test_shipping_again_completes_what_a_killed_shipper_left(
    request: pytest.FixtureRequest, tmp_path: Path, nursery: Nursery, kind: str
) -> None:
    s3 = settings_of(request.getfixturevalue("plain_bucket")) if kind == "s3" else None
    luck = random.Random(seed := random.randrange(1 << 32))
    print(f"seed {seed}")
    made = Made(tmp_path)
    for _ in range(2):  # the first makes the database
        made.more(large=False)
        began = time.monotonic()
        assert ship(nursery, tmp_path, s3, None) == 0
    whole = time.monotonic() - began  # the time of an undisturbed round

    killed = 0
    while killed < KILLS[kind]:
        made.more(large=kind == "s3" and killed % 8 == 0)
        killed += ship(nursery, tmp_path, s3, luck.uniform(0, whole)) == -signal.SIGKILL
        if luck.random() < 0.5:
            killed += ship(nursery, tmp_path, s3, luck.uniform(0, whole)) == -signal.SIGKILL
        assert ship(nursery, tmp_path, s3, None) == 0

    with works(tmp_path, doomed_shipper.store_in(tmp_path, s3), grace=timedelta(0)) as at:
        made.assert_all_there_once(at)


class Made:
    """The sealed segments, and their contents."""

    def __init__(self, directory: Path) -> None:
        self._spool = directory / "spool"
        self._sealed: list[tuple[Sealed, list[Capture]]] = []

    def more(self, *, large: bool) -> None:
        for _ in range(2):
            pages = {"pages": 3, "page_bytes": LARGE} if large else {}
            sealed = seal(self._spool, len(self._sealed), **pages)
            listed = [capture for capture in journal.read(sealed.journal) if capture.kind != "failed"]
            self._sealed.append((sealed, listed))
            large = False

    def assert_all_there_once(self, at: Works, *, in_order: bool = True) -> None:
        """Assert that all are there.

        With `in_order`, as they were sealed; a segment that the disk refuses lets others go first.
        """
        manifests = at.manifests()
        assert [manifest.segment for manifest in manifests] == [sealed.name for sealed, _ in self._sealed]
        assert len(list(at.store.keys())) == 4 * len(self._sealed)
        for manifest, (sealed, listed) in zip(manifests, self._sealed, strict=True):
            assert manifest.warc.sha256 == sealed.sha256
            for entry in manifest.objects:
                assert sha256(at.read(entry.key)) == entry.sha256
            assert (
                by_record(cdxj.read(at.read(manifest.cdxj.key))) == by_record(listed) == by_record(at.indexed(sealed))
            )
        assert_one_chain(manifests if in_order else as_linked(manifests))
        released = [row.name for row in at.index.segments("released")]
        assert (released if in_order else sorted(released)) == [sealed.name for sealed, _ in self._sealed]
        assert list(sealed_in(at.spool)) == []
        assert list((at.spool / "sealed").iterdir()) == []


def by_record(captures: Any) -> list[Capture]:
    return sorted(captures, key=lambda capture: capture.record_id)


def as_linked(manifests: list[Manifest]) -> list[Manifest]:
    """Return the manifests in the order of their chain, as far as it goes."""
    after = {manifest.previous: manifest for manifest in manifests}
    found, last = [], after.get(None)
    while last is not None:
        found.append(last)
        last = after.get(last.link)
    assert len(found) == len(manifests)
    return found


def assert_one_chain(manifests: list[Manifest]) -> None:
    assert [manifest.previous for manifest in manifests] == [None, *(manifest.link for manifest in manifests[:-1])]


def settings_of(bucket: S3Settings) -> dict[str, Any]:
    fields = asdict(bucket)
    return {key: fields[key] for key in ("bucket", "endpoint", "access_key", "secret_key", "prefix", "ca")}
