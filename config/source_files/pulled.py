"""Which texts a directory of copies was given by `source pull`, in a hidden file beside them.

So `source apply` can tell a text that others wrote since from the one that the copy was made of.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path

from config.errors import ConfigError, Problem
from config.files.atomic_write import write_text

NAME = ".pulled.json"


def read_pulled(directory: Path) -> dict[str, str] | None:
    """Return the SHA-256 of the text that each copy had last in common with its home, by the names of the files.

    None if nothing was ever pulled into the directory. Raises ConfigError if the file is damaged.
    """
    file = directory / NAME
    try:
        found = json.loads(file.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        found = None
    if not isinstance(found, dict) or not all(isinstance(digest, str) for digest in found.values()):
        told = "the file can't be read, so nobody knows which texts these copies were made of"
        raise ConfigError(Problem(told, suggestion="delete it, then run 'pressmark source pull' again", file=file))
    return found


def note_pulled(directory: Path, digests: Mapping[str, str], *, without: Collection[str] = ()) -> None:
    """Note the texts of copies, and forget some; those of other copies stay.

    Raises OSError, and ConfigError as `read_pulled` does.
    """
    known = {file: digest for file, digest in (read_pulled(directory) or {}).items() if file not in without}
    write_text(directory / NAME, json.dumps(known | dict(digests), indent=1, sort_keys=True) + "\n", mode=0o644)
