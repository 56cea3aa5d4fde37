"""A store whose lists lag behind, as those of some servers do for seconds: nothing is taken for lost, or done twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import figure
from faults.lying import Stale
from faults.proxy import FaultProxy
from faults.segments import seal
from faults.shipping import Works, assert_whole, works

from archive.intake.compare import compare
from archive.shipping.housekeeping import lost, orphans
from archive.shipping.unnamed_objects import expected_of
from archive.spool.sealed import Sealed
from archive.store import open_store
from archive.store.s3_settings import S3Settings
from archive.warc.integrity.lineage import broken_links
from pressmark.upkeep.audit_store import audit_store

pytestmark = pytest.mark.s3

SEGMENTS = figure(2, 50, 50)


def shipped(at: Works, first: int = 0) -> list[Sealed]:
    segments = [seal(at.spool, number) for number in range(first, first + SEGMENTS)]
    for sealed in segments:
        at.shipper.ship(sealed)
    return segments


def missed(at: Works) -> list[str]:
    """What is said to be missing or wrong."""
    rows = list(at.index.segments("committed"))
    known = [row.manifest_key for row in rows if row.manifest_key]
    found = [f"compare: {key}" for key in compare(at.store, at.index).missing]
    found += [f"lost: {key}" for key in lost(at.store, [(r.manifest_key, r.object_key) for r in rows], lambda *_: None)]
    audited = audit_store(at.store, known=known, expected=expected_of(rows, at.texts))
    return found + [f"audit: {finding}" for checked in audited for finding in checked.findings]


def test_what_is_put_while_lists_lag_is_shipped_once_and_missed_by_nobody(
    tmp_path: Path, proxy: FaultProxy, proxied_bucket: S3Settings
) -> None:
    with works(tmp_path, open_store(proxied_bucket)) as at:
        segments = shipped(at)
        stale = Stale()
        proxy.faults = [stale]
        segments += shipped(at, SEGMENTS)
        assert missed(at) == []
        assert list(orphans(at.store, at.clock())) == []
        assert stale.left_out, "the lists did lag"
        proxy.faults = []
        for sealed in segments:
            assert_whole(at, sealed)
        assert list(broken_links(at.manifests())) == []
        assert len(list(at.store.keys())) == 4 * 2 * SEGMENTS


def test_an_object_that_is_gone_is_missed_though_lists_lag(
    tmp_path: Path, proxy: FaultProxy, proxied_bucket: S3Settings
) -> None:
    with works(tmp_path, open_store(proxied_bucket)) as at:
        proxy.faults = [Stale()]
        shipped(at)
        gone = min(at.index.manifest_keys())
        at.store.delete(gone)

        assert f"compare: {gone}" in missed(at)
