"""The journal has the acknowledged captures, and torn or wrong lines are skipped."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from specimens.captures import NOON, capture_of, captures

from archive.values.digest import sha256
from archive.warc.journal import Closing, Heading, closing_line, heading_line, line, load, parse, read

HEADING = Heading("20260131T120000Z-7-0-ab12cd34", "default", "worker-1", 7, NOON)
CLOSING = Closing(sha256(b"x"), 12, NOON + timedelta(minutes=5))


@given(captures())
def test_a_capture_is_parsed_from_its_line(capture: object) -> None:
    text = line(capture)  # type: ignore[arg-type]

    assert text.count(b"\n") == 1
    assert parse(text).captures == (capture,)


@given(st.lists(captures(), max_size=3), st.floats(0, 1))
def test_a_cut_leaves_the_complete_lines(kept: list[object], where: float) -> None:
    lines = [heading_line(HEADING), *(line(capture) for capture in kept), closing_line(CLOSING)]  # type: ignore[arg-type]
    octets = b"".join(lines)
    cut = int(len(octets) * where)

    journal = parse(octets[:cut])

    whole = octets[:cut].count(b"\n")
    assert list(journal.captures) == kept[: max(0, whole - 1)]
    assert (journal.heading == HEADING) == (whole > 0)
    assert (journal.closing == CLOSING) == (whole == len(lines))
    assert journal.torn == (not octets[:cut].endswith(b"\n") and cut > 0)
    assert journal.damaged == (whole == 0)


@given(captures(), captures(), st.data())
def test_a_line_with_a_flipped_bit_is_never_accepted(first: object, second: object, data: st.DataObject) -> None:
    good, bad = line(first), bytearray(line(second))  # type: ignore[arg-type]
    bit = data.draw(st.integers(0, len(bad) * 8 - 1))
    bad[bit // 8] ^= 1 << bit % 8

    journal = parse(good + bad)

    assert journal.captures == (first,)
    assert journal.torn


def test_a_journal_consists_of_heading_captures_and_closing(tmp_path: Path) -> None:
    path = tmp_path / "j"
    path.write_bytes(heading_line(HEADING) + line(capture_of()) + closing_line(CLOSING))

    journal = load(path)

    assert (journal.heading, journal.captures, journal.closing, journal.torn) == (
        HEADING,
        (capture_of(),),
        CLOSING,
        False,
    )
    assert list(read(path)) == [capture_of()]


def test_a_wrong_line_counts_as_damage_and_a_torn_one_does_not() -> None:
    whole = heading_line(HEADING) + line(capture_of())
    wrong = line(capture_of()).replace(b"source", b"sauce")

    assert not parse(whole).damaged
    assert not parse(whole + wrong[:-1]).damaged
    assert parse(whole + wrong).damaged
    assert parse(heading_line(HEADING) + wrong + line(capture_of())).damaged
    assert parse(line(capture_of())).damaged


def test_a_missing_file_is_an_empty_journal(tmp_path: Path) -> None:
    assert load(tmp_path / "none").heading is None
    assert list(read(tmp_path / "none")) == []


def test_a_line_with_an_unknown_field_is_not_accepted() -> None:
    text = line(capture_of()._replace(source='x","bogus":"y'))

    assert parse(text).captures[0].source == 'x","bogus":"y'
    assert parse(text.replace(b"source", b"sauce")).torn
