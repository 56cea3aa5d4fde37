"""Images and containers without any registry of images: podman with runc, on a Debian that debootstrap made."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BASE = "localhost/debian:trixie-slim"

needs_podman = pytest.mark.skipif(
    os.geteuid() != 0 or not all(map(shutil.which, ["podman", "runc", "debootstrap"])),
    reason="needs root, podman, runc and debootstrap",
)


@dataclass(frozen=True)
class Podman:
    """Podman with a storage of its own."""

    directory: Path

    def run(self, *arguments: str | Path, code: int | None = 0, given: bytes | None = None) -> str:
        """Run a command of podman; what it said."""
        done = subprocess.run(self.command(*arguments), input=given, capture_output=True, check=False, timeout=3_600)
        said = done.stdout.decode()
        assert code in (None, done.returncode), f"{arguments[0]}:\n{said[-3_000:]}\n{done.stderr.decode()[-3_000:]}"
        return said.strip()

    def build(self, source: Path, tag: str, *others: str) -> None:
        """Build the image of a source tree again, with the package clients as they are set up here."""
        options: list[str | Path] = ["--network", "host", "--isolation", "chroot", "--no-cache", "--timestamp", "0"]
        options += [*_limits(), *self._clients(), "--build-arg", f"BASE={BASE}", "-t", f"localhost/{tag}", *others]
        self.run("build", *options, "-f", source / "Dockerfile", source)

    def size(self, tag: str) -> int:
        """Return the bytes of all layers of an image."""
        return int(json.loads(self.run("image", "inspect", f"localhost/{tag}"))[0]["Size"])

    def layers(self, tag: str) -> list[str]:
        """The digests of the layers of an image."""
        found = json.loads(self.run("image", "inspect", f"localhost/{tag}"))[0]["RootFS"]["Layers"]
        return [str(digest) for digest in found]

    def logs(self, name: str) -> str:
        """Return what a container has written so far."""
        done = subprocess.run(self.command("logs", name), capture_output=True, check=False, text=True, timeout=600)
        return done.stdout + done.stderr

    def command(self, *arguments: str | Path) -> list[str | Path]:
        """Return a command of podman, with the options of this storage."""
        images, run = self.directory / "images", self.directory / "run"
        ours: list[str | Path] = ["--storage-driver", "overlay", "--root", images, "--runroot", run]
        return ["podman", "--runtime", "runc", "--cgroup-manager", "cgroupfs", *ours, *arguments]

    def _clients(self) -> Iterator[str]:
        for name, value in os.environ.items():
            if name == "PIP_CERT":  # its place is written to by a package of the image
                shutil.copy(value, self.directory / "ca.pem")
                yield from ("--env", "PIP_CERT=/run/ca.pem", "--volume", f"{self.directory}/ca.pem:/run/ca.pem:ro")
            elif name.startswith("PIP_"):
                yield from ("--env", f"{name}={value}")
                if Path(value).is_dir():
                    yield from ("--volume", f"{value}:{value}:ro")
        for path in ("/etc/pip.conf", "/etc/apt/apt.conf.d"):
            if Path(path).exists():
                yield from ("--volume", f"{path}:{path}:ro")


def _limits() -> list[str]:
    """Those of this process: a container can't have more."""
    kinds = {"nofile": resource.RLIMIT_NOFILE, "nproc": resource.RLIMIT_NPROC}
    hard = {name: resource.getrlimit(kind)[1] for name, kind in kinds.items()}
    return [f"--ulimit={name}={most}:{most}" for name, most in hard.items()]


def copied(to: Path) -> None:
    """Copy what an image is built from: the files that git knows, as they are now."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file() and not name.startswith(("tests/", "docs/", "benchmarks/")):
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, to / name)


@contextmanager
def podman(directory: Path) -> Iterator[Podman]:
    """Podman, with a Debian as small as can be for a base."""
    made = Podman(directory)
    base = directory / "base"
    subprocess.run(["debootstrap", "--variant=minbase", "trixie", str(base)], check=True, capture_output=True)
    archive = subprocess.run(["tar", "-C", str(base), "-c", "."], check=True, capture_output=True).stdout
    made.run("import", "-", BASE, given=archive)
    shutil.rmtree(base)
    try:
        yield made
    finally:
        made.run("rm", "--all", "--force", code=None)
        made.run("rmi", "--all", "--force", code=None)


RESTRICTED = ("--network", "host", "--read-only", "--cap-drop=all", "--security-opt=no-new-privileges", *_limits())
"""Options of a container that may do as little as our documentation says."""
