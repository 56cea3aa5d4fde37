"""What deploy/slim.py removes from the image is needed by no process, and what it keeps is a whole program."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pytest
from conftest import FORM

ROOT = Path(__file__).parents[1]
SLIM: dict[str, Any] = runpy.run_path(str(ROOT / "deploy" / "slim.py"))
UNNEEDED: tuple[Callable[[Path], Iterator[Path]], ...] = SLIM["UNNEEDED"]

LOADS = """
import sys
gone = tuple(sys.argv[2].split(","))
def denied(event, given):
    if event == "open" and str(given[0]).replace("__pycache__/", "").partition(".cpython-")[0].startswith(gone):
        raise SystemExit(f"{given[0]} is loaded")
for at in (*gone, sys.argv[1]):
    assert at.startswith("/"), at
sys.addaudithook(denied)
import runpy
list(runpy.run_path(sys.argv[1])["loaded"]())
from pathlib import Path
from tempfile import TemporaryDirectory
from archive.store.s3 import S3Settings
from archive.store import open_store
from config.settings import Settings
from pressmark.service.assembly import open_pressmark
with TemporaryDirectory() as home, open_pressmark(Settings(home=Path(home))) as service:
    list(service.archive.captures("http://a.example/"))
store = open_store(S3Settings(bucket="b", endpoint="http://127.0.0.1:9", access_key="a", secret_key="b", region="r"))
try:
    store.size("key")
except Exception as error:
    assert "127.0.0.1:9" in str(error), error
print("loaded", len(sys.modules))
"""


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What requirements.lock names, as links to the files of this environment."""
    wanted = {name.lower().replace("_", "-") for name in re.findall(r"^([\w.-]+)==", lock(), re.MULTILINE)}
    made = tmp_path_factory.mktemp("slim") / "packages"
    for one in distributions():
        if re.sub(r"[-_.]+", "-", one.metadata["Name"]).lower() in wanted:
            link(one.files or [], made)
    return made


def lock() -> str:
    return (ROOT / "requirements.lock").read_text()


def link(files: Any, made: Path) -> None:
    for file in files:
        there = Path(str(file.locate()))
        if there.suffix != ".pyc" and ".." not in file.parts and there.exists():
            new = made / file
            new.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(there, new)
            except OSError:  # another file system
                shutil.copy(there, new)


def loads(gone: list[str]) -> str:
    """Load all that is ours, open a home and a bucket; return what is said where one of these files is opened."""
    command = [sys.executable, "-c", LOADS, str(ROOT / "deploy" / "slim.py"), ",".join(gone)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


def installed(found: Path, packages: Path) -> str:
    """Return the place of a file in this environment, without the ending of a module."""
    [site] = {one for one in sys.path if one.endswith("site-packages")}
    there = str(Path(site) / found.relative_to(packages))
    return there.removesuffix(".py") + ("." if there.endswith(".py") else "/" if found.is_dir() else "")


@pytest.mark.parametrize("rule", UNNEEDED, ids=lambda rule: rule.__name__)
def test_each_rule_finds_something_that_is_there(packages: Path, rule: Callable[[Path], Iterator[Path]]) -> None:
    found = [path for path in rule(packages) if path.exists()]

    assert sum(map(SLIM["size_of"], found)) > 500_000


@pytest.mark.costly
def test_nothing_that_is_removed_is_loaded(packages: Path) -> None:
    gone = [installed(path, packages) for rule in UNNEEDED for path in rule(packages) if path.exists()]

    assert loads(gone).startswith("loaded ")
    assert loads([*gone, installed(packages / "sqlalchemy" / "sql", packages)]).endswith("is loaded")
    assert "s3/" in loads([installed(packages / "botocore" / "data" / "s3", packages)])


def test_what_is_removed_is_gone_and_a_library_keeps_its_licence(packages: Path, tmp_path: Path) -> None:
    made = tmp_path / "packages"
    shutil.copytree(packages / "twisted", made / "twisted", copy_function=os.link)
    shutil.copytree(packages / "botocore", made / "botocore", copy_function=os.link)
    licence = made / "some-1.dist-info" / "licenses" / "LICENSE"
    licence.parent.mkdir(parents=True)
    licence.write_text("MIT")

    freed = dict(SLIM["remove"](made))

    assert freed["tests"] > 5_000_000
    assert freed["interfaces_of_aws"] > 10_000_000
    assert not (made / "twisted" / "test").exists()
    assert not (made / "botocore" / "data" / "ec2").exists()
    assert (made / "botocore" / "data" / "s3").is_dir()
    assert (packages / "twisted" / "test").is_dir()
    assert licence.exists()


def test_modules_with_shared_libraries_of_their_own_are_not_stripped(packages: Path) -> None:
    stripped = {file.relative_to(packages).parts[0].partition(".")[0] for file in SLIM["extensions"](packages)}

    assert {"uvloop", "zstandard"} <= stripped
    assert "numpy" not in stripped


@pytest.mark.slow
@pytest.mark.skipif(FORM == "sample", reason="makes an environment and runs the demo: make test-faults")
def test_the_demo_runs_in_a_slim_environment(packages: Path, tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    [site] = environment.glob("lib/python3.*/site-packages")
    shutil.copytree(packages, site, copy_function=os.link, dirs_exist_ok=True)
    for name in SLIM["OURS"]:
        shutil.copytree(ROOT / name, site / name, ignore=shutil.ignore_patterns("__pycache__"))
    told_of = site / "pressmark-0.dist-info"  # what a wheel says of itself: WARC files name the version
    told_of.mkdir()
    (told_of / "METADATA").write_text("Metadata-Version: 2.1\nName: pressmark\nVersion: 0\n")
    before = SLIM["size_of"](site)
    python, slim = str(environment / "bin" / "python"), str(ROOT / "deploy" / "slim.py")
    for arguments in ([slim, str(site)], [slim, "--compile", str(site)]):
        print(subprocess.run([python, *arguments], cwd="/", check=True, capture_output=True, text=True).stdout)
    print(f"{before / 1e6:.0f} MB without bytecode; slim: {SLIM['size_of'](site) / 1e6:.0f} MB with it")

    told = subprocess.run(
        [python, "-m", "web_of_tests.demo"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "tests"), "ONCE": "1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    assert told.returncode == 0, told.stderr
    assert SLIM["size_of"](site) < 0.85 * before
