"""Other programs in environments of their own: run as processes, never imported."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
import tarfile
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha512
from importlib.metadata import distributions
from pathlib import Path


class NotInstalled(Exception):
    """It could not be installed."""


def environment(directory: Path, *pins: str, python: str = sys.executable) -> Path:
    """Return the `bin` of an environment under `directory` with these packages, made once for all processes.

    `python` is the program that it is made with. Raises NotInstalled.
    """
    programs = directory / "venv" / "bin"
    _once(directory, repr((python, *pins)), lambda: _install(directory / "venv", pins, python))
    return programs


def node_packages(directory: Path, *pins: str, scripts: bool = True) -> Path:
    """Return a directory with these npm packages in its `node_modules`, made once for all processes.

    `scripts` is whether packages may run theirs when they are installed. Raises NotInstalled.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise NotInstalled("there is no npm")
    target = directory / "npm"
    install = [npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(target), *pins]
    if not scripts:
        install.append("--ignore-scripts")
    _once(directory, repr(pins), lambda: _run(install, pins))
    return target


def node_package(directory: Path, pin: str, integrity: str) -> Path:
    """Fetch the files of one npm package, without its dependencies, once for all processes.

    `integrity` is the SHA-512 of its archive in base64, as npm has it. Raises NotInstalled when there is no npm or the
    package cannot be fetched, and ValueError when it is another one.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise NotInstalled("npm is not installed: as root, make test installs Debian's package")
    target = directory / "npm"
    _once(directory, repr((pin, integrity)), lambda: _fetch(npm, target, pin, integrity))
    return target / "package"


def _fetch(npm: str, target: Path, pin: str, integrity: str) -> None:
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    _run([npm, "pack", "--silent", "--pack-destination", str(target), pin], (pin,))
    [packed] = target.glob("*.tgz")
    found = b64encode(sha512(packed.read_bytes()).digest()).decode()
    if found != integrity:
        raise ValueError(f"the SHA-512 of {pin} is {found}, not {integrity}")
    with tarfile.open(packed) as archive:
        archive.extractall(target, filter="data")


def _once(directory: Path, wanted: str, make: Callable[[], None]) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    ready = directory / "ready"
    with (directory / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists() or ready.read_text() != wanted:
            make()
            ready.write_text(wanted)


def _install(target: Path, pins: tuple[str, ...], python: str) -> None:
    """Install with the pip of these tests if possible: installing another pip takes longer than most packages."""
    ours = python == sys.executable and any(distributions(name="pip"))
    _run([python, "-m", "venv", "--clear", *(["--without-pip"] if ours else []), str(target)], pins)
    made = str(target / "bin" / "python")
    pip = [sys.executable, "-m", "pip", "--python", made] if ours else [made, "-m", "pip"]
    _run([*pip, "install", "--quiet", "--retries", "1", *pins], pins)


def _run(command: list[str], pins: tuple[str, ...]) -> None:
    wanted = ", ".join(pins)
    try:
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, timeout=600, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired as late:
        raise NotInstalled(f"{wanted} can't be installed within {late.timeout} seconds") from late
    if done.returncode:
        raise NotInstalled(f"{wanted} can't be installed: {done.stderr.strip()[-300:]}")
