"""Check that Python finds our own top-level packages, before one of them is imported.

Pressmark is an application, and its packages have common names. When a foreign module shadows one of them,
each import after that fails with an error that does not tell the cause.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

NAMES = ("config", "extractor", "archive", "crawler", "scheduler")
"""The packages besides `pressmark`, where this code itself was found."""
_OURS = Path(__file__).parents[2]


class ForeignPackage(ImportError):
    """Python finds a foreign module under the name of one of our packages."""

    def __init__(self, name: str, found: Path) -> None:
        super().__init__(
            f"Python finds {name!r} in {found}, but Pressmark needs its own package of this name; {_remedy(found)}"
        )


def check_package_names() -> None:
    """Check all of NAMES without importing them. Raises ForeignPackage for the first that is not ours."""
    for name in NAMES:
        found = _found(name)
        if found is not None and not _is_ours(name, found):
            raise ForeignPackage(name, found)


def _found(name: str) -> Path | None:
    """Return the file that a module was or would be imported from; the directory of a package without `__init__.py`."""
    spec = getattr(sys.modules[name], "__spec__", None) if name in sys.modules else importlib.util.find_spec(name)
    if spec is None:
        return None
    return Path(spec.origin or next(iter(spec.submodule_search_locations or ()), name))


def _is_ours(name: str, found: Path) -> bool:
    ours = _OURS / name / "__init__.py"
    return found == ours or (found.name == ours.name and ours.exists() and found.samefile(ours))


def _remedy(found: Path) -> str:
    directory = found.parent.parent if found.name == "__init__.py" else found.parent
    if directory in map(Path, os.environ.get("PYTHONPATH", "").split(os.pathsep)):
        return f"remove {directory} from PYTHONPATH"
    if directory == Path.cwd():
        return f"rename it, or start from another directory than {directory}"
    return "install Pressmark in an environment of its own (python3 -m venv)"
