"""A line of a month is read as its row was, whatever its key says."""

from __future__ import annotations

import pytest
from specimens.captures import capture_of

from archive.index.cdx.row import Row
from archive.index.months.lines import line_of_row, row_of_line
from archive.index.rows import row_of

DAMAGE = ("damaged", "a test", 1_700_000_000_000_000)


@pytest.mark.parametrize("damage", [(None, None, None), DAMAGE])
@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/",
        'https://example.org/?x,"damaged":["damaged",null,1],"row":7',
        'https://example.org/,"damaged":1',
        'https://example.org/?"filename":"other.warc.gz","record":"<urn:uuid:0>"',
    ],
)
def test_a_line_is_read_as_its_row_was(url: str, damage: tuple[object, ...]) -> None:
    """The key of a URL keeps quotation marks, so that a site can write what looks like a field."""
    capture = capture_of(url)
    row = Row._make((*row_of(capture, capture.location.segment), *damage, 5))

    assert row_of_line(line_of_row(row).encode("ascii")) == row
