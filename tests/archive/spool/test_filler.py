"""A filler has exactly the requested length, and is a valid record for every reader."""

from __future__ import annotations

import gzip
import io

import pytest
from fastwarc.warc import ArchiveIterator
from hypothesis import given
from hypothesis import strategies as st
from specimens.exchanges import MORNING
from warcio.archiveiterator import ArchiveIterator as WarcioIterator

from archive.spool.filler import LEAST, filler
from archive.values.capture import Context
from archive.warc.exchange import Exchange, Request, Response
from archive.warc.exchange_records import new_id, records
from archive.warc.integrity.verify import flaws
from archive.warc.record import read

BORDERS = [n * 65_540 + 18 + more for n in (1, 2, 3) for more in range(-6, 7)]


@given(st.integers(LEAST, 5_000) | st.integers(LEAST, 400_000) | st.sampled_from(BORDERS), st.booleans())
def test_a_filler_is_one_intact_record_of_exactly_that_length(length: int, accompanies: bool) -> None:
    of = new_id() if accompanies else None

    member = b"".join(filler(length, at=MORNING, companion_of=of))

    (record,) = read(io.BytesIO(member))
    assert (len(member), record.length, record.type) == (length, length, "metadata")
    assert (record.url, record.at, record.header("warc-concurrent-to")) == (None, MORNING, of)
    assert list(flaws(record)) == []
    assert len(list(ArchiveIterator(io.BytesIO(member)))) == 1
    assert gzip.decompress(member).startswith(b"WARC/1.1\r\n")


@pytest.mark.parametrize("length", range(LEAST, 320))
def test_readers_of_the_field_read_a_short_filler(length: int) -> None:
    member = b"".join(filler(length, at=MORNING, companion_of=new_id()))

    [record] = WarcioIterator(io.BytesIO(member))
    assert (len(member), record.rec_type, record.content_stream().read().strip()) == (length, "metadata", b"")
    assert len(list(ArchiveIterator(io.BytesIO(member)))) == 1


def test_every_record_of_ours_is_longer_than_the_shortest_filler() -> None:
    sizes: list[int] = []
    for head in (b"", b"GET / HTTP/1.1\r\n\r\n"):
        for response in (None, Response(b"HTTP/1.1 200 OK\r\n\r\n", 200, (), b"", 0)):
            exchange = Exchange(Request("GET", "http://a/", head), response, MORNING)
            records(exchange, Context("c", "", ""), lambda member: sizes.append(len(member)))

    assert min(sizes) > LEAST + 20
    with pytest.raises(ValueError, match="can't be"):
        list(filler(LEAST - 40, at=MORNING, companion_of=new_id()))
