"""The image: the same source gives the same bytes, it holds what is locked, and a container of it stops in order."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import FORM, figure
from crawling.site import Asked, Reply, html, serving
from packaging.markers import Marker
from services.podman import RESTRICTED, Podman, copied, needs_podman, podman
from services.waiting import eventually

ROOT = Path(__file__).parents[2]
STOPS = figure(1, 20, 20)
SOURCE = """
source: site
seeds: ["{url}/"]
walk: site
politeness: {{delay: 0s, concurrency: 2, robots: ignore}}
addresses: [127.0.0.0/8]
timetable: {{every: 1h}}
"""
INSTALLED = """
import importlib.metadata, json
print(json.dumps({one.metadata["Name"]: one.version for one in importlib.metadata.distributions()}))
"""
CONTAINER = ROOT / "docs" / "operations" / "container.md"
MOST_BYTES = 250_000_000
PACKAGES = """
import json, pathlib
print(json.dumps({one.name: pathlib.Path("/usr/share/doc", one.name, "copyright").exists()
                  for one in pathlib.Path("/var/lib/dpkg/status.d").iterdir()}))
"""
LOADED = """
import importlib, pkgutil
def tried(name):
    try:
        importlib.import_module(name)
    except ImportError as error:
        yield error.name, name
names = [module.name for package in ("config", "extractor", "archive", "crawler", "scheduler", "pressmark")
         for module in pkgutil.walk_packages(importlib.import_module(package).__path__, package + ".")
         if ".migrations" not in module.name and not module.name.endswith("__main__")]
names += ["rensa", "rapidfuzz.distance", "resiliparse.parse.lang", "cchardet", "py3langid", "psycopg", "uvloop"]
extras = {"apprise", "httpx2", "mcp", "yt_dlp", "pyarrow", ""}
print([(lacks, name) for one in names for lacks, name in tried(one)
       if (lacks or "").partition(".")[0] not in extras])
"""
_PIN = re.compile(r"^([\w.-]+)==([\w.!+]+)(?: ; (.*?))?(?: \\)?$", re.MULTILINE)

pytestmark = [
    pytest.mark.system,
    pytest.mark.slow,
    needs_podman,
    pytest.mark.skipif(FORM == "sample", reason="an image takes minutes to build: make test-faults"),
    pytest.mark.timeout(7_200),
]


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Podman]:
    """Podman with two images of the same source, each built from nothing: `one` and `two`."""
    directory = tmp_path_factory.mktemp("images")
    with podman(directory) as made:
        copied(directory / "one")
        shutil.copytree(directory / "one", directory / "two")
        for tag in ("one", "two"):
            made.build(directory / tag, f"pressmark:{tag}")
        made.build(directory / "one", "pressmark-debian", "--target", "debian")
        yield made


def test_an_image_that_is_built_twice_is_the_same_in_every_byte(images: Podman) -> None:
    assert images.layers("pressmark:one") == images.layers("pressmark:two")


def test_an_image_of_another_source_is_reported(images: Podman) -> None:
    changed = images.directory / "changed"
    changed.mkdir()
    (changed / "Dockerfile").write_text("FROM localhost/pressmark:one\nCOPY Dockerfile /opt/changed\n")
    images.build(changed, "pressmark:changed")

    assert images.layers("pressmark:one") != images.layers("pressmark:changed")


def locked(python: str) -> dict[str, str]:
    """What the locks want on Linux: what runs, and the driver of PostgreSQL."""
    there = {"python_full_version": python, "python_version": python.rpartition(".")[0], "sys_platform": "linux"}
    pins = _PIN.findall((ROOT / "requirements.lock").read_text())
    pins += [pin for pin in _PIN.findall((ROOT / "requirements-dev.lock").read_text()) if pin[0].startswith("psycopg")]
    there |= {"implementation_name": "cpython", "platform_python_implementation": "CPython", "os_name": "posix"}
    return {name: version for name, version, marker in pins if not marker or Marker(marker).evaluate(there)}


def not_as_locked(installed: dict[str, str], python: str) -> set[str]:
    """The packages that are installed and not locked so, and the reverse."""
    named = {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in installed.items()}
    wanted = locked(python).items()
    ours = {"pressmark", "pip", "setuptools"}
    return {name for name, _ in named.items() ^ wanted if name not in ours}


def test_an_image_holds_what_is_locked_and_nothing_else(images: Podman) -> None:
    run = ("run", "--rm", *RESTRICTED, "--entrypoint", "python3", "localhost/pressmark:one", "-c")
    installed = json.loads(images.run(*run, INSTALLED))
    python = images.run(*run, "import platform; print(platform.python_version())")
    assert not_as_locked(installed, python) == set()

    assert not_as_locked(installed | {"left-pad": "1.0"}, python) == {"left-pad"}
    assert not_as_locked(installed | {"Scrapy": "1.0"}, python) == {"scrapy"}


def test_an_image_takes_at_most_250_megabytes_with_all_that_it_has_of_debian(images: Podman) -> None:
    size = images.size("pressmark:one")
    assert size <= MOST_BYTES

    [said] = re.findall(r"^\| `pressmark` \(default\) \|.*\| (\d+) MB \|$", CONTAINER.read_text("utf-8"), re.MULTILINE)
    assert abs(size / 1e6 - int(said)) < 3, f"docs/operations/container.md says {said} MB"


def test_an_image_has_no_shell_and_a_licence_for_each_package_of_debian(images: Podman) -> None:
    run = ("run", "--rm", *RESTRICTED, "--entrypoint")
    for program in ("sh", "bash", "apt-get", "dpkg", "perl"):
        images.run(*run, program, "localhost/pressmark:one", "--version", code=127)
    found = json.loads(images.run(*run, "python3", "localhost/pressmark:one", "-c", PACKAGES))

    assert {"libc6", "libssl3t64", "ca-certificates"} <= found.keys()
    assert all(found.values()), found


def test_all_that_is_ours_can_be_loaded_in_an_image(images: Podman) -> None:
    run = ("run", "--rm", *RESTRICTED, "--tmpfs", "/tmp", "--entrypoint", "python3", "localhost/pressmark:one", "-c")
    assert images.run(*run, LOADED) == "[]"
    assert "left_pad" in images.run(*run, LOADED.replace('"rensa"', '"left_pad"'))


def test_an_image_with_a_library_more_is_made_from_the_one_on_a_whole_debian(images: Podman) -> None:
    more = images.directory / "more"
    more.mkdir()
    [recipe] = re.findall(r"```\n(FROM pressmark-debian\n.*?)```", CONTAINER.read_text("utf-8"), re.DOTALL)
    (more / "Dockerfile").write_text(recipe.replace("FROM ", "FROM localhost/"))
    images.build(more, "pressmark:more")

    run = ("run", "--rm", *RESTRICTED, "--tmpfs", "/tmp", "--entrypoint", "python3", "localhost/pressmark:more", "-c")
    assert images.run(*run, "import pyarrow; print(len(pyarrow.array([1])))") == "1"
    assert images.run("run", "--rm", *RESTRICTED, "localhost/pressmark:more", "--version")
    assert images.size("pressmark-debian") > MOST_BYTES  # the control of the size above


def scanned(images: Podman, tag: str, *options: str) -> tuple[int, str]:
    """Have `make scan` look at an image; its exit code and what it said."""
    engine = shlex.join(map(str, images.command()))
    command = [sys.executable, ROOT / "deploy" / "scan.py", "--engine", engine, "--image", f"localhost/{tag}", *options]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=1_800)
    return done.returncode, done.stdout + done.stderr


def test_the_packages_of_an_image_are_compared_with_the_suites_of_debian(images: Podman) -> None:
    """With its controls: an old package, and an image that names no security suite. The base may be older than them."""
    suites = Path("/etc/apt/sources.list.d/debian.sources")
    if not suites.exists():
        pytest.skip("this machine has no file with the suites of Debian")
    code, said = scanned(images, "pressmark-debian", "--sources", str(suites))
    assert (
        f"Debian's suites were asked about the image localhost/pressmark-debian: {said.count('VULNERABLE: ')} " in said
    )
    assert code == (1 if "VULNERABLE: " in said else 0)

    old = images.directory / "old"
    old.mkdir()
    change = "sed -i '/^Package: libc-bin$/,/^$/ s/^Version: .*/Version: 2.0-1/' /var/lib/dpkg/status"
    (old / "Dockerfile").write_text(f"FROM localhost/pressmark-debian\nUSER 0\nRUN {change}\n")
    images.build(old, "pressmark:old")
    code, said = scanned(images, "pressmark:old", "--sources", str(suites))
    assert (code, "VULNERABLE: libc-bin 2.0-1 in the image" in said) == (1, True), said

    code, said = scanned(images, "pressmark-debian")
    assert code == 3, said
    assert "none of its sources is a security suite" in said
    assert "NOT LOOKED AT: the packages of the image localhost/pressmark-debian" in said


def page(asked: Asked) -> Reply:
    number = int(asked.path.strip("/") or 0)
    return Reply(body=html(*(f"/{n}" for n in range(number * 3 + 1, number * 3 + 4)), text="tide").body, after=0.1)


@contextmanager
def container(images: Podman, home: Path, url: str) -> Iterator[str]:
    """A container of our image that crawls; its name."""
    (home / "sources").mkdir(parents=True)
    (home / "sources" / "site.yaml").write_text(SOURCE.format(url=url))
    for path in (home, home / "sources", home / "sources" / "site.yaml"):
        os.chown(path, 1000, 1000)
    name = f"pressmark-{time.monotonic_ns()}"
    settings = {"HOST": "127.0.0.1", "PORT": 0, "SPOOL__BALLAST": "0B", "SPOOL__SEAL_AFTER": "1h"}
    settings |= {"ALLOW__ADDRESSES": '["127.0.0.0/8"]'}
    told = [part for key, value in settings.items() for part in ("--env", f"PRESSMARK_{key}={value}")]
    images.run("run", "-d", "--name", name, *RESTRICTED, "-v", f"{home}:/data", *told, "localhost/pressmark:one")
    at = eventually(lambda: listening(images, name))
    eventually(lambda: crawling(at, url))
    yield name


def listening(images: Podman, name: str) -> str | None:
    """Return the address of the service in a container, once its log says it."""
    assert images.run("inspect", name, "--format", "{{.State.Status}}") == "running", images.logs(name)
    found = re.search(r"Pressmark is at (\S+)\n", images.logs(name))
    return found[1] if found else None


def crawling(at: str, url: str) -> bool:
    """Request a run, and return whether something is archived."""
    try:
        with urllib.request.urlopen(f"{at}/api/v1/captures?url={url}&match=host") as answer:
            if json.loads(answer.read())["items"]:
                return True
        asked = urllib.request.Request(f"{at}/api/v1/sources/site/runs", method="POST")
        urllib.request.urlopen(asked).close()
    except OSError:
        pass
    return False


def left_behind(home: Path) -> list[str]:
    found = [file.name for file in (home / "spool").glob("*/open/*.open")]
    return found if list((home / "store").rglob("*.warc.gz")) else [*found, "nothing was shipped"]


def ended(images: Podman, name: str) -> int:
    return int(images.run("inspect", name, "--format", "{{.State.ExitCode}}"))


def test_a_container_that_is_stopped_seals_ships_and_ends_with_zero(images: Podman, tmp_path: Path) -> None:
    with serving() as site:
        site.otherwise = page
        for number in range(STOPS):
            home = tmp_path / str(number) / "home"
            with container(images, home, site.url) as name:
                began = time.monotonic()
                images.run("stop", "-t", "60", name)
                assert time.monotonic() - began < 30
                assert (ended(images, name), left_behind(home)) == (0, [])


def test_a_container_that_is_killed_leaves_something_behind(images: Podman, tmp_path: Path) -> None:
    with serving() as site:
        site.otherwise = page
        with container(images, tmp_path / "home", site.url) as name:
            images.run("kill", name)
            images.run("wait", name)
            assert ended(images, name) != 0
            assert left_behind(tmp_path / "home")
