"""The bytes of an export's ZIP file: its headers, and entries beyond 4 GiB."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from specimens.archives import LATER

from archive.export.zip_stream import StreamedZip

LOCAL, NAME_AND_EXTRA = 30, 26
"""Bytes of a local header, and where in it the two lengths are (APPNOTE 4.3.7)."""
TIME = 0x5455
OVER = (1 << 32) + 1
ZEROS = bytes(1 << 22)


def small(path: Path) -> Path:
    package = StreamedZip(LATER)
    with path.open("wb") as file:
        for stored in (True, False):
            file.writelines(package.add(f"archive/{stored}", [b"one", b"two"], stored=stored))
        file.writelines(package.end())
    return path


def test_an_entry_has_an_extra_field_in_the_directory_if_it_has_one_in_its_local_header(tmp_path: Path) -> None:
    """Range readers use the lengths in the directory for the local header if the directory has no extra field."""
    path = small(tmp_path / "a.zip")
    octets = path.read_bytes()

    with zipfile.ZipFile(path) as package:
        assert package.testzip() is None
        for info in package.infolist():
            _, extra = struct.unpack_from("<HH", octets, info.header_offset + NAME_AND_EXTRA)
            assert extra > 0
            assert info.extra != b""


def test_an_entry_has_its_time_to_the_second_in_utc(tmp_path: Path) -> None:
    with zipfile.ZipFile(small(tmp_path / "a.zip")) as package:
        [first, _] = package.infolist()

    assert struct.unpack("<HHBL", first.extra) == (TIME, 5, 1, int(LATER.timestamp()))


@pytest.mark.slow
@pytest.mark.costly
def test_an_entry_above_4_gib_and_the_next_one_are_read(tmp_path: Path) -> None:
    """The file is sparse: runs of zeros are not written."""
    path, package = tmp_path / "large.zip", StreamedZip(LATER)
    with path.open("wb") as file:
        for piece in package.add("archive/large", zeros(OVER), stored=True):
            if piece.strip(b"\0"):
                file.write(piece)
            else:
                file.seek(len(piece), 1)
        file.writelines(package.add("after.json", [b"{}"]))
        file.writelines(package.end())

    with zipfile.ZipFile(path) as read:
        large, after = read.infolist()
        assert (large.file_size, large.compress_size) == (OVER, OVER)
        assert after.header_offset > OVER
        assert read.read("after.json") == b"{}"
        with read.open(large) as content:
            assert content.read(10) == bytes(10)


def zeros(count: int) -> Iterator[bytes]:
    while count:
        piece = ZEROS[:count]
        count -= len(piece)
        yield piece
