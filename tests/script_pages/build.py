"""Build the applications with npm and Vite, once for each version of their sources, in a cache outside of the tree."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

SOURCES = Path(__file__).parent / "app"
_SECONDS = 900


class NotBuilt(Exception):
    """The applications can't be built here: no npm, or no packages."""


def built() -> Path:
    """Return the directory of the built applications. Raises NotBuilt."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "pressmark-script-pages" / _version()
    if (cache / "dist").is_dir():
        return cache / "dist"
    if shutil.which("npm") is None:
        raise NotBuilt("npm is not installed (apt-get install npm)")
    shutil.rmtree(cache, ignore_errors=True)
    shutil.copytree(SOURCES, cache)
    _run(cache, "npm", "install", "--ignore-scripts", "--no-audit", "--no-fund")
    _run(cache, "npx", "--no-install", "vite", "build", "--outDir", "made", "--logLevel", "warn")
    docsify = next((cache / "node_modules" / "docsify").glob("**/docsify.min.js"))
    shutil.copy(docsify, cache / "made" / "assets" / "docsify.js")
    (cache / "made").rename(cache / "dist")
    return cache / "dist"


def _run(directory: Path, *command: str) -> None:
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False, timeout=_SECONDS)
    if done.returncode:
        raise NotBuilt(f"{' '.join(command)} ended with {done.returncode}: {done.stderr[-500:]}")


def _version() -> str:
    digest = hashlib.sha256()
    for file in sorted(filter(Path.is_file, SOURCES.rglob("*"))):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]
