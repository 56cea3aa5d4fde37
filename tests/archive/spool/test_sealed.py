"""Sealed segments: they are found by the name that they had while they were written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from specimens.exchanges import numbered
from specimens.spools import crashed, recovered_later

from archive.spool.sealed import find_segment, journal_of, sealed_of
from archive.warc.journal import load


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


def test_a_segment_whose_journal_is_torn_or_has_no_end_is_not_sealed(tmp_path: Path) -> None:
    crashed(tmp_path, [numbered(1)])
    (sealed,) = recovered_later(tmp_path).segments
    journal = load(journal_of(sealed.path))
    assert sealed_of(sealed.path, journal) == sealed

    assert sealed_of(sealed.path, replace(journal, torn=True)) is None
    assert sealed_of(sealed.path, replace(journal, closing=None)) is None
