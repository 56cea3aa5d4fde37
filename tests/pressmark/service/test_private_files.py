from __future__ import annotations

import os
from pathlib import Path

from pressmark.service.private_files import files_of_user, open_to_others, private_files


def mode(file: Path) -> int:
    return file.stat().st_mode & 0o777


def test_files_are_private_inside_and_those_of_the_user_outside(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        with private_files():
            (tmp_path / "private").touch()
            (tmp_path / "directory").mkdir()
            with files_of_user():
                (tmp_path / "exported").touch()
        (tmp_path / "after").touch()
    finally:
        os.umask(before)

    modes = [mode(tmp_path / name) for name in ("private", "directory", "exported", "after")]
    assert modes == [0o600, 0o700, 0o644, 0o644]


def test_a_home_that_others_can_enter_is_named_with_what_to_do(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(0o700)
    (home / "pressmark.db").touch(0o644)
    assert open_to_others(home) == []  # nobody else gets there

    home.chmod(0o755)
    (home / "pressmark.db").chmod(0o644)
    (home / "sources").mkdir(0o700)
    assert open_to_others(home) == [
        f"others can enter {home} (mode 755); run chmod 700 {home}",
        f"others can read {home}/pressmark.db; run chmod -R go-rwx {home}",
    ]
