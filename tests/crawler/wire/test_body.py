"""A body is in memory while it is small, and in a file when it is not."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.wire.body import Body
from crawler.wire.http1 import Answer
from crawler.wire.recording import WireLimits


@given(st.lists(st.binary(max_size=40), max_size=20), st.integers(0, 200))
def test_the_bytes_written_are_the_bytes_taken(pieces: list[bytes], memory: int) -> None:
    body = Body(memory)
    for piece in pieces:
        body.write(piece)

    whole = b"".join(pieces)
    assert body.length == len(whole)
    taken = body.release()
    if isinstance(taken, bytes):
        assert (taken, len(whole) <= memory) == (whole, True)
    else:
        with taken:
            assert (taken.read(), len(whole) > memory) == (whole, True)


def test_a_file_has_no_name_and_is_in_the_given_directory(tmp_path: Path) -> None:
    body = Body(10, tmp_path)
    body.write(bytes(11))

    taken = body.release()
    assert not isinstance(taken, bytes)
    with taken:
        assert list(tmp_path.iterdir()) == []


def test_a_missing_directory_only_costs_the_rest_of_the_body(tmp_path: Path) -> None:
    limits = WireLimits(memory_bytes=10, directory=tmp_path / "missing")
    body = Body(limits.memory_bytes, limits.directory)
    answer = Answer("GET", limits, body, page_bytes=0)

    with pytest.raises(FileNotFoundError):
        answer.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n" + bytes(20))

    assert answer.head
    assert body.release() == bytes(20)


def test_a_full_disk_is_reported_and_what_was_written_before_is_counted(tmp_path: Path) -> None:
    body = Body(10, tmp_path)
    body.write(bytes(4000))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (6000, before[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            body.write(bytes(4000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    taken = body.release()
    assert not isinstance(taken, bytes)
    with taken:
        assert len(taken.read()) == body.length == 6000
