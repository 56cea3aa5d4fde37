"""Build the applications with npm, once for each version of their sources, in a cache outside of the tree."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

SOURCES, NEXT = Path(__file__).parent / "app", Path(__file__).parent / "next"
_SECONDS = 900


class NotBuilt(Exception):
    """The applications can't be built here: no npm, or no packages."""


def built() -> Path:
    """Return the directory of the applications that Vite builds. Raises NotBuilt."""
    cache = _cache(SOURCES)
    if (cache / "dist").is_dir():
        return cache / "dist"
    _install(SOURCES, cache)
    _run(cache, "npx", "--no-install", "vite", "build", "--outDir", "made", "--logLevel", "warn")
    docsify = next((cache / "node_modules" / "docsify").glob("**/docsify.min.js"))
    shutil.copy(docsify, cache / "made" / "assets" / "docsify.js")
    (cache / "made").rename(cache / "dist")
    return cache / "dist"


def built_by_next() -> Path:
    """Return the directory of the static site that Next builds. Raises NotBuilt."""
    cache = _cache(NEXT)
    if not (cache / "dist").is_dir():
        _install(NEXT, cache)
        _run(cache, "npx", "--no-install", "next", "build")
        (cache / "out").rename(cache / "dist")
    return cache / "dist"


def _cache(sources: Path) -> Path:
    home = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    return home / "pressmark-script-pages" / _version(sources)


def _install(sources: Path, cache: Path) -> None:
    if shutil.which("npm") is None:
        raise NotBuilt("npm is not installed (apt-get install npm)")
    shutil.rmtree(cache, ignore_errors=True)
    shutil.copytree(sources, cache)
    _run(cache, "npm", "install", "--ignore-scripts", "--no-audit", "--no-fund")


def _run(directory: Path, *command: str) -> None:
    environment = {**os.environ, "NEXT_TELEMETRY_DISABLED": "1"}
    done = subprocess.run(
        command, cwd=directory, capture_output=True, text=True, check=False, timeout=_SECONDS, env=environment
    )
    if done.returncode:
        raise NotBuilt(f"{' '.join(command)} ended with {done.returncode}: {done.stderr[-500:]}")


def _version(sources: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(filter(Path.is_file, sources.rglob("*"))):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]
