"""Tell whether files are in the directory that names them, or links lead out of it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from config.errors import ConfigError, Problem


def check_inside(directory: Path, names: Iterable[str]) -> None:
    """Raise ConfigError for each file of a directory that is a link to a place outside it.

    Links within the directory are left alone: Kubernetes mounts files of a ConfigMap as such links.
    """
    root = directory.resolve()
    outside = [name for name in sorted(names) if not (root / name).resolve().is_relative_to(root)]
    if outside:
        hint = "put a copy of the file in its place"
        told = "the file is a link that leads out of the directory"
        raise ConfigError(*(Problem(told, suggestion=hint, file=directory / name) for name in outside))
