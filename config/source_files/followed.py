"""Which version of each source file this machine has followed, in a file beside them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from config.files.atomic_write import write_text


class Followed:
    """The numbers of versions by the names of files. A file that is lost or damaged counts as empty."""

    def __init__(self, directory: Path) -> None:
        self._file = directory / ".good" / "followed.json"
        self._known = self._read()

    def get(self, name: str) -> int | None:
        """Return the number of the last version of a file that this machine followed; None without any."""
        self._learn()
        return self._known.get(name)

    def note(self, numbers: Mapping[str, int]) -> None:
        """Remember versions that the files follow now. It causes no error: without space nothing is remembered."""
        if not numbers.items() - self._known.items():
            return
        self._known |= numbers
        self._learn()
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write_text(self._file, json.dumps(self._known, sort_keys=True))

    def _learn(self) -> None:
        """Take over what other processes of this machine have noted."""
        self._known |= {name: number for name, number in self._read().items() if number > self._known.get(name, 0)}

    def _read(self) -> dict[str, int]:
        try:
            found = json.loads(self._file.read_bytes())
        except (OSError, ValueError):
            return {}
        pairs = found.items() if isinstance(found, dict) else ()
        return {name: number for name, number in pairs if isinstance(number, int)}
