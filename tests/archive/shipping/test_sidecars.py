"""The sidecars: sorted index lines, and texts that are read back exactly."""

from __future__ import annotations

import io
import random
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from faults.segments import seal, texts_of
from hypothesis import given
from hypothesis import strategies as st

from archive.shipping.sidecars import cdxj_bytes, read_texts, rows_in, text_bytes, write_texts
from archive.texts.texts import TextRow
from archive.values.errors import IntegrityError
from archive.warc import cdxj, journal
from archive.warc.cdxj_members import plain

# Titles may come from a page's own JSON, which can contain lone surrogates.
anything = st.none() | st.text(st.characters(), max_size=30)
rows = st.builds(
    TextRow,
    record_id=st.uuids().map(str),
    segment=st.text("ab", min_size=1),
    url=st.text(min_size=1),
    at=st.datetimes(datetime.fromisoformat("1970-01-01"), timezones=st.just(UTC)),
    digest=anything,
    state=st.sampled_from(["done", "none", "failed"]),
    reason=anything,
    title=anything,
    text=st.none() | st.text(st.characters(), max_size=300),
)


def test_there_is_no_sidecar_of_no_texts() -> None:
    assert text_bytes([]) == b""


@given(st.lists(rows, min_size=1, max_size=5, unique_by=lambda row: row.record_id))
def test_texts_are_read_back_exactly_in_the_order_of_their_records(texts: list[TextRow]) -> None:
    assert read_texts(text_bytes(texts)) == sorted(texts, key=lambda row: row.record_id)


def test_the_same_texts_give_the_same_bytes(tmp_path: Path) -> None:
    texts = texts_of(seal(tmp_path, 1))

    assert text_bytes(texts) == text_bytes(texts[::-1])


def test_a_damaged_text_sidecar_is_refused_or_differs(tmp_path: Path) -> None:
    content = text_bytes(texts_of(seal(tmp_path, 1)))
    for length in range(len(content)):
        with pytest.raises(IntegrityError, match="text sidecar is damaged"):
            read_texts(content[:length])


def test_a_sidecar_that_claims_to_be_huge_is_refused_before_it_is_read() -> None:
    # A Zstandard frame header that declares 2**40 bytes.
    bomb = bytes.fromhex("28b52ffd") + bytes([0xC0 | 0x20]) + (1 << 40).to_bytes(8, "little") + b"\x01\x00\x00"

    with pytest.raises(IntegrityError, match="1099511627776 bytes"):
        read_texts(bomb)


def test_a_text_that_would_make_a_sidecar_unreadable_is_failed_with_that_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("WARNING")  # a command that ran in this process may have left another level
    texts = texts_of(seal(tmp_path, 1, pages=9))
    monkeypatch.setattr("archive.shipping.sidecars._LONGEST", 1_500)  # 2 GiB in truth
    read = {row.record_id: row for row in read_texts(text_bytes(texts))}
    failed = [row for row in read.values() if row.state == "failed"]

    assert read.keys() == {row.record_id for row in texts}
    assert 0 < len(failed) < len(texts)
    assert {(row.reason, row.text) for row in failed} == {("the texts of its WARC file have more than 2 GiB", None)}
    assert caplog.text.count("a text does not fit into its sidecar") == len(failed)


def test_the_cdxj_sidecar_is_sorted_and_leaves_out_failed_exchanges(tmp_path: Path) -> None:
    captures = list(journal.read(seal(tmp_path, 1, pages=5).journal))
    lines = plain(cdxj_bytes(captures)).splitlines()

    assert {capture.kind for capture in captures} == {"response", "failed"}
    assert lines == sorted(lines)
    assert len(lines) == 5
    listed = {capture.record_id: capture for capture in captures if capture.kind != "failed"}
    assert {capture.record_id: capture for capture in cdxj.read(cdxj_bytes(captures))} == listed


def _peak(texts: int, directory: Path, *, in_memory: bool) -> int:
    """Return the bytes that are held at once while so many long texts become a sidecar, and are read from it."""
    row = TextRow("", "s", "https://e.org/", datetime(2026, 1, 1, tzinfo=UTC), None, "done")
    chance = random.Random(1)
    rows = (replace(row, record_id=f"{n:06}", text=chance.randbytes(8_000).hex()) for n in range(texts))
    tracemalloc.start()
    try:
        with io.BytesIO() if in_memory else (directory / f"{texts}.zst").open("w+b") as file:
            write_texts(rows, file, directory)
            file.seek(0)
            assert sum(1 for _ in rows_in(file)) == texts
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("in_memory", [False, True], ids=["in a file", "held, which is seen"])
def test_a_segment_of_twice_the_texts_needs_no_more_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_memory: bool
) -> None:
    monkeypatch.setattr("archive.shipping.sidecars._IN_MEMORY", 1 << 20)
    few, many = (_peak(texts, tmp_path, in_memory=in_memory) for texts in (200, 400))

    assert (many < 1.3 * few) is not in_memory
