"""The store is down while segments are sealed at full rate.

Nothing is lost, retries are spaced, and all drains in order.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import figure
from faults.proxy import FaultProxy
from faults.segments import seal
from faults.shipping import running, works
from services.waiting import PATIENCE, eventually

from archive.spool.sealed import Sealed
from archive.store import open_store
from archive.store.s3 import S3Store
from archive.store.s3_settings import S3Settings
from archive.values.backoff import Backoff
from archive.values.digest import sha256
from archive.warc.manifest import Manifest

pytestmark = [pytest.mark.s3, pytest.mark.slow]

OUTAGE = figure(20.0, 180.0, 3600.0)
"""Seconds."""
RATE = 50
"""Captures a second, of 30 KB each: the full rate of a worker."""
PAGES = 25


def test_an_outage_at_full_rate_loses_nothing_and_drains_in_order(
    tmp_path: Path, proxy: FaultProxy, proxied_bucket: S3Settings
) -> None:
    with works(tmp_path, open_store(proxied_bucket)) as at:
        before = seal(at.spool, 0, pages=PAGES, page_bytes=30_000)
        at.shipper.add(before)
        with running(at.shipper):
            assert at.shipper.drain(PATIENCE)

            proxy.down = True
            known = len(proxy.calls)
            segments = seal_at_full_rate(at.spool, at.shipper.add)
            waiting, problem = at.shipper.state().waiting, at.shipper.state().problem
            tries = [moment for moment, _ in proxy.calls[known:]]
            proxy.down = False

            began = time.process_time()
            assert at.shipper.drain(PATIENCE + OUTAGE)
            took = time.process_time() - began

        print(f"{len(segments)} segments in {OUTAGE:.0f} s, {len(tries)} tries, drained in {took:.1f} s of CPU")
        assert waiting == len(segments)
        assert problem is not None
        assert f"the bucket pressmark-tests at {proxy.url} can't be reached" in problem
        assert at.shipper.state().problem is None
        assert len(tries) >= 2
        assert not storms(tries)
        assert_all_arrived_in_order([before, *segments], at.manifests(), at.read)
        committed = at.index.segments("committed")
        assert [row.name for row in committed] == [sealed.name for sealed in (before, *segments)]
        assert all(row.problem is None for row in committed)
        assert took < OUTAGE / 3  # three times the sealing rate, in CPU: it does not depend on other work


def seal_at_full_rate(spool: Path, add: Callable[[Sealed], None]) -> list[Sealed]:
    segments: list[Sealed] = []
    began = time.monotonic()
    while (elapsed := time.monotonic() - began) < OUTAGE:
        if len(segments) * PAGES <= elapsed * RATE:
            segments.append(seal(spool, len(segments) + 1, pages=PAGES, page_bytes=30_000))
            add(segments[-1])
        else:
            time.sleep(0.02)
    return segments


def assert_all_arrived_in_order(
    segments: list[Sealed], manifests: list[Manifest], read: Callable[[str], bytes]
) -> None:
    by_name = {manifest.segment: manifest for manifest in manifests}
    assert len(manifests) == len(segments)
    links = [None, *(by_name[sealed.name].link for sealed in segments)]
    for sealed, previous in zip(segments, links, strict=False):
        manifest = by_name[sealed.name]
        assert manifest.previous == previous
        assert sha256(read(manifest.warc.key)) == sealed.sha256


def storms(tries: Sequence[float]) -> bool:
    """Return whether more than one request came within a second."""
    return any(later - earlier < 1 for earlier, later in pairwise(tries))


class NoBackoff(Backoff):
    def left(self) -> float:
        return 0.0


def test_a_shipper_without_backoff_is_caught(tmp_path: Path, proxy: FaultProxy, proxied_bucket: S3Settings) -> None:
    with works(tmp_path, S3Store(proxied_bucket, pause=lambda _seconds: None)) as at:
        at.shipper._patience = NoBackoff()
        proxy.down = True
        at.shipper.add(seal(at.spool, 0))
        with running(at.shipper):
            eventually(lambda: len(proxy.calls) > 20)

    assert storms([moment for moment, _ in proxy.calls])
