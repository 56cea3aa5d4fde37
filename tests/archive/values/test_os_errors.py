"""One place decides what an error of the operating system means, and which directory accepts no files."""

from __future__ import annotations

import errno
import os
import re
import sqlite3
from pathlib import Path

import pytest
from services.disks import ext4_disk, no_descriptors, read_only, small_disk

from archive.values.disk import no_more_files, refusal_of
from archive.values.errors import DatabaseFull, DatabaseReadOnly, DatabaseRefused, DatabaseUnreachable
from archive.values.os_errors import Meaning, is_full, is_refusal, meaning_of

ROOT = Path(__file__).parents[3]
OF_ONE_FILE = {
    "archive/store/local.py": "errno.EPERM, errno.ENOTSUP",
    "archive/intake/foreign/wacz.py": "errno.EINVAL",
    "pressmark/cli/operate.py": "errno.EADDRINUSE",
}
"""What concerns one call only: a file system without hard links, an offset before the beginning, an address in use."""


@pytest.mark.parametrize(
    ("number", "meaning"),
    [
        (errno.ENOSPC, Meaning.FULL),
        (errno.EDQUOT, Meaning.FULL),
        (errno.EROFS, Meaning.READ_ONLY),
        (errno.EACCES, Meaning.DENIED),
        (errno.EPERM, Meaning.DENIED),
        (errno.EMFILE, Meaning.NO_FILES),
        (errno.ENFILE, Meaning.NO_FILES),
        (errno.EIO, Meaning.BROKEN),
        (errno.EUCLEAN, Meaning.BROKEN),
        (errno.EBADMSG, Meaning.BROKEN),
        (errno.ENOENT, None),
    ],
)
def test_an_error_has_one_meaning(number: int, meaning: Meaning | None) -> None:
    error = OSError(number, os.strerror(number))

    assert meaning_of(error) is meaning
    assert is_full(error) is (meaning is Meaning.FULL)
    assert is_refusal(error) is (meaning in (Meaning.FULL, Meaning.READ_ONLY, Meaning.NO_FILES))


def test_other_errors_have_none() -> None:
    assert [meaning_of(error) for error in (None, ValueError("no"), OSError("no number"))] == [None] * 3
    assert not is_full(DatabaseRefused("a.db", "no"))
    assert not is_refusal(DatabaseRefused("a.db", "no"))
    for error in (DatabaseFull("a", "b"), DatabaseReadOnly("a", "b"), DatabaseUnreachable("a", "b")):
        assert is_refusal(error)


def test_a_full_disk_is_recognised_in_an_error_of_sqlite(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "a.db") as db, pytest.raises(sqlite3.OperationalError) as caught:
        db.execute("PRAGMA max_page_count = 2")
        db.execute("CREATE TABLE a (b)")
        db.execute("CREATE TABLE c (d)")
    db.close()

    assert is_full(caught.value)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to mount a small file system")
def test_a_full_disk_with_free_inodes_accepts_no_files(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "size=1m") as disk:
        before = refusal_of(disk)
        with (disk / "filler").open("ab", buffering=0) as file, pytest.raises(OSError, match="No space left"):
            while True:
                file.write(bytes(4096))
        full = refusal_of(disk)
        (disk / "filler").unlink()
        after = refusal_of(disk)
        with read_only(disk):
            unwritable = refusal_of(disk)

    assert (before, after) == (None, None)
    assert meaning_of(full) is Meaning.FULL
    assert meaning_of(unwritable) is Meaning.READ_ONLY


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to mount a file system")
def test_a_full_ext4_with_free_inodes_accepts_no_files(tmp_path: Path) -> None:
    with ext4_disk(tmp_path / "disk", tmp_path / "image") as disk:
        empty = refusal_of(disk)
        with (disk / "filler").open("ab", buffering=0) as file, pytest.raises(OSError, match="No space left"):
            while True:
                file.write(bytes(4096))
        full = refusal_of(disk)

    assert empty is None
    assert meaning_of(full) is Meaning.FULL


def test_a_process_that_may_open_no_more_files_knows_it(tmp_path: Path) -> None:
    before = no_more_files()
    with no_descriptors():
        during = no_more_files()
        refused = refusal_of(tmp_path)

    assert (before, meaning_of(during), meaning_of(refused)) == (None, Meaning.NO_FILES, Meaning.NO_FILES)


def asked_elsewhere(text: str) -> list[str]:
    """Return the lines that judge an error by its number."""
    return [line.strip() for line in text.splitlines() if re.search(r"\w\.errno\b(?! = )", line)]


def test_no_other_module_judges_an_error_by_its_number() -> None:
    found = {}
    for package in ("archive", "config", "crawler", "extractor", "pressmark", "scheduler"):
        for file in (ROOT / package).rglob("*.py"):
            name = file.relative_to(ROOT).as_posix()
            lines = asked_elsewhere(file.read_text())
            if name != "archive/values/os_errors.py" and lines:
                found[name] = " ".join(lines)

    assert found.keys() == OF_ONE_FILE.keys()
    assert all(part in found[name] for name, part in OF_ONE_FILE.items())


def test_a_module_that_judges_by_number_is_found() -> None:
    assert asked_elsewhere("if error.errno in (errno.ENOSPC,):\n    pass") == ["if error.errno in (errno.ENOSPC,):"]
    assert asked_elsewhere("raise OSError(errno.ENOSPC, '')") == []
