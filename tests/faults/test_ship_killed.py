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
"""Octets of a page, of which three make a segment that is uploaded in parts."""


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with closing(Nursery(doomed_shipper.__file__)) as nursery:
        yield nursery


def ship(nursery: Nursery, directory: Path, s3: dict[str, Any] | None, killed_after: float | None) -> int:
    """Let a process ship, and kill it after so many seconds if it is still at it; its exit code."""
    pid = nursery.start(json.dumps({"directory": str(directory), "s3": s3}))
    if killed_after is not None:
        time.sleep(killed_after)
        os.kill(pid, signal.SIGKILL)
    return nursery.end()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["local", pytest.param("s3", marks=pytest.mark.s3)])
def test_a_shipper_killed_at_any_instant_leaves_what_shipping_again_completes(
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
    whole = time.monotonic() - began  # what a round takes that nobody disturbs

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
    """The segments that were sealed, and what was in them."""

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

    def assert_all_there_once(self, at: Works) -> None:
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
        assert_one_chain(manifests)
        assert [row.name for row in at.index.segments("released")] == [sealed.name for sealed, _ in self._sealed]
        assert list(sealed_in(at.spool)) == []
        assert list((at.spool / "sealed").iterdir()) == []


def by_record(captures: Any) -> list[Capture]:
    return sorted(captures, key=lambda capture: capture.record_id)


def assert_one_chain(manifests: list[Manifest]) -> None:
    assert [manifest.previous for manifest in manifests] == [None, *(manifest.link for manifest in manifests[:-1])]


def settings_of(bucket: S3Settings) -> dict[str, Any]:
    fields = asdict(bucket)
    return {key: fields[key] for key in ("bucket", "endpoint", "access_key", "secret_key", "prefix", "ca")}
