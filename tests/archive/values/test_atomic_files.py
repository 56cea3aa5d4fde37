"""Files are written atomically, and a file that the disk can't read is named."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from archive.values.atomic_files import fsync_directory, reading, write_whole
from archive.values.errors import IntegrityError


def test_a_file_is_replaced_atomically(tmp_path: Path) -> None:
    write_whole(tmp_path / "a", b"one")
    write_whole(tmp_path / "a", b"two")

    assert (tmp_path / "a").read_bytes() == b"two"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(IsADirectoryError):
        write_whole(tmp_path / "a", b"one")

    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").is_dir()


def test_only_directories_are_fsynced_for_names(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    fsync_directory(tmp_path)
    with pytest.raises(NotADirectoryError):
        fsync_directory(tmp_path / "a")


def test_the_error_for_an_unreadable_file_names_it_and_the_way_out(tmp_path: Path) -> None:
    named = rf"{tmp_path}/a can't be read \(Input/output error\).*ddrescue"
    with pytest.raises(IntegrityError, match=named), reading(tmp_path / "a"):
        raise OSError(errno.EIO, "Input/output error")


@pytest.mark.parametrize("error", [FileNotFoundError(errno.ENOENT, "gone"), OSError(errno.ENOSPC, "full")])
def test_a_missing_file_and_a_full_disk_are_not_damage(tmp_path: Path, error: OSError) -> None:
    with pytest.raises(type(error)) as caught, reading(tmp_path / "a"):
        raise error

    assert caught.value is error
