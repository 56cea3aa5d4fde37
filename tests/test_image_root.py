"""The file system of the image: what deploy/root.py takes from a Debian, with licences, and no programs but Python."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
IMAGE: dict[str, Any] = runpy.run_path(str(ROOT / "deploy" / "root.py"))
PYTHON = IMAGE["_PYTHON"]


@pytest.mark.parametrize(
    "path",
    [
        "/usr/lib/x86_64-linux-gnu/libc.so.6",
        "/usr/share/doc",
        "/usr/share/doc/libc6",
        "/usr/share/doc/libc6/copyright",
        "/usr/share/common-licenses/GPL-3",
        "/usr/share/zoneinfo/Europe/Berlin",
        "/usr/bin/python3",
        f"/usr/bin/{PYTHON}",
        f"/usr/lib/{PYTHON}/json/decoder.py",
        f"/usr/lib/{PYTHON}/lib-dynload/_ssl.cpython-313-x86_64-linux-gnu.so",
        "/etc/os-release",
    ],
)
def test_libraries_licences_and_python_are_in_the_image(path: str) -> None:
    assert IMAGE["is_kept"](path)


@pytest.mark.parametrize(
    "path",
    [
        "/usr/bin/openssl",
        "/usr/sbin/ldconfig",
        "/usr/bin/py3compile",
        "/usr/share/doc/libc6/changelog.gz",
        "/usr/share/doc/ca-certificates/examples/local/debian/copyright",
        "/usr/share/man/man1/python3.1.gz",
        "/usr/lib/x86_64-linux-gnu/gconv/IBM037.so",
        f"/usr/lib/{PYTHON}/lib-dynload/_testcapi.cpython-313-x86_64-linux-gnu.so",
    ],
)
def test_programs_and_manuals_are_not(path: str) -> None:
    assert not IMAGE["is_kept"](path)


def test_files_links_and_directories_are_copied_with_their_modes(tmp_path: Path) -> None:
    there, root = tmp_path / "there", tmp_path / "root"
    there.mkdir(mode=0o750)
    (there / "file").write_text("text")
    (there / "file").chmod(0o640)
    (there / "link").symlink_to("file")
    made = root / there.relative_to("/")
    made.parent.mkdir(parents=True)

    for path in (there, there / "file", there / "link", there / "link", there / "not-there"):
        IMAGE["copy"](path, root)

    assert (made.stat().st_mode & 0o777, (made / "file").stat().st_mode & 0o777) == (0o750, 0o640)
    assert (made / "link").readlink() == Path("file")
    assert (made / "file").read_text() == "text"
    assert not (made / "not-there").exists()
