"""Sealed segments: they are found by the name that they had while they were written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from specimens.exchanges import numbered
from specimens.spools import crashed, recovered_later

from archive.spool.sealed import find_segment, journal_of, rename_missing, reopen, sealed_in, sealed_of
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


def test_a_sealed_segment_is_opened_again_and_found_no_more(tmp_path: Path) -> None:
    captures, warc = crashed(tmp_path, [numbered(1)])
    (sealed,) = recovered_later(tmp_path).segments
    assert list(sealed_in(sealed.path.parent.parent)) == [sealed]
    content, lines = sealed.path.read_bytes(), sealed.journal.read_bytes()

    again = reopen(sealed.path.parent.parent, sealed.path, sealed.name)

    assert (again, sealed.name) == (warc, captures[0].location.segment)
    assert (warc.read_bytes(), warc.with_name(f"{sealed.name}.journal.jsonl").read_bytes()) == (content, lines)
    assert list(sealed_in(sealed.path.parent.parent)) == []
    assert not sealed.path.exists() and not sealed.journal.exists()


def test_a_file_is_renamed_only_to_a_free_name(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    rename_missing(old, new)
    assert not new.exists()

    old.write_text("first")
    rename_missing(old, new)
    assert (old.exists(), new.read_text()) == (False, "first")
    old.write_text("second")
    rename_missing(old, new)
    assert (old.read_text(), new.read_text()) == ("second", "first")
