from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.values.digest import Sha256
from archive.values.errors import IntegrityError
from archive.warc.ledger import Head, Part, Record, current, part_of, within

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
NO_HASH = Sha256("0" * 64)


def part(first: int, last: int, level: int, worker: str = "main") -> Part:
    return Part(worker, first, last, level, NO_HASH)


def tree(size: int) -> list[Part]:
    """Return all parts that rolling up `size` parts by twos makes, none of them deleted."""
    parts, level = [part(number, number, 0) for number in range(1, size + 1)], 0
    row = parts[:]
    while len(row) > 1:
        level += 1
        row = [part(one.first, two.last, level) for one, two in zip(row[::2], row[1::2], strict=False)]
        parts += row
    return parts


@given(st.text(min_size=1, max_size=20), st.integers(0, 9), st.integers(1, 10**9))
def test_a_key_names_its_part(worker: str, level: int, number: int) -> None:
    whole = Part(worker, number, number + 3, level, NO_HASH)

    assert part_of(whole.key) == whole


@pytest.mark.parametrize("key", ["ledger/v1/main/x.jsonl.zst", "warc/v1/a/0-0000000001-0000000001.jsonl.zst", ""])
def test_another_key_names_no_part(key: str) -> None:
    assert part_of(key) is None


@given(st.integers(0, 40), st.data())
def test_the_current_parts_hold_each_number_once_whatever_was_deleted(size: int, data: st.DataObject) -> None:
    parts = tree(size)
    replaced = [one for one in parts if any(one in within(parts, other) for other in parts)]
    deleted = data.draw(st.sets(st.sampled_from(replaced))) if replaced else set()
    left = [one for one in parts if one not in deleted]

    numbers = [number for one in current(left) for number in range(one.first, one.last + 1)]
    assert numbers == list(range(1, size + 1))


def test_parts_of_other_workers_replace_nothing() -> None:
    assert current([part(1, 1, 0), part(1, 2, 1, "other")]) == [part(1, 1, 0), part(1, 2, 1, "other")]


def test_a_head_reads_back_and_belongs_under_its_key() -> None:
    head = Head("main", 0, 2, 2, NOON, NO_HASH, None, "pressmark/1")

    assert Head.parse(head.line(), part(2, 2, 0).key) == head
    with pytest.raises(IntegrityError, match="under the key of another"):
        Head.parse(head.line(), part(3, 3, 0).key)
    with pytest.raises(IntegrityError, match="this version reads"):
        Head.parse(head.line().replace(b"ledger-1", b"ledger-2"), part(2, 2, 0).key)
    with pytest.raises(IntegrityError, match="is damaged"):
        Head.parse(b"", part(2, 2, 0).key)


def test_a_record_with_half_a_surrogate_pair_is_a_line_of_ascii() -> None:
    line = Record("page", ("a", "https://example.org/\ud800"), {"url": "\ud800"}).line(NOON)

    assert line.isascii()
    assert line.count(b"\n") == 1
