"""Sealed segments: they are found by the name that they had while they were written."""

from __future__ import annotations

from pathlib import Path

from specimens.exchanges import numbered
from specimens.spools import crashed, recovered_later

from archive.spool.sealed import find_segment


def test_a_segment_is_found_where_it_is_now(tmp_path: Path) -> None:
    captures, warc = crashed(tmp_path, [numbered(1)])
    name = captures[0].location.segment
    other = f"{name[:-1]}{'1' if name[-1] == '0' else '0'}"
    failed = warc.with_name(f"{name}.warc.gz.failed")
    assert find_segment(warc, name) == warc

    warc.rename(failed)
    assert find_segment(warc, name) == failed
    (sealed,) = recovered_later(tmp_path).segments
    assert find_segment(warc, name) == sealed.path
    assert find_segment(warc, other) is None
