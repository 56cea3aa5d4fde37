from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.values.timestamps import parse_timestamp, timestamp14, timestamp17, timestamp_range

moments = st.datetimes(timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024", "2024-01-01T00:00:00.000000", "2024-12-31T23:59:59.999999"),
        ("2", "2000-01-01T00:00:00.000000", "2999-12-31T23:59:59.999999"),
        ("202", "2020-01-01T00:00:00.000000", "2029-12-31T23:59:59.999999"),
        ("20241", "2024-10-01T00:00:00.000000", "2024-12-31T23:59:59.999999"),
        ("20240", "2024-01-01T00:00:00.000000", "2024-09-30T23:59:59.999999"),
        ("202402", "2024-02-01T00:00:00.000000", "2024-02-29T23:59:59.999999"),
        ("2024022", "2024-02-20T00:00:00.000000", "2024-02-29T23:59:59.999999"),
        ("2023022", "2023-02-20T00:00:00.000000", "2023-02-28T23:59:59.999999"),
        ("2024013", "2024-01-30T00:00:00.000000", "2024-01-31T23:59:59.999999"),
        ("20240131", "2024-01-31T00:00:00.000000", "2024-01-31T23:59:59.999999"),
        ("202401312", "2024-01-31T20:00:00.000000", "2024-01-31T23:59:59.999999"),
        ("202401311213", "2024-01-31T12:13:00.000000", "2024-01-31T12:13:59.999999"),
        ("20240131121314", "2024-01-31T12:13:14.000000", "2024-01-31T12:13:14.999999"),
        ("20240131121314015", "2024-01-31T12:13:14.015000", "2024-01-31T12:13:14.015999"),
        ("2024-01", "2024-01-01T00:00:00.000000", "2024-01-31T23:59:59.999999"),
        ("2024-01-31", "2024-01-31T00:00:00.000000", "2024-01-31T23:59:59.999999"),
        ("2024-01-31T12:13:14Z", "2024-01-31T12:13:14.000000", "2024-01-31T12:13:14.999999"),
        ("2024-01-31 12:13:14", "2024-01-31T12:13:14.000000", "2024-01-31T12:13:14.999999"),
        ("2024-01-31T12:13:14.000015+02:00", "2024-01-31T10:13:14.000015", "2024-01-31T10:13:14.000015"),
    ],
)
def test_a_prefix_of_a_timestamp_stands_for_its_whole_span(text: str, first: str, last: str) -> None:
    start, end = timestamp_range(text)

    assert (f"{start:%Y-%m-%dT%H:%M:%S.%f}", f"{end:%Y-%m-%dT%H:%M:%S.%f}") == (first, last)
    assert (start.tzinfo, end.tzinfo) == (UTC, UTC)


REFUSED = """
x 20241301 2024023x 20240230 2024024 202413 20242 2024013124 0000 2024-13 2024-02-30 yesterday -2024 ２０２４
222222222222222222 2024-01-31T25:00 20240131121360 202401311160 --
"""


@pytest.mark.parametrize("text", ["", *REFUSED.split()])
def test_the_error_for_an_invalid_time_names_it(text: str) -> None:
    with pytest.raises(ValueError, match="invalid time") as caught:
        parse_timestamp(text)
    assert repr(text) in str(caught.value)


@given(moments)
def test_a_timestamp_is_parsed_to_the_span_of_its_time(at: datetime) -> None:
    for text in (timestamp14(at), timestamp17(at)):
        start, end = timestamp_range(text)
        assert start <= at <= end


@given(moments, st.integers(1, 17))
def test_every_prefix_of_a_timestamp_spans_its_time(at: datetime, digits: int) -> None:
    start, end = timestamp_range(timestamp17(at)[:digits])

    assert start <= at <= end
    assert start == parse_timestamp(timestamp17(at)[:digits])
    assert end == parse_timestamp(timestamp17(at)[:digits], end=True)


def test_a_timestamp_is_in_utc() -> None:
    assert timestamp14(datetime(2024, 1, 31, 1, tzinfo=timezone(timedelta(hours=8)))) == "20240130170000"
