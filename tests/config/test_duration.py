from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from config.duration import Duration, Size, duration_in_words, format_duration, format_size, parse_duration, parse_size


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("2s", 2), ("15m", 900), ("6h", 21600), ("1d", 86400), ("1h30m", 5400), ("1.5h", 5400), ("500ms", 0.5), ("0", 0)],
)
def test_a_duration_is_a_number_and_a_unit(text: str, seconds: float) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "5", "x", "-2s", "1h x", "2 weeks", "1e3s", "١s x"])
def test_the_error_for_an_invalid_duration_has_examples(text: str) -> None:
    with pytest.raises(ValueError, match=r"invalid duration .*: use a number and a unit, e.g. 30s"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["99999999d", "9" * 400 + "d", "36525d1s"])
def test_a_duration_above_a_century_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="longer than a hundred years"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (0.4, "0 seconds"),
        (90, "1 minute 30 seconds"),
        (3600, "1 hour"),
        (86400 * 30, "30 days"),
        (86400 + 7200 + 60 + 1, "1 day 2 hours 1 minute 1 second"),
    ],
)
def test_a_duration_in_words_has_each_unit_that_is_not_zero(seconds: float, words: str) -> None:
    assert duration_in_words(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize("text", ["", "x", "-1B", "5iB", "5 ib", "1 stone"])
def test_a_size_has_a_known_unit(text: str) -> None:
    with pytest.raises(ValueError, match=r"invalid size .*: use a number and a unit, e.g. 512KiB"):
        parse_size(text)


@pytest.mark.parametrize("text", ["9" * 400, "9" * 400 + "KiB", "9" * 20 + "TiB"])
def test_a_size_beyond_64_bits_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="larger than any disk"):
        parse_size(text)


def test_the_error_for_a_bare_number_asks_for_a_unit() -> None:
    with pytest.raises(ValidationError, match="5 has no unit"):
        TypeAdapter(Duration).validate_python(5)


@given(st.timedeltas(timedelta(0), timedelta(days=36525)))
@example(timedelta(microseconds=1))
def test_a_duration_reads_back_as_it_was_written(duration: timedelta) -> None:
    assert parse_duration(format_duration(duration)) == duration


@pytest.mark.parametrize(
    ("text", "octets"),
    [("512", 512), ("32MiB", 32 << 20), ("20 GB", 20 * 10**9), ("1.5KiB", 1536), ("0B", 0), ("1tib", 1 << 40)],
)
def test_a_size_is_a_number_and_a_unit(text: str, octets: int) -> None:
    assert parse_size(text) == octets


@pytest.mark.parametrize("text", ["", "-1", "3XB", "MiB", "1 2"])
def test_the_error_for_an_invalid_size_has_examples(text: str) -> None:
    with pytest.raises(ValueError, match=r"invalid size .*: use a number and a unit, e.g. 512KiB"):
        TypeAdapter(Size).validate_python(text)


@given(st.integers(0, 1 << 50))
def test_a_size_reads_back_as_it_was_written(octets: int) -> None:
    assert parse_size(format_size(octets)) == octets
