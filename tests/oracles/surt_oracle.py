"""The PyPI `surt`, AGPL, as a process in an environment of its own: asked, never imported."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from oracles.environment import environment

PINNED = "surt==0.3.1"
_PROGRAM = """
import json, sys
from surt import surt
def key(url):
    try:
        return surt(url)
    except ValueError as error:
        return f"!{error}"
json.dump([key(url) for url in json.load(sys.stdin)], sys.stdout)
"""


class SurtOracle:
    def __init__(self, directory: Path) -> None:
        """Make the environment under `directory`. Raises NotInstalled."""
        self._python = environment(directory, PINNED, "setuptools<81") / "python"

    def keys(self, urls: Sequence[str]) -> list[str]:
        answer = subprocess.run(
            [self._python, "-c", _PROGRAM], input=json.dumps(urls), text=True, capture_output=True, check=True
        )
        keys: list[str] = json.loads(answer.stdout)
        return keys
