"""A foreign module with the name of one of our packages is reported at once, with the way out."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pressmark.service.package_names import NAMES, ForeignPackage

STRANGER = "raise SystemExit('a module of a stranger was imported')\n"
VERSION = ("-P", "-m", "pressmark", "--version")


def python(*arguments: str, directory: Path, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run Python in a directory, with one more on PYTHONPATH."""
    ours = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment = ours | ({"PYTHONPATH": str(path)} if path else {})
    return subprocess.run(
        [sys.executable, *arguments], cwd=directory, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_foreign_module_on_the_path_is_named_with_the_way_out(tmp_path: Path, name: str) -> None:
    stranger = tmp_path / "theirs" / f"{name}.py"
    stranger.parent.mkdir()
    stranger.write_text(STRANGER)

    ended = python(*VERSION, directory=tmp_path, path=stranger.parent)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == (
        f"error: Python finds {name!r} in {stranger}, but Pressmark needs its own package of this name; "
        f"remove {stranger.parent} from PYTHONPATH\n"
    )


def test_a_module_without_one_of_our_names_does_not_interfere(tmp_path: Path) -> None:
    (tmp_path / "settings.py").write_text(STRANGER)

    ended = python(*VERSION, directory=tmp_path, path=tmp_path)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("pressmark ")


@pytest.mark.parametrize("file", ["config.py", "crawler/__init__.py", "archive/notes.txt"])
def test_modules_packages_and_directories_of_the_working_directory_are_named(tmp_path: Path, file: str) -> None:
    stranger = tmp_path / file
    stranger.parent.mkdir(exist_ok=True)
    stranger.write_text(STRANGER)

    ended = python("-m", "pressmark", "--version", directory=tmp_path)

    found = stranger.parent if file.endswith(".txt") else stranger
    assert ended.returncode == 1
    assert f" in {found}, but" in ended.stderr
    assert ended.stderr.endswith(f"; rename it, or start from another directory than {tmp_path}\n")


def test_the_way_out_of_a_package_installed_beside_ours_is_a_separate_environment(tmp_path: Path) -> None:
    error = ForeignPackage("config", tmp_path / "site-packages" / "config.py")

    assert str(error).endswith("; install Pressmark in an environment of its own (python3 -m venv)")


def test_the_add_on_reports_a_module_of_that_name_in_a_scrapy_project(tmp_path: Path) -> None:
    (tmp_path / "config.py").write_text("SETTINGS = {}\n")
    code = "import config, sys\ntry:\n    import pressmark.addon\nexcept ImportError as error:\n    print(error)\n"

    ended = python("-c", code, directory=tmp_path)

    assert ended.stdout.startswith(f"Python finds 'config' in {tmp_path / 'config.py'}, but Pressmark needs its own")
