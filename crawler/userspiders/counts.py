"""What the worker counted of a run so far, in a file: the run may be interrupted."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path


def read_counts(file: Path) -> Counter[str]:
    """The counts of earlier processes of the run; none when there is no such file, or it is torn."""
    try:
        return Counter(json.loads(file.read_text()))
    except (OSError, ValueError):
        return Counter()


def write_counts(file: Path, counts: Counter[str]) -> None:
    """Replace the file as a whole."""
    half = file.with_suffix(".part")
    half.write_text(json.dumps(dict(counts)))
    half.replace(file)
